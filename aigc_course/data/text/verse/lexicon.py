"""The words that the course's verse is made of: 1,000 of one to three characters, written for this course."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from aigc_course.data.text.verse.prosody import rhyme_group, tone_class
from aigc_course.resources import resource

CLASSES = {
    "n2": "noun", "l2": "place", "t2": "time", "r2": "doubled character", "o2": "verb with its object",
    "d2": "adverb and verb", "n3": "place name", "v1": "transitive verb", "h1": "what a person does", "i1": "predicate",
}  # fmt: skip
"""Parts of speech; the digit is the number of characters."""

THEMES = ("spring", "autumn", "frontier", "river")


@dataclass(frozen=True)
class Word:
    """One sense of a word.

    syllables: pinyin with tone numbers, one for each character. kind: a key of CLASSES. subjects, objects: the kinds
    of noun (light, wind, plant …) it is, if it is a noun, or that it goes with. theme: one of THEMES, or "any".
    """

    text: str
    syllables: tuple[str, ...]
    kind: str
    subjects: frozenset[str]
    objects: frozenset[str]
    theme: str

    @cached_property
    def tones(self) -> str:
        return "".join(map(tone_class, self.syllables))

    @cached_property
    def rhyme(self) -> str:
        return rhyme_group(self.syllables[-1])


@cache
def words() -> tuple[Word, ...]:
    """All senses, in the order of data/verse/lexicon.tsv."""
    found = []
    for line in resource("verse/lexicon.tsv").read_text("utf-8").splitlines()[1:]:
        text, pinyin, kind, nouns, theme = line.split("\t")
        subjects, _, objects = nouns.partition(">")
        found.append(Word(text, tuple(pinyin.split()), kind, _names(subjects), _names(objects), theme))
    return tuple(found)


@cache
def classes() -> Mapping[str, frozenset[str]]:
    """Part of speech → the words that can be it."""
    return MappingProxyType(
        {kind: frozenset(word.text for word in words() if word.kind == kind) for kind in CLASSES}
    )


@cache
def readings() -> Mapping[str, str]:
    """Character → its pinyin with tone number; each character of the lexicon is read in one way only."""
    return MappingProxyType(
        {character: syllable for word in words() for character, syllable in zip(word.text, word.syllables, strict=True)}
    )


def tones(text: str) -> str:
    """平, 仄 or, for a character outside the lexicon, ？ for each character of the text."""
    return "".join(tone_class(readings()[c]) if c in readings() else "？" for c in text)


def rhyme(character: str) -> str | None:
    """The rhyme group of a character; None outside the lexicon."""
    return rhyme_group(readings()[character]) if character in readings() else None


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) - {"", "any"}
