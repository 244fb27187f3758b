"""The exercises, in a folder for each lesson: CHAPTER/TOPIC, named like its notebook.

The code exercise `gan-generator-loss` is EXERCISE in the file gan_generator_loss.py of its lesson's folder; questions
without code stand together in the folder's questions.toml. A name exists once in the whole bank.
"""

import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from aigc_course.exercises.kinds import Exercise
from aigc_course.exercises.questions import read_questions

# Every notebook has at least one exercise of each of these groups.
KINDS_ASKED = (("fill-in",), ("explain", "debug"), ("open",), ("predict",))


def names() -> list[str]:
    """The names of all exercises."""
    return sorted(_places())


def lesson(name: str) -> str:
    """The lesson that holds the exercise `name`, such as "03_algorithms/01_gan". Raises: KeyError if there is none."""
    folder = _places()[name].parent
    return f"{folder.parent.name}/{folder.name}"


def exercise(name: str) -> Exercise:
    """The exercise called `name`. Of the bank's Python, only its own file is imported.

    Raises: KeyError if there is none; CourseError if its file of questions is malformed.
    """
    path = _places()[name]
    if path.suffix == ".toml":
        return read_questions(path)[name]
    return import_module(".".join([__name__, *lesson(name).split("/"), path.stem])).EXERCISE


@lru_cache
def _places() -> dict[str, Path]:
    """The file of each exercise, found without importing or parsing any."""
    places = []
    for folder in sorted(Path(__file__).parent.glob("[0-9]*/[0-9]*")):
        places += [(file.stem.replace("_", "-"), file) for file in sorted(folder.glob("[a-z]*.py"))]
        questions = folder / "questions.toml"
        if questions.exists():
            places += [(name, questions) for name in
                       re.findall(r"^\[([a-z0-9-]+)\]$", questions.read_text(encoding="utf-8"), re.MULTILINE)]
    found: dict[str, Path] = {}
    for name, path in places:
        if name in found:
            raise ValueError(f"The exercise {name} stands in {found[name]} and in {path}: rename one of them.")
        found[name] = path
    return found
