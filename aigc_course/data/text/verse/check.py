"""Does a text keep the rules of a regulated quatrain? Each rule is judged by itself, on any text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from aigc_course.data.text.verse.compose import TEMPLATES
from aigc_course.data.text.verse.lexicon import classes, readings, rhyme, tones
from aigc_course.data.text.verse.prosody import LEVEL, LINES, fits, form_name

RULES = ("lines", "length", "punctuation", "tones", "order", "rhyme", "parallel", "distinct")

_SIGNS = r"[，。！？；：、,.!?;:\s]+"


@dataclass(frozen=True)
class VerseReport:
    """What was found; each rule is True (kept), False (broken) or None (cannot be judged).

    lines: there are four. length: all have five, or all seven, characters.
    punctuation: "，" after the first of each couplet, "。" and a new line after the second.
    tones: each line is a regulated one (`kinds`). order: within a couplet the second characters differ in tone (对),
    between couplets they agree (粘). rhyme: lines 2 and 4 end on one level rhyme, line 1 too if it ends level, and
    line 3 ends oblique. parallel: lines 3 and 4 read as the same parts of speech. distinct: no character occurs
    twice, but in doubled words. A rule is None where an unknown character, or another broken rule, hides the answer.
    """

    verses: tuple[str, ...]  # the lines without their signs
    patterns: tuple[str, ...]  # 平, 仄 or ？ of each character of each line
    kinds: tuple[str | None, ...]  # A, B, C or D of each line (`prosody.LINES`); None: none of them, or not known
    form: str | None  # the name of the form, where tones, order and rhyme are right
    unknown: str  # characters that the lexicon does not have, each once
    lines: bool | None
    length: bool | None
    punctuation: bool | None
    tones: bool | None
    order: bool | None
    rhyme: bool | None
    parallel: bool | None
    distinct: bool | None

    @property
    def broken(self) -> tuple[str, ...]:
        """The rules that are broken for certain."""
        return tuple(rule for rule in RULES if getattr(self, rule) is False)

    @property
    def kept(self) -> bool:
        """Whether every rule is kept for certain."""
        return all(getattr(self, rule) for rule in RULES)


def check_verse(text: str) -> VerseReport:
    """Judge a text of any kind by the rules of a quatrain; see `VerseReport`."""
    text = text.strip()
    verses = tuple(line for line in re.split(_SIGNS, text) if line)
    patterns = tuple(map(tones, verses))
    length = len(verses[0]) if verses and len(verses[0]) in LINES else 0
    four, even = len(verses) == 4, bool(length) and {len(line) for line in verses} == {length}
    fitting = [line_kinds(line) for line in verses] if even else []
    kinds = tuple(kind if right else None for kind, right in fitting) if even else (None,) * len(verses)
    rhymed = rhymes(verses) if four else None
    whole = four and even
    order = _order(patterns) if whole else None
    return VerseReport(
        verses=verses,
        patterns=patterns,
        kinds=kinds,
        form=form_name("".join(filter(None, kinds)), length) if whole and all(kinds) and order and rhymed else None,
        unknown="".join(dict.fromkeys(c for c in "".join(verses) if c not in readings())),
        lines=four,
        length=even,
        punctuation=re.findall(_SIGNS, text) == ["，", "。\n", "，", "。"] if four else None,
        tones=_all([right for _, right in fitting]) if even else None,
        order=order,
        rhyme=rhymed,
        parallel=parallel(*verses[2:]) if whole else None,
        distinct=distinct(verses),
    )


def line_kinds(line: str) -> tuple[str | None, bool | None]:
    """The kind of a line of five or seven characters and whether it is regulated; (None, None) if nobody can tell."""
    verdicts = {kind: fits(tones(line), pattern) for kind, pattern in LINES.get(len(line), {}).items()}
    if True in verdicts.values():
        return next(kind for kind, right in verdicts.items() if right), True
    return None, None if None in verdicts.values() else False


def rhymes(lines: Sequence[str]) -> bool | None:
    """Whether four lines rhyme as a quatrain does; None if an unknown character hides the answer."""
    groups = [rhyme(line[-1]) for line in lines]
    tone = [tones(line[-1]) for line in lines]
    level = [_same(one, LEVEL, "？") for one in tone]
    agrees = [_same(group, groups[3]) if group and groups[3] else None for group in groups]
    first = _all([level[0], agrees[0]]) if level[0] is not False else True
    return _all([first, level[1], agrees[1], None if level[2] is None else not level[2], level[3]])


def parallel(one: str, other: str) -> bool | None:
    """Whether two lines can be read as the same parts of speech, place by place; None if a character is unknown."""
    if parses(one) & parses(other):
        return True
    return False if all(c in readings() for c in one + other) else None


def parses(line: str) -> set[tuple[str, ...]]:
    """The templates (`compose.TEMPLATES`) by which a line reads as words of the lexicon; empty if by none."""
    found = set()
    for template in TEMPLATES.get(len(line), ()):
        borders = [0]
        for part in template:
            borders.append(borders[-1] + int(part[1]))
        pieces = [line[a:b] for a, b in zip(borders, borders[1:], strict=False)]
        if all(piece in classes()[part] for piece, part in zip(pieces, template, strict=True)):
            found.add(template)
    return found


def distinct(lines: Sequence[str]) -> bool:
    """Whether no character occurs twice, but for the two of a doubled word such as 悠悠."""
    text = "\n".join(lines)
    doubled = {a for a, b in zip(text, text[1:], strict=False) if a == b and a + b in classes()["r2"]}
    return all(n == 1 or n == 2 and c in doubled for c, n in Counter(text.replace("\n", "")).items())


def _order(patterns: Sequence[str]) -> bool | None:
    second = [line[1] for line in patterns]
    differ = [_same(a, b, "？") for a, b in ((second[0], second[1]), (second[2], second[3]))]
    return _all([None if same is None else not same for same in differ] + [_same(second[1], second[2], "？")])


def _same(a: str, b: str, unknown: str | None = None) -> bool | None:
    return None if unknown in (a, b) else a == b


def _all(verdicts: Sequence[bool | None]) -> bool | None:
    """False if one is, else None if one is, else True."""
    return False if False in verdicts else None if None in verdicts else True
