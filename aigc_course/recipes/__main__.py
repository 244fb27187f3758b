"""`python -m aigc_course.recipes gpt …` is `aigc train gpt …`, in a form that torchrun starts in many processes."""

import os
import sys

from aigc_course.errors import CourseError
from aigc_course.language import print_anything
from aigc_course.runs.command import app

PROGRAM = "python -m aigc_course.recipes"


def main(arguments: list[str] | None = None) -> None:
    """Train; a CourseError becomes one sentence and exit status 1."""
    print_anything()
    program = PROGRAM.replace("python", "torchrun …") if "TORCHELASTIC_RUN_ID" in os.environ else PROGRAM
    try:
        app(arguments, prog_name=program)
    except CourseError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
