"""Every family that `aigc train` knows, one line each: a list of them imports none, and no torch."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from aigc_course.errors import CourseError

if TYPE_CHECKING:
    from aigc_course.runs.job import Family


class Row(NamedTuple):
    place: str
    """The module, and after a colon the name of its `Family` where that is not FAMILY."""
    title: str
    """What it trains, in one line."""


FAMILIES = {
    "gan": Row(".recipes.images.gan:GAN", "a GAN of perceptrons, on pictures or on points in the plane"),
    "dcgan": Row(".recipes.images.gan:DCGAN", "a convolutional GAN of grey pictures, told their classes if any"),
    "vae": Row(".recipes.images.vae", "a variational autoencoder of pictures, conditional where they have classes"),
    "classifier": Row(".recipes.images.classifier", "a convolutional reader of digits, or of pictures of your own"),
    "lstm": Row(".recipes.text.language_model", "a recurrent net that writes poems and other short texts"),
    "seq2seq": Row(".recipes.text.seq2seq", "recurrent nets that turn one text into another: dates, words, your own"),
    "transformer": Row(".recipes.text.transformer", "a Transformer that turns one text into another: words, your own"),
    "translate": Row(".recipes.text.translate", "a translator of sentences, English to Chinese or pairs of your own"),
    "gpt": Row(".recipes.text.gpt", "a Transformer that writes: quatrains in characters, or prose in byte pairs"),
    "bert": Row(".recipes.text.bert", "a Transformer that fills gaps in poems and other short texts"),
    "poet": Row(".projects.poet.recipe", "the course's poet, a GPT that has read 《全唐诗》"),
    "poems-lstm": Row(".projects.poems:LSTM", "a recurrent net that continues a quatrain character by character"),
    "poems-seq2seq": Row(".projects.poems:SEQ2SEQ", "recurrent nets that continue a quatrain line by line"),
}


def family(name: str) -> Family:
    """The family of this name. Raises: CourseError that names those there are."""
    if name not in FAMILIES:
        raise CourseError(f"There is no recipe {name!r}: choose one of {', '.join(FAMILIES)}.")
    module, _, attribute = FAMILIES[name].place.partition(":")
    return getattr(import_module(module, "aigc_course"), attribute or "FAMILY")
