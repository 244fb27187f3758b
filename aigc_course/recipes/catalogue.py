"""Every family that `aigc train` knows: name -> where its `Family` is, imported only when it is asked for."""

from __future__ import annotations

from importlib import import_module

from aigc_course.errors import CourseError
from aigc_course.runs.job import Family

PLACES = {
    "gan": "images.gan:GAN",
    "dcgan": "images.gan:DCGAN",
    "vae": "images.vae:FAMILY",
    "classifier": "images.classifier:FAMILY",
    "lstm": "text.language_model:FAMILY",
    "seq2seq": "text.seq2seq:FAMILY",
    "transformer": "text.transformer:FAMILY",
    "translate": "text.translate:FAMILY",
    "gpt": "text.gpt:FAMILY",
    "bert": "text.bert:FAMILY",
}
TITLES = {
    "gan": "a GAN of perceptrons, on pictures or on points in the plane",
    "dcgan": "a convolutional GAN of grey pictures, conditional where they have classes",
    "vae": "a variational autoencoder of pictures, conditional where they have classes",
    "classifier": "a convolutional reader of digits, or of pictures in classes of your own",
    "lstm": "a recurrent net that writes poems and other short texts, character by character",
    "seq2seq": "recurrent nets that turn one text into another: dates, words, pairs of your own",
    "transformer": "a Transformer that turns one text into another: words, dates, pairs of your own",
    "translate": "a translator of sentences, English to Chinese or pairs of your own",
    "gpt": "a Transformer that writes: quatrains character by character, or prose in byte pairs",
    "bert": "a Transformer that fills gaps in poems and other short texts",
}
"""What each trains, in one line: here, so that a list of them imports none."""


def family(name: str) -> Family:
    """The family of this name. Raises: CourseError that names those there are."""
    if name not in PLACES:
        raise CourseError(f"There is no recipe {name!r}: choose one of {', '.join(PLACES)}.")
    module, attribute = PLACES[name].split(":")
    return getattr(import_module(f"aigc_course.recipes.{module}"), attribute)
