"""The errata of the course's five source documents, and `refute`, which every proof of one calls."""

from __future__ import annotations

import math
import numbers
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from aigc_course.errors import CourseError
from aigc_course.resources import resource


@dataclass(frozen=True)
class Quote:
    """A few words of a source document and where they stand."""

    document: str  # 000 … 004
    section: str
    line: int  # of the document's file, from 1
    text: str


@dataclass(frozen=True)
class Erratum:
    """One entry of data/errata.toml, whose head explains the fields."""

    id: str
    severity: str
    quotes: tuple[Quote, ...]
    zh: str
    en: str
    sources: tuple[str, ...]
    lessons: tuple[str, ...]
    provable: bool
    confirmed: bool = True
    corrected_zh: str = ""
    corrected_en: str = ""

    @property
    def document(self) -> str:
        """The document that the entry is counted under, or "C" for what the documents say against each other."""
        return self.id.split("-")[1]


@cache
def errata() -> Mapping[str, Erratum]:
    """All errata by number, in the documents' order."""
    entries = tomllib.loads(resource("errata.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: _erratum(name, entry) for name, entry in entries.items()})


def erratum(id: str) -> Erratum:
    """One erratum by number, E-000-03; CourseError if there is none of that number."""
    if id not in errata():
        raise CourseError(f"There is no erratum {id!r}: the numbers are those of data/errata.toml, "
                          f"from {next(iter(errata()))} to {list(errata())[-1]}.")
    return errata()[id]


def refute(id: str, *, claimed, found, tol: float | None = None) -> None:
    """Raises if `found` agrees with what the document's claim predicts; otherwise prints one line.

    claimed, found: two bools, strings or whole numbers, or tuples of them (shapes, orders), which agree when they are
        equal; or, with `tol`, two numbers or tensors (arrays) of one shape, which agree when no element differs by
        more than it. One claimed number may stand for a tensor full of it.
    tol: in the unit of `found`; needed wherever rounding alone would tell two numbers apart.

    The line names nothing that differs from machine to machine: a measured number is printed by the cell that has it.

    Raises: AssertionError if they agree; CourseError if there is no such erratum, or if the two cannot be compared:
    different types or shapes, NaN, no tolerance, a negative or infinite one.
    """
    erratum(id)
    claim, fact = _plain(id, "claimed", claimed), _plain(id, "found", found)
    if _exact(claim) and _exact(fact) and tol is None:
        if isinstance(claim, tuple) != isinstance(fact, tuple) or not (
            _kinds(claim) <= _kinds(fact) or _kinds(fact) <= _kinds(claim)
        ):
            raise CourseError(f"{id}: claimed={claim!r} and found={fact!r} are of different kinds; give two alike.")
        agree, why = claim == fact, f"the document's claim predicts {claim!r}, found {fact!r}"
    else:
        agree = _within(id, claim, fact, tol)
        why = f"what the document's claim predicts differs from what was found by more than {tol:g}"
    if agree:
        raise AssertionError(f"{id} is not refuted: found {fact!r} is what the document's claim predicts.")
    print(f"{id} refuted: {why}.")


def _erratum(name: str, entry: dict) -> Erratum:
    quotes = tuple(Quote(*quote) for quote in entry.pop("quotes"))
    lists = {field: tuple(entry.pop(field)) for field in ("sources", "lessons")}
    return Erratum(id=name, quotes=quotes, **lists, **entry)


def _within(id: str, claim, fact, tol) -> bool:
    """Whether no number of `fact` differs from the same one of `claim` by more than tol."""
    if tol is None or not (isinstance(tol, numbers.Real) and math.isfinite(tol) and float(tol) >= 0):
        raise CourseError(f"{id}: comparing numbers needs tol, a finite number ≥ 0 in their unit, but it is {tol!r}.")
    pairs = list(_pairs(id, claim, fact))
    if not pairs:
        raise CourseError(f"{id}: there is nothing to compare.")
    return all(a == b or abs(a - b) <= tol for a, b in pairs)


def _pairs(id: str, claim, fact):
    if isinstance(fact, tuple):
        if isinstance(claim, tuple) and len(claim) != len(fact):
            raise CourseError(f"{id}: claimed and found have different shapes; bring them to the same one.")
        for k, part in enumerate(fact):
            yield from _pairs(id, claim[k] if isinstance(claim, tuple) else claim, part)
        return
    for what, value in (("claimed", claim), ("found", fact)):
        if isinstance(value, bool) or not isinstance(value, numbers.Real) or math.isnan(value):
            raise CourseError(f"{id}: {what} holds {value!r}, which is no number to compare.")
    yield claim, fact


def _plain(id: str, what: str, value):
    """Tensors, arrays and lists as tuples of Python's own numbers, texts and bools."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(id, what, part) for part in value)
    if isinstance(value, (bool, str, numbers.Real)):
        return value
    raise CourseError(f"{id}: {what} is of type {type(value).__name__}; "
                      "give a bool, a string, a number, a tensor or a tuple of them.")


def _exact(value) -> bool:
    return all(map(_exact, value)) if isinstance(value, tuple) else isinstance(value, (bool, str, int))


def _kinds(value) -> set[type]:
    return set().union(*map(_kinds, value)) if isinstance(value, tuple) else {type(value)}
