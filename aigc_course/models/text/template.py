"""Template generation: fixed sentences with slots, and the proof that every slot was filled faithfully.

The oldest way of generating text that is still in daily use (weather, markets, sport; Reiter & Dale 2000, "Building
Natural Language Generation Systems", chapter 2). Jinja fills a template; from Jinja's own syntax tree we also make the
regular expression that reads a text back. A text is faithful if what is read out of it fills the template to the very
same text: every value is there, unchanged, in its place, and number and measure words agree with it.

    {{ city }}                      the value of a slot
    {{ day|zh_date }}               the value in a form that can be read back: en_date, zh_date, zh_count
    {{ "goal"|plural(goals) }}      agreement, and arithmetic such as {{ a + b }}: it follows from the slots, and is
                                    checked by filling again
    {% if late %} … {% endif %}     a part that depends on the slots; a Flag is read from whether its part is there
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import regex
from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment

from aigc_course.errors import CourseError

# --- slots: which values are allowed, how they are drawn, how their text is read --------------------------------------


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high."""

    low: int
    high: int
    pattern = r"-?\d+"
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

    @property
    def pattern(self) -> str:
        return "|".join(regex.escape(option) for option in sorted(self.options, key=len, reverse=True))

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
    pattern = r"\S(?:[^\n]*?\S)?"
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
    pattern = r"\d{4}-\d\d-\d\d"
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
    """1 … 99 as they stand before a measure word: 两 for 2, 十二 for 12."""
    digit = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    return "两" if number == 2 else (
        ("" if tens == 0 else "十" if tens == 1 else digit[tens] + "十") + (digit[ones] if ones or not tens else ""))


def zh_date(day: str) -> str:
    year, month, number = map(int, day.split("-"))
    return f"{year}年{month}月{number}日"


def en_date(day: str) -> str:
    year, month, number = map(int, day.split("-"))
    return f"{number} {MONTHS[month - 1]} {year}"


def _from_zh_date(text: str) -> str:
    return "{:04}-{:02}-{:02}".format(*map(int, regex.findall(r"\d+", text)))


def _from_en_date(text: str) -> str:
    number, month, year = text.split()
    return f"{year}-{MONTHS.index(month) + 1:02}-{int(number):02}"


FORMS = {
    "zh_count": (zh_count, "[一二两三四五六七八九十]+", {zh_count(n): n for n in range(1, 100)}.__getitem__),
    "zh_date": (zh_date, r"\d{4}年\d\d?月\d\d?日", _from_zh_date),
    "en_date": (en_date, rf"\d\d? (?:{'|'.join(MONTHS)}) \d{{4}}", _from_en_date),
}
"""How a value is written, what that looks like, and how it is read again."""

AGREEMENT = {"plural": (plural, r"\p{L}+"), "article": (article, "an?"),
             "measure": (measure, "|".join(("个", *MEASURES)))}
"""What follows from slots, and what it looks like."""

JINJA = SandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
JINJA.filters |= {name: write for name, (write, *_) in (FORMS | AGREEMENT).items()}

# --- the template -----------------------------------------------------------------------------------------------------


class Template:
    """source: Jinja. slots: what may be filled in. rule: a Jinja expression that the values must obey.

    Raises: CourseError if the source cannot be read back: a loop, a slot that is not declared or never shows.
    """

    def __init__(self, name: str, source: str, slots: dict[str, Any], rule: str = "true"):
        self.name, self.source, self.slots, self.rule = name, source, slots, rule
        self._readers = {}                                          # of each slot: (group, how it is read), per place
        try:
            self._render, self._obeys = JINJA.from_string(source).render, JINJA.compile_expression(rule)
            self.pattern = self._pattern(JINJA.parse(source).body)
        except TemplateError as error:
            raise CourseError(f"The template {name} is not valid Jinja: {error}.") from None
        missing = slots.keys() - self._readers.keys()
        if missing:
            raise CourseError(f"The slot {min(missing)} of the template {name} never shows in the text: "
                              f"write {{{{ {min(missing)} }}}} somewhere, or leave the slot out.")

    pattern: str
    """The regular expression of all texts that this template can give, with a group for each slot."""

    def fill(self, **values: Any) -> str:
        """The text. Raises: CourseError for a value that is missing, unknown, not allowed, or against the rule."""
        for slot, kind in self.slots.items():
            if slot not in values:
                raise CourseError(f"The template {self.name} needs a value for {slot}: give {kind}.")
            if not kind.allows(values[slot]):
                raise CourseError(f"{slot} = {values[slot]!r} does not fit the template {self.name}: give {kind}.")
        unknown = values.keys() - self.slots.keys()
        if unknown:
            raise CourseError(f"The template {self.name} has no slot {min(unknown)!r}: its slots are "
                              f"{', '.join(self.slots)}.")
        if not self._obeys(**values):
            raise CourseError(f"The values break the rule {self.rule} of the template {self.name}: change one of them.")
        return self._render(values)

    def draw(self, random: random.Random) -> dict[str, Any]:
        """Values for all slots, each drawn on its own, until they obey the rule."""
        while True:
            values = {slot: kind.draw(random) for slot, kind in self.slots.items()}
            if self._obeys(**values):
                return values

    def read(self, text: str) -> dict[str, Any]:
        """The values that fill the template to exactly this text. Raises: CourseError if there are none."""
        found = regex.fullmatch(self.pattern, text)
        if found:
            try:
                values = {slot: self._value(slot, found) for slot in self.slots}
                if self.fill(**values) == text:
                    return values
            except (CourseError, KeyError, StopIteration, ValueError):
                found = None                                        # looks like the template, but no values give it
        raise CourseError(f"No values of the slots give this text from the template {self.name}: "
                          "a value was changed, left out or put in the wrong place.")

    def _value(self, slot: str, found: regex.Match) -> Any:
        if isinstance(self.slots[slot], Flag):
            return any(found[group] is not None for group, _ in self._readers[slot])
        return next(read(found[group]) for group, read in self._readers[slot] if found[group] is not None)

    def _group(self, slot: str, pattern: str, read=None) -> str:
        places = self._readers.setdefault(slot, [])
        places.append((f"{slot}_{len(places)}", read))
        return f"(?P<{places[-1][0]}>{pattern})"

    def _pattern(self, tree: Sequence[nodes.Node]) -> str:
        return "".join(self._node(node) for node in tree)

    def _node(self, node: nodes.Node) -> str:
        match node:
            case nodes.Output():
                return self._pattern(node.nodes)
            case nodes.TemplateData():
                return regex.escape(node.data)
            case nodes.If(test=nodes.Name(name=slot)) if isinstance(self.slots.get(slot), Flag):
                return f"(?:{self._group(slot, self._pattern(node.body))}|{self._pattern(node.else_)})"
            case nodes.If():
                branches = [node.body, *(other.body for other in node.elif_), node.else_]
                return f"(?:{'|'.join(map(self._pattern, branches))})"
            case nodes.Name(name=slot):
                if slot not in self.slots:
                    raise CourseError(f"The template {self.name} uses {slot}, which is no slot: declare it.")
                return self._group(slot, self.slots[slot].pattern, self.slots[slot].read)
            case nodes.Filter(name=form, node=nodes.Name(name=slot)) if form in FORMS and slot in self.slots:
                return self._group(slot, *FORMS[form][1:])
            case nodes.Filter(name=agreement) if agreement in AGREEMENT:
                return f"(?:{AGREEMENT[agreement][1]})"
            case nodes.BinExpr() | nodes.CondExpr():
                return r"-?\d+"
        raise CourseError(f"The template {self.name} has a part that cannot be read back ({type(node).__name__.lower()}"
                          f"): use slots, conditions, sums and the filters {', '.join(FORMS | AGREEMENT)}.")
