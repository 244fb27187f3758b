"""Dates as people write them in twelve locales, and the one way ISO 8601 writes them: a translation without limits.

Names, orders and signs come from Unicode's CLDR by way of Babel, in the Gregorian calendar. CLDR has four patterns for
each locale: short (5/3/2024), medium, long and full (Tuesday, 5 March 2024). Where a pattern has a two-digit year it is
widened to four digits, since 24 may be 1924 or 2024. The locale's code is part of the source: 3/4/2024 is a day in
March in en_US and a day in April in en_GB.

Sources: Unicode Technical Standard 35, part 4 (dates), table "Date Field Symbol"; ISO 8601-1:2019, 5.2.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import cache

import numpy as np
from babel import Locale
from babel.dates import format_date, get_day_names, get_month_names, tokenize_pattern

from aigc_course.errors import CourseError

LOCALES = ("zh_CN", "ja_JP", "ko_KR", "en_US", "en_GB", "de_DE", "fr_FR", "hu_HU", "ru_RU", "el_GR", "hi_IN", "ar_EG")
"""Seven scripts; the year first (zh, ja, ko, hu), the month first (en_US) or the day first (the others)."""
PATTERNS = ("short", "medium", "long", "full")

Combination = tuple[str, str]  # locale, pattern
COMBINATIONS: tuple[Combination, ...] = tuple((locale, pattern) for locale in LOCALES for pattern in PATTERNS)
UNSEEN: tuple[Combination, ...] = (
    ("en_US", "short"),  # month first, while all others that do not begin with the year begin with the day
    ("de_DE", "long"),
    ("ja_JP", "long"),
    ("hu_HU", "medium"),  # its abbreviated months occur nowhere else
    ("ru_RU", "short"),
    ("el_GR", "full"),
)
"""Left out of training to ask whether a model composes what it knows; the locale's other patterns write otherwise."""
SEEN = tuple(pair for pair in COMBINATIONS if pair not in UNSEEN)

YEARS = (1900, 2099)  # first and last
HELD_OUT = 0.1  # share of the days


def dates(
    n: int, seed: int = 0, split: str = "train", combinations: Sequence[Combination] = COMBINATIONS
) -> list[tuple[str, str]]:
    """n different pairs such as ("zh_CN 2024年3月5日", "2024-03-05"), the same for the same seed.

    Args:
        n: how many pairs.
        seed: of the days and combinations that are drawn; the split does not depend on it.
        split: "train", or "held-out": days that "train" never has, in any locale.
        combinations: (locale, pattern) to draw from, each equally likely. Train on SEEN and test on UNSEEN to
            measure new combinations.
    Raises:
        CourseError: another split or combination, or more pairs wanted than there are.
    """
    days = split_days(split)
    for pair in combinations:
        if pair not in COMBINATIONS:
            raise CourseError(f"There is no combination {pair}: choose from aigc_course.data.text.dates.COMBINATIONS.")
    if not 0 <= n <= len(days) * len(combinations) / 2:
        raise CourseError(f"{n} dates are out of range here: ask for at most {len(days) * len(combinations) // 2}.")
    random = np.random.default_rng(seed)
    found: dict[str, str] = {}  # a day whose short and medium forms are alike is one source
    while len(found) < n:
        missing = n - len(found)
        which = random.integers(len(combinations), size=missing)
        for day, i in zip(random.choice(days, size=missing), which, strict=True):
            found.setdefault(*written(date.fromordinal(int(day)), *combinations[i]))
    return list(found.items())


def written(day: date, locale: str, pattern: str) -> tuple[str, str]:
    """One day as a pair: the locale's code, a space and how the locale writes the day; the same in ISO 8601."""
    return f"{locale} {format_date(day, wide_pattern(locale, pattern), locale)}", day.isoformat()


def readings(source: str) -> set[str]:
    """All days, in ISO 8601, that a source such as "en_GB 05/03/2024" can mean: the inverse of `written`.

    Every pattern of the source's locale is tried. A full date whose weekday is not that day's is no reading.
    Empty for any other text.
    """
    locale, _, text = source.partition(" ")
    if locale not in LOCALES:
        return set()
    found = (_read(text, locale, pattern) for pattern in PATTERNS)
    return {day.isoformat() for day in found if day}


def split_days(split: str) -> np.ndarray:
    """The days of a split as ordinals (`date.fromordinal`), int64 (days,); the two splits share none."""
    first, last = date(YEARS[0], 1, 1).toordinal(), date(YEARS[1], 12, 31).toordinal()
    shuffled = np.random.default_rng(0).permutation(np.arange(first, last + 1))
    border = round(HELD_OUT * len(shuffled))
    splits = {"held-out": shuffled[:border], "train": shuffled[border:]}
    if split not in splits:
        raise CourseError(f'The dates have no split {split!r}: ask for "train" or "held-out".')
    return splits[split]


@cache
def wide_pattern(locale: str, pattern: str) -> str:
    """CLDR's pattern, its year in four digits: "dd.MM.yy" becomes "dd.MM.y"."""
    return re.sub(r"(?<!y)yy(?!y)", "y", Locale.parse(locale).date_formats[pattern].pattern)


def _read(text: str, locale: str, pattern: str) -> date | None:
    expression, names = _inverse(locale, pattern)
    match = re.fullmatch(expression, text)
    if not match:
        return None
    values = {field: names[field][word] if field in names else int(word) for field, word in match.groupdict().items()}
    try:
        day = date(values["y"], values["M"], values["d"])
    except ValueError:  # the 31st of April
        return None
    return day if values.get("E", day.weekday()) == day.weekday() else None


@cache
def _inverse(locale: str, pattern: str) -> tuple[str, dict[str, dict[str, int]]]:
    """A regular expression with groups y, M, d and perhaps E, and for the groups that are names: name → number."""
    expression, names = "", {}
    for _, value in tokenize_pattern(wide_pattern(locale, pattern)):
        if isinstance(value, str):  # characters as they are
            expression += re.escape(value)
            continue
        field, width = value
        if field in "ML" and width >= 3:
            style, context = ("wide" if width == 4 else "abbreviated"), ("format" if field == "M" else "stand-alone")
            names["M"] = {name: number for number, name in get_month_names(style, context, locale).items()}
            group = ("M", _any_of(names["M"]))
        elif field == "E":
            names["E"] = {name: n for n, name in get_day_names("wide" if width == 4 else "abbreviated", "format",
                                                               locale).items()}
            group = ("E", _any_of(names["E"]))
        else:
            group = (field.replace("L", "M"), r"\d{4}" if field == "y" else rf"\d{{{width},2}}")
        expression += "(?P<{}>{})".format(*group)
    return expression, names


def _any_of(names: dict[str, int]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
