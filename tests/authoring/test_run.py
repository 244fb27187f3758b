"""Executing, measuring and normalising, in a real kernel (one for all of this file's first tests)."""

import json
import re

import nbformat
import pytest

from aigc_course.authoring import actions, quotes, record, recorded
from aigc_course.authoring.measured import measured
from aigc_course.authoring.normalise import KERNELSPEC, normalise, smaller
from aigc_course.authoring.places import Course, read, write
from aigc_course.authoring.recording import COMPARE, NOTEBOOK, WRITE
from aigc_course.errors import CourseError
from tests.authoring.authoring_course import NAME, code, markdown

pytestmark = pytest.mark.slow

CELLS = [
    ("settings", 'import os, socket, sys, time\nprint({k: os.environ.get(k) for k in '
                 '("OMP_NUM_THREADS", "AIGC_LANG", "AIGC_DATA_MIRROR")}, os.path.basename(os.getcwd()))'),
    ("interpreter", "print(sys.executable)"),
    ("work", "end = time.process_time() + 1.5\nwhile time.process_time() < end: pass\nblock = bytearray(300 * 2**20)"),
    ("stderr", 'print("a", flush=True); print("warned", file=sys.stderr, flush=True); print("b")'),
    ("record", 'from aigc_course.authoring import record\nrecord("modes", 7.6, tol=0.5)'),
    ("network", 'try:\n    socket.create_connection(("192.0.2.1", 80), 1)\nexcept OSError as error:\n    print(error)'),
    ("names", 'try:\n    socket.getaddrinfo("example.org", 80)\nexcept OSError as error:\n    print(error)'),
    ("localised", 'from aigc_course.show.localised import show_localised\n'
                  'show_localised("<b>你好</b>", "你好")\nprint("x")'),
    ("widget", "import ipywidgets\nipywidgets.IntSlider(3)"),
    ("live", 'from IPython.display import clear_output\nprint("old"); clear_output(wait=True); print("new")'),
    ("captured", "out = ipywidgets.Output()\nwith out:\n    print('inside')\nprint('outside')"),
    ("last", "3.5;"),
    ("value", "3.5"),
]


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A course whose one notebook was run."""
    course = Course(tmp_path_factory.mktemp("course"))
    nb = nbformat.v4.new_notebook(cells=[code(*cell) for cell in CELLS])
    nb.cells.insert(0, markdown("title", "# 题\n\n<!--v:modes:.1f-->?<!--/v--> 个"))
    nb.metadata.update(widgets={"state": 1}, kernelspec={"name": "other", "display_name": "x"})
    nb.cells[1].metadata.update(collapsed=True, course={"not_compared": "live"})
    write(nb, course.notebook(NAME, "zh"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIGC_LANG", "en")
        patch.setenv("AIGC_DATA_MIRROR", "/nowhere")
        done = actions.run(course, NAME)
    return course, done, {cell.id: cell for cell in read(course.notebook(NAME, "zh")).cells}


def text_of(cell) -> str:
    return "".join(output.get("text", output.get("data", {}).get("text/plain", "")) for output in cell.outputs)


def test_the_kernel_is_ours(ran):
    import sys
    cells = ran[2]
    assert "'OMP_NUM_THREADS': '1', 'AIGC_LANG': None, 'AIGC_DATA_MIRROR': None} 03_algorithms" in (
        text_of(cells["settings"]))
    assert text_of(cells["interpreter"]).strip() == sys.executable


def test_the_network_is_refused(ran):
    assert "may not use the network, but asked for 192.0.2.1" in text_of(ran[2]["network"])
    assert "may not use the network, but asked for example.org" in text_of(ran[2]["names"])


def test_the_cost_is_measured(ran):
    course, done, _ = ran
    assert 1.5 < done.measurement["cpu_seconds"] < 30
    assert 300 < done.measurement["memory_mb"] < 3000
    known = json.loads(course.measured.read_text())[NAME]
    assert known == done.measurement == measured(course)[NAME]
    assert known["numbers"] == {"modes": {"value": 7.6, "tol": 0.5}}
    assert re.fullmatch(r"3\.\d+\.\d+", known["versions"]["python"])


def test_prose_quotes_the_run(ran):
    assert ran[2]["title"].source == "# 题\n\n<!--v:modes:.1f-->7.6<!--/v--> 个"


def test_outputs_are_clean(ran):
    _, done, cells = ran
    assert [cells[name].execution_count for name, _ in CELLS] == list(range(1, len(CELLS) + 1))
    assert [(output.name, output.text) for output in cells["stderr"].outputs] == [("stdout", "a\nb\n")]
    assert "warned" in done.warnings
    assert text_of(cells["localised"]) == "x\n"
    assert cells["widget"].outputs == []
    assert text_of(cells["live"]) == "new\n"
    assert text_of(cells["last"]) == "" and text_of(cells["value"]) == "3.5"


def test_only_what_nbval_cannot_follow_is_marked(ran):
    marked = {name: cell.metadata["course"]["not_compared"] for name, cell in ran[2].items()
              if "not_compared" in cell.metadata.get("course", {})}
    assert marked == {"live": "live", "captured": "widget"}


def test_metadata_is_clean(ran):
    nb = read(ran[0].notebook(NAME, "zh"))
    assert nb.metadata == {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    assert {key for cell in nb.cells for key in cell.metadata} == {"course"}


def test_running_again_changes_no_byte(ran, tmp_path):
    course = ran[0]
    nb = read(course.notebook(NAME, "zh"))
    nb.cells = [cell for cell in nb.cells if cell.id not in ("work", "network", "names")]
    write(nb, course.notebook("04_x/01_y", "zh"))
    actions.run(course, "04/01")
    first = course.notebook("04_x/01_y", "zh").read_bytes()
    actions.run(course, "04/01")
    assert course.notebook("04_x/01_y", "zh").read_bytes() == first


@pytest.mark.parametrize(("source", "what"), [
    ("1 / 0", "bad failed"),
    ("while True: pass", "bad ran longer than 1 s"),
    ("import os; os._exit(1)", "the kernel died"),
    ('from aigc_course.exercises import check\ncheck("gan-saturation", "b")', "its own exercise gan-saturation"),
    ('from aigc_course.exercises import predict\npredict("gan-modes", "b")', "its own exercise gan-modes"),
    ("record = __import__('aigc_course.authoring').authoring.record\nrecord('x', float('nan'), 1)", "bad failed"),
])
def test_a_cell_that_fails_leaves_the_notebook_as_it_was(course, source, what):
    nb = read(course.notebook(NAME, "zh"))
    nb.cells = [code("bad", source)]
    write(nb, course.notebook(NAME, "zh"))
    before = course.notebook(NAME, "zh").read_bytes(), course.measured.read_bytes()
    with pytest.raises(CourseError, match=what):
        actions.run(course, NAME, timeout=1 if "while" in source else None)
    assert (course.notebook(NAME, "zh").read_bytes(), course.measured.read_bytes()) == before


def test_record_compares_under_test_and_passes_by_a_learner(monkeypatch, tmp_path):
    for variable in (WRITE, COMPARE, NOTEBOOK):
        monkeypatch.delenv(variable, raising=False)
    record("share", 0.1, tol=0.01)
    reference = tmp_path / "measured.json"
    reference.write_text(json.dumps({NAME: {"numbers": {"share": {"value": 0.5, "tol": 9.0}}}}))
    monkeypatch.setenv(COMPARE, str(reference))
    monkeypatch.setenv(NOTEBOOK, NAME)
    record("share", 0.509, tol=0.01)
    with pytest.raises(AssertionError, match="0.52, but 0.5 ± 0.01"):
        record("share", 0.52, tol=0.01)
    with pytest.raises(AssertionError, match="never recorded"):
        record("shape", 0.5, tol=1)
    for value, tol in ((float("inf"), 1), (1, -1), (1, float("nan"))):
        with pytest.raises(ValueError, match="finite"):
            record("share", value, tol)


def test_a_lesson_quotes_the_numbers_of_another():
    """`recorded` reads what is committed, and names what is not there in one sentence."""
    numbers = measured(Course.here())["03_algorithms/01_gan"]["numbers"]
    assert recorded("03_algorithms/01_gan", "repaired_modes") == numbers["repaired_modes"]["value"]
    for lesson, name in (("03_algorithms/01_gan", "nothing"), ("03_algorithms/99_none", "repaired_modes")):
        with pytest.raises(CourseError, match=f"{lesson} has recorded no '{name}'"):
            recorded(lesson, name)


def test_quotes():
    numbers = {"modes": {"value": 8.0}, "share": {"value": 0.93754}}
    text = "<!--v:modes:d-->?<!--/v--> <!--v:share:.1%-->\n<!--/v--> <!--v:other:d-->1<!--/v-->"
    filled = quotes.fill(text, "en", numbers)
    assert filled == "<!--v:modes:d-->8<!--/v--> <!--v:share:.1%-->93.8%<!--/v--> <!--v:other:d-->1<!--/v-->"
    assert quotes.emptied(filled) == quotes.emptied(text)
    assert len(quotes.differences(text, "en", numbers)) == 3
    assert len(quotes.differences(filled, "en", numbers)) == 1
    judged = quotes.fill("<!--f:F-05--><!--/f-->", "en", {})
    assert "**F-05 · right**" in judged and not quotes.differences(judged, "en", {})
    assert quotes.differences(judged, "zh", {}) and quotes.emptied(judged) == "<!--f:F-05--><!--/f-->"
    with pytest.raises(CourseError, match="'q' is not a number format"):
        quotes.fill("<!--v:modes:q--><!--/v-->", "en", numbers)


def test_pictures_shrink_and_keep_their_look():
    import io

    import numpy as np
    from PIL import Image
    x = np.linspace(0, 1, 300)
    smooth = np.stack([np.outer(x, x), np.outer(1 - x, x), np.outer(x, 1 - x)], -1)
    for pixels in (smooth, np.concatenate([smooth, smooth[..., :1]], -1)):
        before = Image.fromarray((255 * pixels).round().astype(np.uint8))
        buffer = io.BytesIO()
        before.save(buffer, "PNG")
        after = Image.open(io.BytesIO(smaller(buffer.getvalue())))
        assert len(smaller(buffer.getvalue())) < len(buffer.getvalue())
        if before.mode == "RGB":
            error = np.abs(np.asarray(after.convert("RGB"), float) - np.asarray(before, float))
            assert error.mean() < 6
        assert smaller(buffer.getvalue()) == smaller(buffer.getvalue())


def test_tracebacks_keep_no_paths():
    nb = nbformat.v4.new_notebook(cells=[code("x", "1/0", [nbformat.v4.new_output(
        "error", ename="ZeroDivisionError", evalue="division by zero", traceback=["/x/y.py"])])])
    normalise(nb)
    assert nb.cells[0].outputs[0].traceback == ["ZeroDivisionError: division by zero"]
