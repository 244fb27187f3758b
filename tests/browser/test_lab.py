"""The course in a real JupyterLab: run all, move a slider, answer an exercise wrongly and rightly."""

import json
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from aigc_course.exercises.bank import exercise

ROOT = Path(__file__).parents[2]
EXPLORER = """\
import torch
from aigc_course.show.widgets import LatentExplorer

def generate(z):  # a grey disc at z
    rows, columns = torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij")
    return (torch.hypot(rows - z[:, :1, None], columns - z[:, 1:, None]) < 4).float()[:, None]

corners = torch.tensor([[3.0, 3.0], [3.0, 12.0], [12.0, 3.0], [12.0, 12.0]])
LatentExplorer(generate, corners, spherical=False, steps=4)"""
ASK = "from aigc_course.exercises import check"
WORDS = {"zh": "横向", "en": "across"}


def picture(lab):
    """The large picture of the explorer, as a browser shows it."""
    image = lab.tab.locator(".widget-image").nth(1)
    image.wait_for(timeout=60_000)
    return image.screenshot()


def wait_until_it_differs(lab, before: bytes) -> bytes:
    for _ in range(100):
        now = picture(lab)
        if now != before:
            return now
        lab.tab.wait_for_timeout(100)
    raise AssertionError("the slider moved but the picture did not change")


def move_slider(lab, number: int) -> None:
    lab.tab.locator(".widget-slider .noUi-handle").nth(number).focus()
    for _ in range(6):
        lab.tab.keyboard.press("ArrowRight")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_slider_moves_and_an_exercise_judges(open_lab, lang, tmp_path):
    cells = [new_code_cell(EXPLORER), new_code_cell(ASK), new_code_cell('check("gan-saturation", None)')]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), tmp_path / "small.ipynb")
    lab = open_lab(lang)
    lab.open("small.ipynb")
    lab.run_all()
    before = picture(lab)
    assert lab.tab.locator(".widget-label", has_text=WORDS[lang]).count() == 1
    move_slider(lab, 0)
    after = wait_until_it_differs(lab, before)
    move_slider(lab, 1)
    wait_until_it_differs(lab, after)

    output = lab.tab.locator(".aigc-exercise")
    assert output.get_attribute("class").endswith("aigc-unanswered")
    assert output.get_attribute("lang") == lang
    asked = exercise("gan-saturation")
    wrong = next(letter for letter in asked.options if letter != asked.right)
    for letter, verdict in ((wrong, "wrong"), (asked.right, "right")):
        lab.type_into(2, f'check("gan-saturation", "{letter}")')
        lab.tab.locator(f".aigc-exercise.aigc-{verdict}").wait_for(timeout=60_000)
    events = [json.loads(line) for line in (tmp_path / ".private" / "progress.jsonl").read_text().splitlines()]
    assert [event["status"] for event in events] == ["wrong", "right"]
    assert lab.seen.external == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["05_projects/01_handwriting_gan"])
def test_the_real_notebook_runs_and_its_explorer_moves(open_lab, name, tmp_path):
    shutil.copy(ROOT / "notebooks" / "zh" / f"{name}.ipynb", tmp_path / "lesson.ipynb")
    lab = open_lab("zh")
    lab.open("lesson.ipynb")
    lab.run_all(timeout=400)
    cells = lab.tab.evaluate("jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
                             ".filter(cell => cell.cell_type === 'code').map(cell => cell.outputs)")
    assert not [output for outputs in cells for output in outputs if output["output_type"] == "error"]
    lab.tab.evaluate("""() => { const notebook = jupyterapp.shell.currentWidget.content;
        const n = notebook.model.sharedModel.cells.findIndex(cell => cell.getSource().includes('LatentExplorer('));
        notebook.activeCellIndex = n; return notebook.scrollToItem(n); }""")
    before = picture(lab)
    move_slider(lab, 0)
    wait_until_it_differs(lab, before)
    assert lab.seen.external == []
