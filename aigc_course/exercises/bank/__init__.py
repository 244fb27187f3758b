"""The exercises, one file each: `gan-generator-loss` is EXERCISE in bank/gan_generator_loss.py."""

import re
from importlib import import_module
from pathlib import Path

from aigc_course.exercises.kinds import Exercise

# Every notebook has at least one exercise of each of these groups.
KINDS_ASKED = (("fill-in",), ("explain", "debug"), ("open",), ("predict",))


def names() -> list[str]:
    """The names of all exercises."""
    return sorted(path.stem.replace("_", "-") for path in Path(__file__).parent.glob("[a-z]*.py"))


def exercise(name: str) -> Exercise:
    """The exercise called `name`.

    Raises: KeyError if there is none.
    """
    if not re.fullmatch(r"[a-z0-9-]+", name) or name not in names():
        raise KeyError(name)
    return import_module(f"{__name__}.{name.replace('-', '_')}").EXERCISE
