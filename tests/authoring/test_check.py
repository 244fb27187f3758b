"""Each rule, broken once: `check` must name the file, the cell and a remedy."""

import json

import nbformat
import pytest

from aigc_course.authoring import actions
from aigc_course.authoring.check import check
from aigc_course.authoring.places import read, write
from aigc_course.authoring.terms import Term, misused
from tests.authoring.authoring_course import NAME, code, markdown, picture


def change(course, *languages):
    """Runs the decorated function on the notebook in each language (zh, then the English one synced)."""
    def apply(edit):
        for language in languages:
            nb = read(course.notebook(NAME, language))
            edit(nb)
            write(nb, course.notebook(NAME, language))
        return {cell.id: cell for cell in nb.cells}
    return apply


def cell_of(nb, cell_id):
    return next(cell for cell in nb.cells if cell.id == cell_id)


def only(course, what, cell=None, language=None):
    """There are findings, all of them are about this, and one is in this cell."""
    found = check(course)
    assert found, "nothing was found"
    assert all(what in finding.what for finding in found), [str(finding) for finding in found]
    assert cell is None or cell in [finding.cell for finding in found]
    assert language is None or {finding.file.split("/")[1] for finding in found} == {language}
    assert all(finding.remedy for finding in found)


def test_a_course_that_keeps_the_rules(course):
    assert check(course) == []


# Edits of both editions at once, so that only the rule in question is broken.
HOME = "/".join(["", "home", "anna"])                        # in pieces: no file of ours holds such a path
BROKEN_IN_BOTH = {
    "has 26 lines": ("sum", lambda cell: cell.update(source="\n".join(["1"] * 26))),
    "Chinese comment": ("sum", lambda cell: cell.update(source="1  # 一")),
    "has execution count 7": ("sum", lambda cell: cell.update(execution_count=7)),
    "has execution count None": ("sum", lambda cell: cell.update(execution_count=None)),
    "memory address, 0x7f2e4b2a2210": ("sum", lambda cell: cell.outputs[0].update(text="<Line2D at 0x7f2e4b2a2210>")),
    f"path of one machine, {HOME}": ("sum", lambda cell: cell.outputs[0].update(text=f"in {HOME}/x.py")),
    "path of one machine, C:\\Users": ("sum", lambda cell: cell.outputs[0].update(text="in C:\\Users\\anna")),
    "stores a warning": ("sum", lambda cell: cell.outputs[0].update(name="stderr")),
    "keeps metadata: execution": ("sum", lambda cell: cell.metadata.update(execution={"iopub": "2026"})),
    "does not say why": ("sum", lambda cell: cell.metadata.update(tags=["nbval-ignore-output"])),
    "is skipped": ("sum", lambda cell: cell.metadata.update(tags=["nbval-skip"])),
    "bank does not hold": ("sum", lambda cell: cell.update(source='check("gan-generater", 1)')),
    "picture of 2": ("plot", lambda cell: cell.outputs[0].data.update({"image/png": picture(300, noise=1)})),
    "without a caption": ("caption", lambda cell: cell.update(source="A line.")),
    "without an alt text": ("plot", lambda cell: cell.metadata.pop("mystnb")),
    "shows a picture without a caption": (
        "sum", lambda cell: cell.outputs.append(nbformat.v4.new_output("display_data", {"text/html": "<svg></svg>"}))),
    "picture without a caption": ("sum", lambda cell: cell.outputs.append(nbformat.v4.new_output(
        "display_data", {"text/html": "<b style='background: url(data:image/png;base64,)'></b>"}))),
    "empty code cell": ("sum", lambda cell: cell.update(source="", outputs=[])),
}


@pytest.mark.parametrize("what", BROKEN_IN_BOTH)
def test_a_rule_broken_in_both_editions(course, what):
    cell_id, edit = BROKEN_IN_BOTH[what]

    @change(course, "zh", "en")
    def cells(nb):
        edit(cell_of(nb, cell_id))

    found = [finding for finding in check(course) if what in finding.what]
    assert {finding.file.split("/")[1] for finding in found} >= {"zh"}, [str(finding) for finding in check(course)]
    assert found[0].remedy
    assert found[0].cell in (cell_id, "plot")


BROKEN_IN_CHINESE = {
    "uses '产生器'": ("title", "# GAN 的博弈\n\n产生器很好。"),
    "calls 'generator' '生产者'": ("title", "# GAN\n\n生产者（generator）。"),
    "is not in the term list: 弄坏（breakage）": ("title", "# GAN\n\n弄坏（breakage）。"),
    "half-width punctuation": ("title", "# GAN\n\n我们看,然后写。"),
    "a picture from the network": ("exercises", "![图](https://example.org/x.png)"),
    "a picture without an alt text": ("exercises", "![](x.png)"),
    "is the caption of figure 1 but says 2": ("caption", "**图 2** 一条线。"),
    "does not record": ("title", "有 <!--v:modez:d-->8<!--/v--> 个"),
    "says '9' where the run recorded modes = 8": ("title", "有 <!--v:modes:d-->9<!--/v--> 个"),
    "in other words than the exercise bank": ("exercises", "<!--x:gan-saturation-->为什么？<!--/x-->"),
    "quotes the exercise 'gan-x', which": ("exercises", "<!--x:gan-x--><!--/x-->"),
    "judges 'F-05' in other words": ("exercises", "<!--f:F-05-->错误<!--/f-->"),
    "quotes the formula 'F-99', which": ("exercises", "<!--f:F-99--><!--/f-->"),
}


@pytest.mark.parametrize("what", BROKEN_IN_CHINESE)
def test_a_rule_broken_in_chinese_prose(course, what):
    cell_id, source = BROKEN_IN_CHINESE[what]

    @change(course, "zh")
    def cells(nb):
        cell_of(nb, cell_id).source = source

    found = [finding for finding in check(course) if what in finding.what]
    assert [(finding.file, finding.cell) for finding in found] == [(f"notebooks/zh/{NAME}.ipynb", cell_id)]


@pytest.mark.parametrize("source", ["见 `产生器`。", "见 $产生器$。", "<!-- 产生器 -->", "```\n产生器,\n```",
                                    "[这里](https://example.org/产生器)"])
def test_what_is_not_prose_is_not_checked_for_terms(course, source):
    @change(course, "zh")
    def cells(nb):
        cell_of(nb, "title").source = source

    assert not [finding for finding in check(course) if "产生器" in finding.what or "half" in finding.what]


@pytest.mark.parametrize(("source", "found"), [("价值函数", 0), ("值函数", 1), ("价值函数与值函数", 1)])
def test_a_name_to_avoid_inside_the_right_term(source, found):
    terms = [Term("价值函数", ("value function",), "$V$", ("值函数",))]
    assert len(list(misused(source, "zh", terms))) == found


def test_english_terms_and_alt_texts(course):
    @change(course, "en")
    def cells(nb):
        cell_of(nb, "title").source += " Generaters."
        cell_of(nb, "plot").metadata.mystnb.image.alt = "一条线"

    found = check(course)
    assert ["'generater'" in finding.what or "other language" in finding.what for finding in found] == [True, True]


def test_a_stale_translation_and_how_to_settle_it(course):
    @change(course, "zh")
    def cells(nb):
        cell_of(nb, "title").source += "而且很快。"

    only(course, "older Chinese text", cell="title", language="en")
    actions.sync(course, NAME)
    only(course, "older Chinese text", cell="title")     # carrying code across translates nothing
    actions.sync(course, NAME, accept=("title",))
    assert check(course) == []


def test_a_stale_alt_text(course):
    @change(course, "zh")
    def cells(nb):
        cell_of(nb, "plot").metadata.mystnb.image.alt = "一条下降的线"

    only(course, "older Chinese text", cell="plot", language="en")


def test_new_words_settle_a_stale_cell(course):
    @change(course, "zh")
    def cells(nb):
        cell_of(nb, "title").source += "而且很快。"

    actions.sync(course, NAME, new={"title": "# The GAN game\n\nIt covers <!--v:modes:d--><!--/v--> modes, fast."})
    assert check(course) == []


def test_a_missing_translation(course):
    @change(course, "zh")
    def cells(nb):
        nb.cells.insert(1, markdown("more", "再说一句。"))

    only(course, "other cells", language="en")
    actions.sync(course, NAME)
    only(course, "has no translation", cell="more", language="en")


def test_a_moved_number_makes_nothing_stale(course):
    @change(course, "zh")
    def cells(nb):
        title = cell_of(nb, "title")
        title.source = title.source.replace("-->8<!--", "-->7<!--")

    assert not [finding for finding in check(course) if "older" in finding.what]


def test_quotes_that_one_edition_lacks(course):
    @change(course, "en")
    def cells(nb):
        cell_of(nb, "title").source = "# The GAN game\n\nEight modes."

    only(course, "quotes other numbers", cell="title", language="en")


@pytest.mark.parametrize(("what", "edit"), {
    "another source": lambda cell: cell.update(source="print(3)"),
    "another outputs": lambda cell: cell.outputs[0].update(text="4\n"),
    "other metadata": lambda cell: cell.metadata.update(tags=["hide-input"]),
}.items())
def test_editions_that_differ(course, what, edit):
    @change(course, "en")
    def cells(nb):
        edit(cell_of(nb, "sum"))

    only(course, what, cell="sum", language="en")
    actions.sync(course, NAME)
    assert check(course) == []


def test_code_that_changed_after_the_run(course):
    @change(course, "zh", "en")
    def cells(nb):
        cell_of(nb, "sum").source = "print(2 + 1)"

    only(course, "other code than the run", language="zh")


def test_a_notebook_over_budget_unmeasured_or_gone(course):
    known = json.loads(course.measured.read_text())
    known[NAME]["cpu_seconds"] = 91.0
    course.measured.write_text(json.dumps(known))
    only(course, "takes 91 s")
    known[NAME]["cpu_seconds"] = 90.0
    course.measured.write_text(json.dumps(known | {"03_algorithms/09_gone": {}}))
    only(course, "which does not exist")
    course.measured.unlink()
    assert "was never measured" in [finding.what for finding in check(course)]


def test_an_edition_that_is_missing(course):
    course.notebook(NAME, "en").unlink()
    only(course, "is missing", language="en")


def test_a_notebook_without_exercises(course):
    @change(course, "zh", "en")
    def cells(nb):
        cell_of(nb, "ask").source = 'check("gan-detach", None)'

    found = [finding.what for finding in check(course) if "exercise" in finding.what]
    assert found == ["has no fill-in exercise", "has no open exercise", "has no predict exercise"]


def test_a_notebook_that_was_stripped(course):
    @change(course, "zh", "en")
    def cells(nb):
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.update(execution_count=None, outputs=[])

    assert [finding.what for finding in check(course)] == ["was never run, or was stripped of its outputs"] * 2


def test_a_file_over_size_and_foreign_metadata(course):
    @change(course, "zh", "en")
    def cells(nb):
        nb.metadata["widgets"] = {"state": {}}
        nb.metadata.kernelspec.name = "conda-env"
        nb.cells.append(code("big", "1", [nbformat.v4.new_output("stream", text="x" * 2**20)]))
        nb.cells[-1].execution_count = 4

    found = " ".join(finding.what for finding in check(course) if "/zh/" in finding.file)
    assert "1.0 MiB" in found and "widgets" in found and "another kernelspec" in found
