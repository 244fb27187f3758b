"""The list of errata is whole, its quotations and sources are right, and every S1 entry has a proof in a notebook."""

import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from aigc_course.sources.errata import Erratum, errata

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book")]

import errata_pages  # noqa: E402

COUNTS = {"000": 23, "001": 51, "002": 16, "003": 28, "004": 6, "C": 13}
# S1 entries without a cell that calls `refute` for them. A number goes from this list with its proof, and never back.
still_to_come: set[str] = set()
# Lessons that entries name and that are not in the course yet.
lessons_to_come: set[str] = set()


@cache
def proofs() -> dict[str, list[str]]:
    """The errata that the Chinese notebooks refute, with the notebooks that do."""
    return errata_pages.proofs_and_mentions(ROOT / "notebooks" / "zh")[0]


def test_every_erratum_is_there():
    assert list(errata()) == [
        f"E-{document}-{n:02d}" for document, count in COUNTS.items() for n in range(1, count + 1)
    ]
    assert sum(COUNTS.values()) == 137


def breaking(rule: Callable[[Erratum], bool]) -> list[str]:
    """The numbers of the entries that break a rule."""
    return [id for id, entry in errata().items() if not rule(entry)]


def test_severities_are_known():
    assert not breaking(lambda entry: entry.severity in {"S1", "S2", "S3", "U"})


def test_every_entry_quotes_a_few_words_of_its_document():
    assert not breaking(lambda entry: bool(entry.quotes)
                        and all(0 < len(quote.text) <= 40 and quote.line > 0 for quote in entry.quotes))
    assert not breaking(lambda entry: {quote.document for quote in entry.quotes} <= COUNTS.keys() - {"C"})
    assert not breaking(lambda entry: len(entry.quotes) > 1 if entry.document == "C"  # a contradiction has two sides
                        else entry.quotes[0].document == entry.document)


def test_sections_follow_the_lines():
    """Whoever cites a line under the wrong section, or a section with the wrong line, is out of order."""
    places = {(quote.document, quote.line, numbers(quote.section), quote.section)
              for entry in errata().values() for quote in entry.quotes if quote.section.startswith("§")}
    disordered = [(here, there) for here, there in pairwise(sorted(places)) if here[0] == there[0]
                  and (here[2] > there[2] or here[1] == there[1])]
    assert not disordered


def numbers(section: str) -> tuple[int, ...]:
    """§4.2.1 -> (4, 2, 1); §9 Q2, the second question of §9 -> (9,)."""
    return tuple(map(int, section.split()[0].removeprefix("§").split(".")))


def test_both_languages_say_something_in_whole_sentences():
    assert not breaking(lambda entry: bool(re.search("[\u4e00-\u9fff]", entry.zh))
                        and entry.zh.endswith(("。", "）", ".")))
    assert not breaking(lambda entry: (entry.en[0].isupper() or entry.en[0] in "$`2") and entry.en.endswith("."))
    assert not breaking(lambda entry: bool(entry.corrected_zh) == bool(entry.corrected_en))


def test_no_source_or_lesson_is_named_twice():
    assert not breaking(lambda entry: len(entry.sources) == len(set(entry.sources))
                        and len(entry.lessons) == len(set(entry.lessons)))


def test_both_languages_name_the_same_other_entries():
    def named(text):
        return set(re.findall(r"E-[\dC]+-\d+", text))

    assert not breaking(lambda entry: named(entry.zh) == named(entry.en) <= errata().keys() - {entry.id})


def test_sources_are_in_the_bibliography():
    keys = set(re.findall(r"^@\w+\{([^,]+),", (ROOT / "book" / "references.bib").read_text("utf-8"), re.M))
    assert {source for entry in errata().values() for source in entry.sources} <= keys


def test_lessons_exist_or_are_said_to_be_missing():
    named = {lesson for entry in errata().values() for lesson in entry.lessons}
    missing = {name for name in named if not (ROOT / "notebooks" / "zh" / f"{name}.ipynb").exists()}
    assert missing == lessons_to_come


def test_no_text_copies_another_entry():
    texts = Counter(text for entry in errata().values() for text in (entry.zh, entry.en))
    assert not [text for text, times in texts.items() if times > 1]


@pytest.fixture(scope="module")
def documents() -> dict[str, list[str]]:
    """The lines of the five documents, whose folder is named by AIGC_SOURCE_DOCUMENTS."""
    folder = os.environ.get("AIGC_SOURCE_DOCUMENTS")
    if not folder:
        pytest.skip("AIGC_SOURCE_DOCUMENTS does not name the folder of the five source documents")
    found = {path.name[:3]: path.read_text("utf-8").splitlines() for path in Path(folder).glob("00?_*.txt")}
    assert len(found) == 5
    return found


def test_quotations_are_exact(documents):
    wrong = [(entry.id, *astuple(quote)) for entry in errata().values() for quote in entry.quotes
             if quote.text not in documents[quote.document][quote.line - 1]]
    assert not wrong


def test_sections_are_those_of_the_lines(documents):
    def heading(quote):
        """The number of the last heading that has one, up to the quoted line."""
        lines = documents[quote.document][:quote.line]
        return [found[1] for line in lines if (found := re.match(r"#+ (\d+(?:\.\d+)*)", line))][-1]

    wrong = [(entry.id, *astuple(quote)) for entry in errata().values() for quote in entry.quotes
             if quote.section.startswith("§") and quote.section.split()[0] != "§" + heading(quote)]
    assert not wrong


def test_proofs_are_of_known_errata_that_can_be_proven():
    assert proofs().keys() <= errata().keys()
    assert all(errata()[id].provable for id in proofs())


def test_every_grave_erratum_is_proven_or_said_to_be_open():
    open_ = {id for id, entry in errata().items() if entry.severity == "S1" and entry.provable and id not in proofs()}
    assert open_ == still_to_come, "prove what is missing; take from still_to_come what has got its proof"


def test_grave_errata_that_no_cell_can_prove_are_few_and_named():
    assert {id for id, entry in errata().items() if entry.severity == "S1" and not entry.provable} == {
        "E-001-38", "E-001-39",  # books: a search that finds nothing is no proof
        "E-002-07",  # needs the pipelines of diffusers
        "E-003-21",  # needs TensorFlow: a stored transcript stands in for the proof
    }
