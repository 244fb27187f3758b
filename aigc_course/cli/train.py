"""`aigc train`: every trained thing of the course, at any size; torchrun starts it as `-m aigc_course.cli train`.

A family is imported when it is asked for; to list them, their titles will do, and torch stays outside.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_course.recipes.catalogue import FAMILIES, family

ABOUT = """Usage: {program} NAME [OPTIONS]

Train any model of the course, at any size.

  {program} vae                       a minute or two on a laptop
  {program} gpt --data mybook.txt     on a text of your own
  {program} gpt --preset gpu          sizes for one large card
  {program} vae --preset course       the very net that comes with the course
  {program} gpt --help                the settings of a family

Everything is left in a folder. Ctrl-C stops and says how to go on; aigc report FOLDER draws the curves.
"""


def train(arguments: Sequence[str], program: str) -> None:
    """List the families, or train the one that is named first. Raises: CourseError."""
    name, *rest = arguments or ["--help"]
    if name in ("--help", "-h"):
        print(ABOUT.format(program=program))
        for one, row in FAMILIES.items():
            print(f"  {one:14} {row.title}")
        return
    found = family(name)
    from aigc_course.runs.command import run

    run(found, rest, f"{program} {name}")
