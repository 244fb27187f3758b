"""A generator of regulated quatrains: every poem keeps every rule, and no two are alike."""

from __future__ import annotations

from functools import cache
from random import Random

from aigc_course.data.text.verse.lexicon import THEMES, Word, words
from aigc_course.data.text.verse.prosody import FORMS, LINES
from aigc_course.errors import CourseError

_FIVE = (
    ("n2", "v1", "n2"),  # 明月照青山
    ("l2", "n2", "i1"),  # 江上清风起
    ("n2", "l2", "i1"),  # 孤帆天外远
    ("t2", "n2", "i1"),  # 今夜月光寒
    ("r2", "n2", "i1"),  # 悠悠流水去
    ("o2", "h1", "n2"),  # 凭栏望远山
    ("d2", "n3"),  # 独上岳阳楼
)
_BEFORE = {  # what may stand before which of them to make seven
    "t2": (0, 1, 2, 4, 5, 6),
    "l2": (0, 3, 4, 5),
    "o2": (0, 1, 4),
    "r2": (0, 2),
}
TEMPLATES = {5: _FIVE, 7: tuple((word, *_FIVE[i]) for word, rest in _BEFORE.items() for i in rest)}
"""Parts of speech of a line, by the number of its characters."""

GROUPS = ("麻", "波", "开", "微", "豪", "尤", "寒", "文", "唐", "庚", "齐", "姑")
"""Rhyme groups with words enough; the generator leaves out 皆 and 支."""
MOST = 200_000  # poems of one seed
TRIES = 8  # at one line, before the poem begins anew


def verse(n: int, seed: int = 0, length: int = 5) -> list[str]:
    """n different quatrains, "……，……。\\n……，……。", in simplified characters; a longer list begins with a shorter one.

    Each keeps one of the four forms (`prosody.FORMS`); lines 2 and 4, and 1 where the form says so, share one level
    rhyme; the last two lines are parallel (对仗: the same parts of speech, place by place); no character occurs twice
    but in doubled words such as 悠悠. Words of one theme (spring, autumn, frontier, river) keep to their poem.

    Args:
        n: how many, up to 200,000.
        seed: of the choice.
        length: 5 (五言绝句) or 7 (七言绝句) characters a line.
    Raises:
        CourseError: another length, or a number out of range.
    """
    if length not in LINES:
        raise CourseError(f"A quatrain has lines of 5 or 7 characters, not {length!r}: choose one of the two.")
    if not 0 <= n <= MOST:
        raise CourseError(f"{n} poems are out of range: ask for 0 to {MOST:,}.")
    random, found = Random(seed), {}
    while len(found) < n:
        poem = _poem(random, length)
        if poem:
            found[poem] = True
    return list(found)


def _poem(random: Random, length: int) -> str | None:
    """One poem, or None where the choices made at first could not be carried through."""
    theme, group, sequence = random.choice(THEMES), random.choice(GROUPS), random.choice(list(FORMS.values()))
    lines: list[str] = []
    template: tuple[str, ...] = ()
    for i, kind in enumerate(sequence):
        pattern, rhyme = LINES[length][kind], group if kind in "BD" else None
        for _ in range(TRIES):
            if i < 3:
                template = random.choice(TEMPLATES[length])
            line = _line(random, template, pattern, rhyme, theme, set("".join(lines)))
            if line:
                lines.append(line)
                break
        else:
            return None
    return "{}，{}。\n{}，{}。".format(*lines)


def _line(
    random: Random, template: tuple[str, ...], pattern: str, rhyme: str | None, theme: str, used: set[str]
) -> str | None:
    """One line of the template, tones, rhyme and theme, without the used characters; None where no word goes on."""
    line, used = "", set(used)
    nouns: frozenset[str] = frozenset()  # the kinds that the next noun or verb has to go with; empty: any
    for place, part in enumerate(template):
        size = int(part[1])
        last = place == len(template) - 1
        able = _candidates(part, pattern[len(line) : len(line) + size], rhyme if last else None, theme, nouns)
        able = [word for word in able if used.isdisjoint(word.text)]
        if not able:
            return None
        word = random.choice(able)
        line += word.text
        used |= set(word.text)
        nouns = word.objects if part in ("v1", "h1") else word.subjects or nouns
    return line


@cache
def _candidates(
    part: str, pattern: str, rhyme: str | None, theme: str, nouns: frozenset[str]
) -> tuple[Word, ...]:
    return tuple(
        word
        for word in words()
        if word.kind == part
        and word.theme in ("any", theme)
        and rhyme in (None, word.rhyme)
        and (not nouns or not word.subjects or word.subjects & nouns)
        and all(wanted in ("中", tone) for tone, wanted in zip(word.tones, pattern, strict=True))
    )
