"""Which of the two languages the reader is reading."""

import os
import sys
from pathlib import PurePath

from aigc_course.errors import CourseError

LANGUAGES = ("zh", "en")


def language() -> str:
    """The reader's language, "zh" or "en".

    The environment variable AIGC_LANG decides; without it, the folder of the notebook (Jupyter tells its
    path in JPY_SESSION_NAME) or the working directory: the innermost path part named zh or en.  Without
    any of these it is "zh", the language the course is written in.

    Raises: CourseError when AIGC_LANG is set to another language.
    """
    asked = os.environ.get("AIGC_LANG", "").strip().lower()
    if asked:
        if asked not in LANGUAGES:
            raise CourseError(f"AIGC_LANG is {asked!r}; set it to zh or en, or remove it.")
        return asked
    for place in (os.environ.get("JPY_SESSION_NAME", ""), os.getcwd()):
        for part in reversed(PurePath(place).parts):
            if part in LANGUAGES:
                return part
    return "zh"


def print_anything() -> None:
    """From here on a character that the terminal's encoding lacks is printed as "?", and stops no command."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a notebook's and a test's streams take any character
            reconfigure(errors="replace")
