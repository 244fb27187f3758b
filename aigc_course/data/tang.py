"""Real quatrains of the Tang: the four-line poems of 《全唐诗》 with five or seven characters a line."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from opencc import OpenCC
from pypinyin import Style, pinyin

from aigc_course.data.download import DataError, verified
from aigc_course.data.registry import dataset
from aigc_course.data.splits import split
from aigc_course.data.verse.prosody import rhyme_group
from aigc_course.errors import CourseError

LENGTHS = (5, 7)

_NOTES = re.compile("（[^（）]*）|〖[^〗]*〗")  # what editors say: （一作「東風」）
_MARKS = re.compile(r"[\[\]［］「」『』《》〈〉]")  # around characters of the poem itself: [龍]年
_ENDS = re.compile("[，。！？；：、]")
_LOST = "□囗○●"  # characters that nobody can read any more


def tang(length: int | None = None, simplified: bool = False) -> list[str]:
    """The quatrains of 《全唐诗》, "……，……。\\n……，……。", in the book's order.

    They come from the mirror, the cache or the network. Left out: poems of any other form, poems with unreadable
    characters (□) or signs that are no Chinese character, and second copies. Editors' notes and brackets are removed;
    question and exclamation marks become "，" and "。", as in `verse`.

    Args:
        length: 5 or 7 characters a line; None: both.
        simplified: convert traditional characters with OpenCC (t2s); poems that become equal are kept once.
    Raises:
        CourseError: another length, or files that are damaged, missing or out of reach.
    """
    if length not in (*LENGTHS, None):
        raise CourseError(f"A quatrain has lines of 5 or 7 characters, not {length!r}: choose one, or None for both.")
    poems = [text for text, fate in _all() if fate == "kept" and length in (None, text.index("，"))]
    return list(dict.fromkeys(map(_converter().convert, poems))) if simplified else poems


def tang_counts() -> dict[str, int]:
    """What became of each poem of the collection: "kept", "other form", "lost characters", "other signs", "copy"."""
    return dict(Counter(fate for _, fate in _all()))


def tang_split(poems: Iterable[str], seed: int = 0) -> tuple[list[str], list[str], list[str]]:
    """Training (90 %), validation and test poems; poems that share a line, directly or by others, stay together."""
    return split(list(poems), lines, seed=seed)


def lines(poem: str) -> list[str]:
    """The lines of a poem without their signs."""
    return [line for line in re.split(r"[，。\n]+", poem) if line]


def quatrain(paragraphs: list[str]) -> tuple[str, str]:
    """A poem of the collection as "……，……。\\n……，……。" and "kept", or "" and the reason why it is left out."""
    text = _MARKS.sub("", _NOTES.sub("", "".join(paragraphs)))
    verses = [line for line in _ENDS.split(text) if line]
    if len(verses) != 4 or {len(line) for line in verses} not in ({5}, {7}):
        return "", "other form"
    if any(c in _LOST for c in text):
        return "", "lost characters"
    if not all("㐀" <= c <= "鿿" or c >= "𠀀" for line in verses for c in line):
        return "", "other signs"
    return "{}，{}。\n{}，{}。".format(*verses), "kept"


def rhymes_today(poem: str) -> bool | None:
    """Whether lines 2 and 4 rhyme in today's Mandarin: an approximation, since Tang poets spoke otherwise.

    By the most usual reading of each last character and the fourteen groups of 《中华新韵》, whatever the tone. None if
    the poem has no four lines or a last character has no reading.
    """
    verses = lines(poem)
    if len(verses) != 4:
        return None
    sounds = [pinyin(line[-1], style=Style.TONE3, neutral_tone_with_five=True)[0][0] for line in verses[1::2]]
    if not all(re.fullmatch("[a-z]+[1-5]", sound) for sound in sounds):
        return None
    one, other = (rhyme_group(sound.replace("5", "1")) for sound in sounds)
    return one == other


@cache
def _all() -> tuple[tuple[str, str], ...]:
    """(quatrain or "", what became of it) for every poem of the collection."""
    files = [file for file in dataset("chinese-poetry").sha256 if file.startswith("poet.tang.")]
    found, seen = [], set()
    for file in sorted(files, key=lambda name: int(name.split(".")[2])):
        with verified("chinese-poetry", file) as path:
            try:
                content = [quatrain(poem["paragraphs"]) for poem in json.loads(path.read_text("utf-8"))]
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"chinese-poetry/{file} is no list of poems: get it again with "
                                "`aigc data get chinese-poetry`.") from error
        for text, fate in content:
            found.append((text, "copy") if text and text in seen else (text, fate))
            seen.add(text)
    return tuple(found)


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
