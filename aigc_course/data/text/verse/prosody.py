"""Tones, rhymes and the four kinds of regulated line, as modern Mandarin has them.

平 (level) are the first and second tones, 仄 (oblique) the third and fourth. The fourteen rhyme groups are those of
《中华新韵（十四韵）》 (Chinese Poetry Society, 2005): they follow today's standard pronunciation, which has no entering
tone. Tang poets rhymed by older groups, in which 白, 独, 竹 and others are 仄; see `data/verse/README.md`.

Source of the line patterns and of 粘, 对, 孤平: 王力 (Wang Li), 《诗词格律》, ch. 2, 中华书局, 1977.
"""

from __future__ import annotations

import re

LEVEL, OBLIQUE, FREE = "平", "仄", "中"

LINES = {
    5: {"A": "中仄平平仄", "B": "平平中仄平", "C": "中平平仄仄", "D": "中仄仄平平"},
    7: {"A": "中平中仄平平仄", "B": "中仄平平中仄平", "C": "中仄中平平仄仄", "D": "中平中仄仄平平"},
}
"""The regulated lines; A and C end oblique, B and D level. 中 marks what "一三五不论" really leaves free.

The saying that the first, third and fifth characters do not matter is too generous. In B the first of five (third of
seven) stays level, or the line's one level syllable besides the rhyme would stand alone (孤平). In D the third of five
(fifth of seven) stays oblique, or the line would end on three level tones (三平尾); in C it stays level, for the same
reason on the other side; in A we keep it level too. The remedied irregular lines (拗救) are left out.
"""

FORMS = {"平起首句不入韵": "CDAB", "平起首句入韵": "BDAB", "仄起首句不入韵": "ABCD", "仄起首句入韵": "DBCD"}
"""The four forms of a quatrain of five, named by the second character of the first line and whether that line rhymes.

The same sequences serve seven characters, where the second character, and with it 平起 or 仄起, is the other one.
"""

RHYMES = ("麻", "波", "皆", "开", "微", "豪", "尤", "寒", "文", "唐", "庚", "齐", "支", "姑")


def form_name(kinds: str, length: int) -> str | None:
    """The name of the form whose lines are of these kinds, such as "ABCD"; None if there is none."""
    for name, sequence in FORMS.items():
        if sequence == kinds:
            return name if length == 5 else name.translate(str.maketrans("平仄", "仄平"))
    return None


def tone_class(syllable: str) -> str:
    """平 or 仄 of a syllable in pinyin with its tone's number, such as "yue4"; ü is written v."""
    return LEVEL if syllable[-1] in "12" else OBLIQUE


def rhyme_group(syllable: str) -> str:
    """The rhyme group of a syllable in pinyin, such as 庚 for "feng1": what follows its medial i, u or ü decides."""
    sound = syllable.rstrip("1234")
    if sound == "er":
        return "齐"
    if re.fullmatch("([zcs]h?|r)i", sound):
        return "支"  # zhi and zi: the i is a mere prolongation of the consonant
    if re.fullmatch("[jqxy]u", sound) or sound.endswith("v"):
        return "齐"  # ü, which pinyin spells u after j, q, x, y
    if re.search("(i|y|[jqxy]u|v)e$", sound):
        return "皆"
    endings = {
        "ang": "唐", "eng": "庚", "ing": "庚", "ong": "庚", "an": "寒", "en": "文", "in": "文", "un": "文", "vn": "文",
        "ai": "开", "ei": "微", "ui": "微", "ao": "豪", "ou": "尤", "iu": "尤", "a": "麻", "o": "波", "e": "波",
        "i": "齐", "u": "姑",
    }  # fmt: skip
    return next(group for ending, group in endings.items() if sound.endswith(ending))


def fits(tones: str, pattern: str) -> bool | None:
    """Whether tones such as "平平仄仄平" fit a pattern; "？" is a tone not known. None if that hides the answer."""
    pairs = [(tone, wanted) for tone, wanted in zip(tones, pattern, strict=True) if wanted != FREE]
    if any(tone not in (wanted, "？") for tone, wanted in pairs):
        return False
    return None if any(tone == "？" for tone, _ in pairs) else True
