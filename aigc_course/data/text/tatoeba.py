"""English sentences with Chinese translations by the volunteers of Tatoeba, each pair with its attribution."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from opencc import OpenCC

from aigc_course.data import splits
from aigc_course.data.download import DataError, verified


class Pair(NamedTuple):
    """A sentence, its translation, and who wrote them (CC BY 2.0 FR asks to say so where they are shown)."""

    en: str
    zh: str
    attribution: str


def tatoeba(simplified: bool = True) -> list[Pair]:
    """All pairs, short ones first, from the mirror, the cache or the network.

    simplified: convert traditional characters with OpenCC (t2s); the collection mixes both.
    Raises: CourseError if the file is damaged, missing or out of reach.
    """
    with verified("tatoeba", "cmn.txt") as path:
        pairs = parse(path.read_text("utf-8"))
    return [pair._replace(zh=_simplified(pair.zh)) for pair in pairs] if simplified else pairs


def parse(text: str) -> list[Pair]:
    """Pairs of a file of lines "English⇥Chinese⇥attribution"; DataError names the line that is none."""
    pairs = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        fields = line.split("\t")
        if len(fields) != 3 or not all(fields):
            raise DataError(f"Line {number} of tatoeba/cmn.txt is no pair with its attribution: "
                            "get the file again with `aigc data get tatoeba`.")
        pairs.append(Pair(*fields))
    return pairs


def split(pairs: Iterable[Pair], seed: int = 0) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Training (90 %), validation and test pairs, with no sentence of one in another, on either side.

    An English sentence with two translations, and whatever else has one of these, stays in one part. Sentences that
    differ in nothing but case, spaces, signs, or simplified against traditional characters count as the same.
    """
    train, validation, test = splits.split(list(pairs), sentences, seed=seed)
    return train, validation, test


def sentences(pair: Pair) -> tuple[tuple[str, str], tuple[str, str]]:
    """The two sentences of a pair, reduced to what makes them different from others."""
    return ("en", _bare(pair.en) or pair.en), ("zh", _bare(_simplified(pair.zh)) or pair.zh)


def _bare(sentence: str) -> str:
    return re.sub(r"[\W_]+", "", sentence.casefold())


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def _simplified(text: str) -> str:
    return _converter().convert(text)
