"""What the book makes of notebooks before Sphinx sees them, and how it refuses what is wrong."""

import json
import re
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "book"), str(ROOT / "book" / "extensions")]

pytest.importorskip("sphinx", reason="the book's tools are not installed: pip install -e '.[book]'")

import again  # noqa: E402
import build  # noqa: E402
import chinese_search  # noqa: E402
import concept_graph  # noqa: E402
import lessons  # noqa: E402
import sources  # noqa: E402

from aigc_course.authoring.findings import prose  # noqa: E402
from aigc_course.authoring.rules import HALF_WIDTH  # noqa: E402
from aigc_course.authoring.terms import read_terms  # noqa: E402

RECORDS = "from aigc_course.authoring import record\nrecord('sum', 4, tol=0)\nprint(4)"
WIDGET = "application/vnd.jupyter.widget-view+json"


def code(source="", outputs=(), **metadata):
    return {"cell_type": "code", "id": "c", "metadata": metadata, "source": source, "outputs": list(outputs),
            "execution_count": 1}


def markdown(source, **metadata):
    return {"cell_type": "markdown", "id": "m", "metadata": metadata, "source": source}


def display(**data):
    return {"output_type": "display_data", "metadata": {}, "data": data}


def page(*cells, measured=None, lang="zh"):
    notebook = {"metadata": {"widgets": {"state": 1}}, "cells": list(cells), "nbformat": 4, "nbformat_minor": 5}
    return lessons.for_book(notebook, measured, lang)


def test_the_measured_box_follows_the_title():
    cost = {"cpu_seconds": 41.6, "memory_mb": 512, "versions": {"python": "3.11.7", "torch": "2.15.0"}}
    box = page(markdown("# T"), markdown("x"), measured=cost, lang="en")["cells"][1]["source"]
    assert "42 s" in box and "512 MB" in box and "torch 2.15.0" in box


@pytest.mark.parametrize("where", ["code", "caption"])
def test_the_alt_text_reaches_pictures_and_players(where):
    alt = {"mystnb": {"image": {"alt": 'a "ring"'}}}
    outputs = [display(**{"image/png": "…"}), display(**{"text/html": ['<img alt="" src="x">'], WIDGET: {}})]
    cells = (code("plot()", outputs, **(alt if where == "code" else {})),
             markdown("**图 1** 说明", **(alt if where == "caption" else {})))
    made = page(*cells)["cells"][0]
    assert lessons.alt_text(made) == 'a "ring"'
    assert made["outputs"][1]["data"] == {"text/html": '<img alt="a &quot;ring&quot;" src="x">'}


def test_a_widget_that_needs_a_kernel_is_left_out_and_state_is_dropped():
    made = page(code("tqdm()", [display(**{WIDGET: {}, "text/plain": "0%"}), display(**{"text/plain": "kept"})]))
    assert [output["data"] for output in made["cells"][0]["outputs"]] == [{"text/plain": "kept"}]
    assert "widgets" not in made["metadata"]


def test_marks_of_quoted_numbers_and_line_breaks_inside_chinese_disappear():
    made = page(markdown("覆盖了 <!--v:modes:d-->8<!--/v--> 个，\n每个都有。\nEnglish\nstays"))
    assert made["cells"][0]["source"] == "覆盖了 8 个，每个都有。\nEnglish\nstays"


def test_captions_are_marked_and_the_original_is_not_touched():
    caption = markdown("**Figure 2** What it shows.")
    assert "figure-caption" in page(caption)["cells"][0]["source"]
    assert caption["source"] == "**Figure 2** What it shows."


@pytest.mark.parametrize("lang, word", [("zh", "参考答案"), ("en", "Solution")])
def test_an_exercise_is_followed_by_its_folded_solution(monkeypatch, lang, word):
    monkeypatch.setenv("AIGC_LANG", lang)
    made = page(code('check("gan-detach", discriminator_loss)'), lang=lang)["cells"]
    assert len(made) == 2
    assert f"<summary>{word}</summary>" in made[1]["source"] and ".detach()" in made[1]["source"]


def test_links_to_lessons_and_papers():
    names = ["03_algorithms/01_gan"]
    text = lessons.linked("见 `03/01`、`04/09` 与 arXiv 1406.2661。", "eprint = {1406.2661}", names, Path())
    assert "[03/01](../03_algorithms/01_gan.ipynb)" in text and "`04/09`" in text
    assert "(https://arxiv.org/abs/1406.2661)" in text
    with pytest.raises(lessons.BookError, match="not in book/references.bib"):
        lessons.linked("arXiv 9999.99999", "", [], Path("x.ipynb"))


def test_every_definition_belongs_to_a_term_and_is_one_sentence_in_both_languages():
    definitions = tomllib.loads((ROOT / "book" / "definitions.toml").read_text("utf-8"))
    assert definitions.keys() <= {term.zh for term in read_terms(ROOT / "book" / "terms.csv")}
    for name, found in definitions.items():
        assert found.keys() == {"zh", "en"}, name
        assert re.fullmatch(r"[^。\n]+。", found["zh"]) and re.fullmatch(r"[A-Z0-9$].+[^.]\.", found["en"]), name
        assert not HALF_WIDTH.search(prose(found["zh"])), name


@pytest.mark.parametrize("lang, lines", [
    ("zh", ["**生成器**　generator · $G$", ": 它。*不用：产生器、generator net。*"]),
    ("en", ["**generator**　生成器 · $G$", ": It. *Not: generator net.*"]),
])
def test_a_glossary_entry_with_and_without_its_definition(lang, lines):
    term = {"zh": "生成器", "en": "generator|generators", "symbol": "$G$", "avoid": "产生器|generator net"}
    definition = {"zh": "它。", "en": "It."}[lang]
    assert sources.glossary_entry(term, definition, lang).splitlines() == lines
    bare = {"zh": "生成器", "en": "generator", "symbol": "", "avoid": None}
    assert sources.glossary_entry(bare, None, lang).splitlines() == [lines[0].removesuffix(" · $G$")]


def test_only_changed_files_are_written(tmp_path):
    sources.bring(tmp_path, {"a/one.md": "1", "two.md": "2"})
    before = (tmp_path / "a/one.md").stat().st_mtime_ns
    sources.bring(tmp_path, {"a/one.md": "1", "three.md": "3"})
    assert (tmp_path / "a/one.md").stat().st_mtime_ns == before
    assert sorted(path.name for path in tmp_path.rglob("*.md")) == ["one.md", "three.md"]


def test_a_notebook_in_one_language_only_is_refused(tmp_path):
    (tmp_path / "zh/03_algorithms").mkdir(parents=True)
    (tmp_path / "zh/03_algorithms/01_x.ipynb").write_text("{}")
    with pytest.raises(lessons.BookError, match="one language only"):
        sources.find_lessons(tmp_path)


def test_a_damaged_notebook_and_a_lost_line_of_code_are_named(tmp_path):
    (tmp_path / "x.ipynb").write_text("{")
    with pytest.raises(lessons.BookError, match="x.ipynb is not a readable notebook"):
        lessons.read_notebook(tmp_path / "x.ipynb")
    (tmp_path / "x.ipynb").write_text(json.dumps({"cells": [code() | {"execution_count": None}]}))
    with pytest.raises(lessons.BookError, match="without a run"):
        lessons.read_notebook(tmp_path / "x.ipynb")
    with pytest.raises(lessons.BookError, match="0 say so"):
        sources.code_line({"file": "aigc_course/models/images/gan.py", "line": "no such line", "tex": "x"})


@pytest.mark.slow
def test_every_symbol_means_one_line_of_the_code():
    entries = tomllib.loads((ROOT / "book" / "symbols.toml").read_text("utf-8"))["symbol"]
    assert len(entries) > 10 and all(sources.code_line(entry).startswith("`") for entry in entries)


def test_running_again_makes_both_editions_anew_and_leaves_the_notebooks_alone(tmp_path):
    quote, name, notebooks = "<!--v:sum:d-->3<!--/v-->", "03_algorithms/01_sum", tmp_path / "notebooks"
    for lang, text in (("zh", f"# 和\n\n{quote}"), ("en", f"# Sum\n\n{quote}")):
        cells = [nbformat.v4.new_markdown_cell(text, id="title"), nbformat.v4.new_code_cell(RECORDS, id="sum")]
        (notebooks / lang / "03_algorithms").mkdir(parents=True)
        nbformat.write(nbformat.v4.new_notebook(cells=cells), notebooks / lang / "03_algorithms/01_sum.ipynb")
    before = {path: path.read_bytes() for path in notebooks.rglob("*.ipynb")}
    course = again.run_again(notebooks, {name: {"numbers": {"sum": {"value": 3, "tol": 1}}}}, tmp_path / "again")
    for lang in sources.LANGUAGES:
        title, sum_ = lessons.read_notebook(course.notebook(name, lang))["cells"]
        assert ">4<" in "".join(title["source"]) and sum_["outputs"][0]["text"] == ["4\n"]
    assert sources.read_measured(course.measured)[name]["numbers"]["sum"]["value"] == 4
    assert {path: path.read_bytes() for path in notebooks.rglob("*.ipynb")} == before


def test_a_number_that_moved_is_named():
    stored = {"modes": {"value": 8, "tol": 0}, "share": {"value": 0.9, "tol": 0.1}}
    again.require_same("03_algorithms/01_gan", stored, {"modes": {"value": 8}, "share": {"value": 0.81}, "new": {}})
    for now in ({"modes": {"value": 7}, "share": {"value": 0.9}}, {"modes": {"value": 8}}):
        with pytest.raises(lessons.BookError, match="03_algorithms/01_gan: (modes is 7|share is nan), but"):
            again.require_same("03_algorithms/01_gan", stored, now)


def test_missing_or_changed_mathjax_is_one_clear_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(build, "BUILD", tmp_path)
    monkeypatch.setattr(build, "MATHJAX", ("no-such-package-here", "tex-svg-full.js"))
    with pytest.raises(lessons.BookError, match="install it with"):
        build.fetch_assets()
    monkeypatch.setattr(build, "MATHJAX", ("sphinx-mathjax-offline", "tex-svg.js"))
    with pytest.raises(lessons.BookError, match="not the file the book was tested with"):
        build.fetch_assets()
    assert not list(tmp_path.rglob("*.js"))


def test_chinese_is_indexed_by_pairs():
    index = type("Index", (), {"latin_terms": set()})()
    assert chinese_search.split(index, "用GAN生成图像。光") == ["用", "生成", "成图", "图像", "光", "GAN"]
    assert index.latin_terms == {"GAN"}


def test_the_page_of_a_notebook_that_is_gone_is_removed(tmp_path):
    for name in ("src/03_a/01_x.ipynb", "html/03_a/01_x.html", "html/03_a/02_y.html", "html/search.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    build.remove_stale(tmp_path / "html", tmp_path / "src")
    left = sorted(path.name for path in (tmp_path / "html").rglob("*.html"))
    assert left == ["01_x.html", "search.html"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_diagram_is_svg_with_an_alt_text_and_stays_inside_its_frame(lang):
    for path in concept_graph.DIAGRAMS.glob("*.toml"):
        drawing = ElementTree.fromstring(concept_graph.svg(tomllib.loads(path.read_text("utf-8")), lang))
        width, height = map(float, drawing.get("viewBox").split()[2:])
        assert drawing.get("aria-label")
        for text in drawing.iter("text"):
            half = sum(7.5 if character > "\u2e80" else 4.5 for character in text.text or "")
            assert half <= float(text.get("x")) <= width - half, text.text
            assert 12 <= float(text.get("y")) + float(text.get("dy")) <= height - 4, text.text
        for edge in drawing.iter("path"):
            numbers = [float(n) for n in re.findall(r"-?\d+", edge.get("d"))]
            assert all(0 <= n <= max(width, height) for n in numbers[:2] + numbers[-2:])


def test_every_entry_of_the_bibliography_names_its_paper():
    from pybtex.database import parse_file

    entries = parse_file(ROOT / "book" / "references.bib").entries
    assert len(entries) > 15
    for key, entry in entries.items():
        assert entry.persons["author"] and entry.fields["year"], key
        where = [field for field in ("doi", "eprint", "url") if field in entry.fields]
        assert len(where) == 1 and ("eprint" not in where or entry.fields["archiveprefix"] == "arXiv"), key
    identifiers = [value for entry in entries.values() for field, value in entry.fields.items()
                   if field in ("doi", "eprint")]
    assert len(set(identifiers)) == len(identifiers)


def test_every_paper_that_the_package_names_is_in_the_bibliography():
    known = (ROOT / "book" / "references.bib").read_text("utf-8")
    for path in [*(ROOT / "aigc_course").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py")]:
        for number in re.findall(r"(?:arXiv[ :]|arxiv\.org/abs/)(\d{4}\.\d{4,5})", path.read_text("utf-8")):
            assert f"eprint = {{{number}}}" in known, f"{path.name} names arXiv {number}: add it to book/references.bib"


def test_chapters_are_the_same_in_both_languages():
    chapters = sources.read_chapters()
    assert [chapter["id"][:2] for chapter in chapters] == [f"{n:02d}" for n in range(1, 10)]
    for chapter in chapters:
        for lang in sources.LANGUAGES:
            assert chapter[lang]["title"] and chapter[lang]["body"].strip()


def test_the_book_is_json_that_jupyter_reads():
    made = page(markdown("# T"), code("1", [], tags=["hide-input"]))
    nbformat.validate(nbformat.from_dict(json.loads(json.dumps(made))))
