"""The live poet in a real JupyterLab: a first line is typed, a quatrain appears, a character shows its alternatives."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

CELL = """\
from aigc_course.projects.poet.model import load_poet
from aigc_course.projects.poet.page import LivePoet
LivePoet(load_poet(), [{"form": "五", "rhyme": "尤"}])"""
WORDS = {"zh": ("颜色越深", "The darker", "不认识"), "en": ("The darker", "颜色越深", "does not know")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_line_is_typed_and_continued(open_lab, lang, tmp_path):
    own, other, refusal = WORDS[lang]
    nbformat.write(new_notebook(cells=[new_code_cell(CELL)], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), tmp_path / "poet.ipynb")
    lab = open_lab(lang)
    lab.open("poet.ipynb")
    lab.run_all()
    answer = lab.tab.locator(".widget-html .aigc-poet")
    answer.wait_for(timeout=60_000)
    assert own in answer.inner_text() and other not in answer.inner_text()
    line = lab.tab.locator(".widget-text input")
    line.fill("白日依山盡")
    line.press("Enter")
    given = lab.tab.locator(".widget-html .poem .step > b", has_text="尽")
    given.wait_for(timeout=30_000)                                      # simplified, and marked as given
    step = lab.tab.locator(".widget-html .poem .step").nth(7)
    step.hover()
    assert step.locator(".why").is_visible() and step.locator(".why span").count() == 5
    lab.tab.screenshot(path=tmp_path / "poet.png")
    line.fill("🙂")
    line.press("Enter")
    lab.tab.locator(".widget-html .aigc-poet", has_text=refusal).wait_for(timeout=30_000)
    assert lab.seen.external == []
