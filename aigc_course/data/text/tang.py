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
from aigc_course.data.text.verse.prosody import rhyme_group
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
    return list(dict.fromkeys(map(to_simplified, poems))) if simplified else poems


def tang_couplets(simplified: bool = False) -> list[list[str]]:
    """Every poem of 《全唐诗》 in lines of five, or of seven characters, as couplets "……，……。", in the book's order.

    Two couplets or more; cleaned as `tang` does, second copies included. The quatrains of `tang` are among them.

    Args:
        simplified: convert traditional characters with OpenCC (t2s).
    Raises:
        CourseError: files that are damaged, missing or out of reach.
    """
    poems = []
    for paragraphs in _paragraphs():
        verses = verses_of("".join(paragraphs))
        if is_regular(verses):
            text = "\n".join(map("{}，{}。".format, verses[::2], verses[1::2]))
            poems.append((to_simplified(text) if simplified else text).split("\n"))
    return poems


def to_simplified(text: str) -> str:
    """The text in simplified characters (OpenCC, t2s), as many as before."""
    return _converter().convert(text)


def tang_counts() -> dict[str, int]:
    """What became of each poem of the collection: "kept", "other form", "lost characters", "other signs", "copy"."""
    return dict(Counter(fate for _, fate in _all()))


def tang_split(poems: Iterable[str], seed: int = 0) -> tuple[list[str], list[str], list[str]]:
    """Training (90 %), validation and test poems; poems that share a line, directly or by others, stay together."""
    train, validation, test = split(list(poems), lines, seed=seed)
    return train, validation, test


def lines(poem: str) -> list[str]:
    """The lines of a poem without their signs."""
    return [line for line in re.split(r"[，。\n]+", poem) if line]


def quatrain(paragraphs: list[str]) -> tuple[str, str]:
    """A poem of the collection as "……，……。\\n……，……。" and "kept", or "" and the reason why it is left out."""
    text = "".join(paragraphs)
    verses = verses_of(text)
    if len(verses) != 4 or {len(line) for line in verses} not in ({5}, {7}):
        return "", "other form"
    if any(c in _LOST for line in verses for c in line):
        return "", "lost characters"
    if not is_chinese(verses):
        return "", "other signs"
    return "{}，{}。\n{}，{}。".format(*verses), "kept"


def verses_of(text: str) -> list[str]:
    """The lines of a poem as the collection has it, without signs, brackets and what editors say."""
    return [line for line in _ENDS.split(_MARKS.sub("", _NOTES.sub("", text))) if line]


def is_chinese(verses: list[str]) -> bool:
    return all("㐀" <= c <= "鿿" or c >= "𠀀" for line in verses for c in line)


def is_regular(verses: list[str]) -> bool:
    """Whether these are two couplets or more of one length, 5 or 7, and every character can be read."""
    return len(verses) >= 4 and len(verses) % 2 == 0 and {len(v) for v in verses} in ({5}, {7}) and is_chinese(verses)


@cache
def rhyme_today(character: str) -> str | None:
    """The group of 《中华新韵》 of a character's most usual reading today, or None for a character without one."""
    sound = pinyin(character, style=Style.TONE3, neutral_tone_with_five=True)[0][0]
    return rhyme_group(sound.replace("5", "1")) if re.fullmatch("[a-z]+[1-5]", sound) else None


def rhymes_today(poem: str) -> bool | None:
    """Whether lines 2 and 4 rhyme in today's Mandarin: an approximation, since Tang poets spoke otherwise.

    By the most usual reading of each last character and the fourteen groups of 《中华新韵》, whatever the tone. None if
    the poem has no four lines or a last character has no reading.
    """
    verses = lines(poem)
    if len(verses) != 4:
        return None
    one, other = (rhyme_today(line[-1]) for line in verses[1::2])
    return one == other if one and other else None


@cache
def _all() -> tuple[tuple[str, str], ...]:
    """(quatrain or "", what became of it) for every poem of the collection."""
    found, seen = [], set()
    for text, fate in map(quatrain, _paragraphs()):
        found.append((text, "copy") if text and text in seen else (text, fate))
        seen.add(text)
    return tuple(found)


def _paragraphs() -> list[list[str]]:
    """The paragraphs of every poem of the collection, in the book's order."""
    files = [file for file in dataset("chinese-poetry").sha256 if file.startswith("poet.tang.")]
    found = []
    for file in sorted(files, key=lambda name: int(name.split(".")[2])):
        with verified("chinese-poetry", file) as path:
            try:
                poems = [poem["paragraphs"] for poem in json.loads(path.read_text("utf-8"))]
                if not all(isinstance(line, str) for poem in poems for line in poem):
                    raise TypeError(f"{file}: a paragraph is no text")
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(f"chinese-poetry/{file} is no list of poems: get it again with "
                                "`aigc data get chinese-poetry`.") from error
        found.extend(poems)
    return found


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
