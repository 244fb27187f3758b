"""Every family that `aigc train` knows: name -> where its `Family` is, imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from aigc_course.errors import CourseError
from aigc_course.runs.job import Family

PLACES = {
    "gan": "gan:GAN",
    "dcgan": "gan:DCGAN",
    "vae": "vae:FAMILY",
    "classifier": "classifier:FAMILY",
    "lstm": "language_model:FAMILY",
    "seq2seq": "seq2seq:FAMILY",
    "transformer": "transformer:FAMILY",
    "translate": "translate:FAMILY",
    "gpt": "gpt:FAMILY",
    "bert": "bert:FAMILY",
}


def family(name: str) -> Family:
    """The family of this name. Raises: CourseError that names those there are."""
    if name not in PLACES:
        raise CourseError(f"There is no recipe {name!r}: choose one of {', '.join(PLACES)}.")
    module, attribute = PLACES[name].split(":")
    return getattr(import_module(f"aigc_course.recipes.{module}"), attribute)
