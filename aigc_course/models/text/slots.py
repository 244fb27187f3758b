"""What stands in the slots of a template: which values are allowed, how they are drawn, written and read again."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Any

from aigc_course.errors import CourseError

# --- kinds of slots ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high."""

    low: int
    high: int
    read = int

    def allows(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and self.low <= value <= self.high

    def draw(self, random: random.Random) -> int:
        return random.randint(self.low, self.high)

    def __str__(self) -> str:
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True)
class OneOf:
    """One of a few texts."""

    options: tuple[str, ...]
    read = str

    def allows(self, value: Any) -> bool:
        return value in self.options

    def draw(self, random: random.Random) -> str:
        return random.choice(self.options)

    def __str__(self) -> str:
        return "one of " + ", ".join(self.options)


@dataclass(frozen=True)
class Phrase:
    """Any text of one line; examples are what `draw` takes."""

    examples: tuple[str, ...]
    read = str

    def allows(self, value: Any) -> bool:
        return isinstance(value, str) and value == value.strip() != "" and value.splitlines() == [value]

    def draw(self, random: random.Random) -> str:
        return random.choice(self.examples)

    def __str__(self) -> str:
        return "a text of one line without space around it"


@dataclass(frozen=True)
class Day:
    """A day as YYYY-MM-DD, from first to last."""

    first: str = "2000-01-01"
    last: str = "2099-12-31"
    read = str

    def allows(self, value: Any) -> bool:
        try:
            return self.first <= datetime.date.fromisoformat(value).isoformat() == value <= self.last
        except (TypeError, ValueError):
            return False

    def draw(self, random: random.Random) -> str:
        first, last = (datetime.date.fromisoformat(day).toordinal() for day in (self.first, self.last))
        return datetime.date.fromordinal(random.randint(first, last)).isoformat()

    def __str__(self) -> str:
        return f"a day from {self.first} to {self.last}, written like {self.first}"


@dataclass(frozen=True)
class Flag:
    """Whether a part of the text is there."""

    def allows(self, value: Any) -> bool:
        return isinstance(value, bool)

    def draw(self, random: random.Random) -> bool:
        return random.random() < 0.5

    def __str__(self) -> str:
        return "True or False"


# --- agreement, and forms that can be read back -----------------------------------------------------------------------

MEASURES = {"本": "书 词典", "支": "笔 钢笔", "张": "纸 地图 车票", "件": "衬衫 外套", "双": "鞋 筷子", "只": "猫 杯子"}
MEASURE_OF = {noun: measure for measure, nouns in MEASURES.items() for noun in nouns.split()}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")


def plural(word: str, number: int, many: str = "") -> str:
    """word for 1, else its plural: "goal" or "goals"; many is an irregular one."""
    return word if number == 1 else many or word + "s"


def article(word: str) -> str:
    """"an" before apple, "a" before pen: by the first letter, which is right for the nouns of our templates."""
    return "an" if word[0].lower() in "aeiou" else "a"


def measure(noun: str) -> str:
    """The measure word of a Chinese noun, 个 where none is known: 本 for 书."""
    return MEASURE_OF.get(noun, "个")


def zh_count(number: int) -> str:
    """1 … 99 as they stand before a measure word: 两 for 2, 十二 for 12. Raises: CourseError for other numbers."""
    if not 1 <= number <= 99:
        raise CourseError(f"{number} is no number from 1 to 99, which is what zh_count writes: narrow the slot.")
    digit = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return "两" if number == 2 else (
        ("" if tens == 0 else "十" if tens == 1 else digit[tens] + "十") + (digit[ones] if ones else ""))


def zh_date(day: str) -> str:
    year, month, number = map(int, day.split("-"))
    return f"{year}年{month}月{number}日"


def en_date(day: str) -> str:
    year, month, number = map(int, day.split("-"))
    return f"{number} {MONTHS[month - 1]} {year}"


def _from_zh_date(text: str) -> str:
    year, month, day = text.replace("年", "月").removesuffix("日").split("月")
    return f"{int(year):04}-{int(month):02}-{int(day):02}"


def _from_en_date(text: str) -> str:
    number, month, year = text.split()
    return f"{year}-{MONTHS.index(month) + 1:02}-{int(number):02}"


FORMS = {"zh_count": (zh_count, {zh_count(n): n for n in range(1, 100)}.__getitem__),
         "zh_date": (zh_date, _from_zh_date), "en_date": (en_date, _from_en_date)}
"""How a value is written, and how it is read again: a text of another form is a KeyError or a ValueError."""

AGREEMENT = {"plural": plural, "article": article, "measure": measure}
"""What follows from slots."""
