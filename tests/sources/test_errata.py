"""The list of errata is whole, its quotations and sources are right, and every S1 entry has a proof in a notebook."""

import os
import re
import sys
from collections import Counter
from dataclasses import astuple
from functools import cache
from pathlib import Path

import pytest

from aigc_course.sources.errata import errata

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


@pytest.mark.parametrize("entry", errata().values(), ids=lambda entry: entry.id)
def test_an_entry_is_complete(entry):
    assert entry.severity in {"S1", "S2", "S3", "U"}
    assert entry.quotes and all(0 < len(quote.text) <= 40 and quote.line > 0 for quote in entry.quotes)
    assert {quote.document for quote in entry.quotes} <= COUNTS.keys() - {"C"}
    if entry.document == "C":
        assert len(entry.quotes) > 1  # a contradiction has two sides
    else:
        assert entry.quotes[0].document == entry.document
    assert re.search("[\u4e00-\u9fff]", entry.zh) and entry.zh.endswith(("。", "）", "."))
    assert (entry.en[0].isupper() or entry.en[0] in "$`2") and entry.en.endswith(".")
    assert bool(entry.corrected_zh) == bool(entry.corrected_en)
    assert len(entry.sources) == len(set(entry.sources)) and len(entry.lessons) == len(set(entry.lessons))


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


def test_quotations_are_exact():
    """In the folder of the five documents; its name is in AIGC_SOURCE_DOCUMENTS."""
    folder = os.environ.get("AIGC_SOURCE_DOCUMENTS")
    if not folder:
        pytest.skip("AIGC_SOURCE_DOCUMENTS does not name the folder of the five source documents")
    documents = {path.name[:3]: path.read_text("utf-8").splitlines() for path in Path(folder).glob("00?_*.txt")}
    assert len(documents) == 5
    wrong = [(entry.id, *astuple(quote)) for entry in errata().values() for quote in entry.quotes
             if quote.text not in documents[quote.document][quote.line - 1]]
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
