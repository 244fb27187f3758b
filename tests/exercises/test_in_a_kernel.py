"""In a real Jupyter kernel: an endless answer is stopped, and what is displayed is marked as the reader's own."""

import asyncio

import nbformat
import pytest

from aigc_course.authoring.execute import WatchedClient
from aigc_course.authoring.kernel import environment
from aigc_course.authoring.normalise import storable
from aigc_course.exercises.bank import exercise

pytestmark = pytest.mark.slow

CELLS = [
    "from aigc_course.exercises import check, hint, predict, predicted",
    "def generator_loss(fake_logits):\n    while True:\n        pass\n\ncheck('gan-generator-loss', generator_loss)",
    "def generator_loss(fake_logits):\n    x = fake_logits\n    return x / nothing\n\n"
    "check('gan-generator-loss', generator_loss)",
    "check('gan-saturation', 'b')\nprint('said by the notebook')",
]


def test_answers_in_a_kernel(tmp_path):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    folder = tmp_path / "notebooks" / "en"
    folder.mkdir(parents=True)
    client = WatchedClient(nb, timeout=60, resources={"metadata": {"path": str(folder)}})
    asyncio.run(client.async_execute(env=environment(tmp_path, "03_algorithms/01_gan")))
    endless, broken, right = (cell.outputs for cell in nb.cells[1:])
    assert "The code was stopped after 10 s" in endless[0].data["text/html"]
    assert "NameError" in broken[0].data["text/html"] and "return x / nothing" in broken[0].data["text/html"]
    assert exercise("gan-saturation").options["b"].why.en[:40] in right[0].data["text/plain"]
    assert [[storable(output) for output in outputs] for outputs in (endless, broken, right)] == (
        [[False], [False], [False, True]])
    assert (tmp_path / "progress.jsonl").read_text().count("\n") == 3
