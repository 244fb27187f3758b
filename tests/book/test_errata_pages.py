"""The page of the errata and the links to it."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book")]

import errata_pages  # noqa: E402
import lessons  # noqa: E402

from aigc_course.sources.errata import errata  # noqa: E402


@pytest.fixture
def notebooks(tmp_path):
    def cell(kind, source):
        return {"cell_type": kind, "id": "c", "source": [source]}

    made = {
        "04_mathematics/02_elbo": [
            cell("code", "x = 1\nrefute('E-000-03', claimed=1, found=2)"), cell("markdown", "E-001-11"),
        ],
        "05_projects/01_handwriting_gan": [
            cell("markdown", "见勘误 E-000-03，不是 `E-000-05`"), cell("code", "# E-000-08"),
        ],
    }
    for lang in ("zh", "en"):
        for name, cells in made.items():
            path = tmp_path / lang / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    return tmp_path


def test_calls_are_found_in_code():
    assert errata_pages.refuted("x = 1\nrefute('E-000-03', claimed=1, found=2)") == ["E-000-03"]
    assert errata_pages.refuted("# refute('E-000-03')\nrefute(name)\n'refute(\"E-000-04\")'") == []
    assert errata_pages.refuted("%time refute('E-000-03')") == []


def test_proofs_are_in_code_and_mentions_in_text(notebooks):
    proofs, mentions = errata_pages.proofs_and_mentions(notebooks / "zh")
    assert proofs == {"E-000-03": ["04_mathematics/02_elbo"]}
    assert mentions == {"E-001-11": ["04_mathematics/02_elbo"], "E-000-03": ["05_projects/01_handwriting_gan"]}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_has_every_entry_once_with_its_parts(notebooks, lang):
    page = errata_pages.page(lang, notebooks)
    assert re.findall(r"^\(e-(.+)\)=$", page, re.M) == [id[2:].lower() for id in errata()]
    one = page[page.index("(e-000-03)="):page.index("(e-000-04)=")]
    entry = errata()["E-000-03"]
    for part in ("**E-000-03**　S1", entry.quotes[0].text, "75", getattr(entry, lang), "{cite:t}`kingma2014vae`",
                 "[04/02](../04_mathematics/02_elbo.ipynb)", "[05/01](../05_projects/01_handwriting_gan.ipynb)"):
        assert part in one
    assert "03_algorithms/02_vae" not in page  # named by the entry, but there is no such notebook here
    assert errata_pages.WORDS[lang]["unconfirmed"] in page[page.index("(e-001-42)="):page.index("(e-001-43)=")]
    assert "| S1 |" in page and re.search(r"\| S1 \|.*\| 1 \|\n", page)  # one of them proven


def test_numbers_become_links_and_unknown_ones_are_refused():
    text = errata_pages.with_links("（勘误 E-000-03）, (E-C-01), `E-000-05`, [E-000-06](x)", Path("x.ipynb"))
    assert text == "（勘误 [E-000-03](#e-000-03)）, ([E-C-01](#e-c-01)), `E-000-05`, [E-000-06](x)"
    with pytest.raises(lessons.BookError, match="E-000-77"):
        errata_pages.with_links("E-000-77", Path("x.ipynb"))


def test_what_markdown_would_change_is_code():
    assert errata_pages.verbatim("平常的话", "“{}”") == "“平常的话”"
    assert errata_pages.verbatim("a`b_c", "“{}”") == "`` a`b_c ``"
