"""One name for one thing: the prose against book/terms.csv."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aigc_course.authoring.findings import prose
from aigc_course.errors import CourseError

COLUMNS = ["zh", "en", "symbol", "avoid"]
CJK = r"[\u3400-\u9fff]"
GLOSS = re.compile(rf"({CJK}+)（([A-Za-z][A-Za-z-]*(?: [A-Za-z-]+){{0,3}})）")


@dataclass(frozen=True)
class Term:
    """A line of the term list. en: spellings, the first is the usual one. avoid: names we do not use."""

    zh: str
    en: tuple[str, ...]
    symbol: str
    avoid: tuple[str, ...]


def read_terms(path: Path) -> list[Term]:
    """The term list; `|` separates several English spellings and several names to avoid.

    Raises: CourseError naming the line that is ill-formed, repeats a term or avoids one that is listed.
    """
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != COLUMNS:
        raise CourseError(f"{path.name} must begin with the line {','.join(COLUMNS)}.")
    terms, names = [], set()
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS) or not row[0] or not row[1]:
            raise CourseError(f"{path.name}, line {number}: write {','.join(COLUMNS)}, the first two filled.")
        split = [tuple(part.strip() for part in field.split("|") if part.strip()) for field in row]
        term = Term(row[0].strip(), split[1], row[2].strip(), split[3])
        if term.zh in names:
            raise CourseError(f"{path.name}, line {number}: {term.zh} has a line already.")
        names.add(term.zh)
        terms.append(term)
    for term in terms:
        if clash := names & set(term.avoid):
            raise CourseError(f"{path.name}: {clash.pop()} is both a term and to be avoided.")
    return terms


def misused(source: str, language: str, terms: list[Term]) -> Iterator[tuple[str, str]]:
    """(what, remedy) for each name in a Markdown cell that the list does not allow."""
    text = prose(source)
    for term in terms:
        rest = text.replace(term.zh, "")  # 价值函数 is right, although 值函数 is in it
        for name in term.avoid:
            if is_chinese(name) != (language == "zh") or not _occurs(name, rest):
                continue
            listed = term.zh if language == "zh" else term.en[0]
            yield f"uses {name!r}", f"the course says {listed!r} (book/terms.csv)"
    if language == "zh":
        for chinese, english in GLOSS.findall(text):
            yield from _gloss(chinese, english, terms)


def is_chinese(text: str) -> bool:
    return re.search(CJK, text) is not None


def _gloss(chinese: str, english: str, terms: list[Term]) -> Iterator[tuple[str, str]]:
    """A gloss, 生成器（generator）, states a pair of terms: the list must hold that pair."""
    listed = [term for term in terms if english.casefold() in map(str.casefold, term.en)]
    if not listed:
        yield (f"explains a term that is not in the term list: {chinese}（{english}）",
               "add it to book/terms.csv, or write it without brackets")
    elif not any(chinese.endswith(term.zh) for term in listed):
        yield (f"calls {english!r} {chinese[-8:]!r}",
               f"the term list says {' or '.join(term.zh for term in listed)}")


def _occurs(name: str, text: str) -> bool:
    if is_chinese(name):
        return name in text
    return re.search(rf"(?<![\w-]){re.escape(name)}s?(?![\w-])", text, re.IGNORECASE) is not None
