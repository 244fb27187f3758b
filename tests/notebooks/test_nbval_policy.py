"""docs/nbval-policy.md, tried on small notebooks that break it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NAME = "03_algorithms/01_tiny"

pytestmark = pytest.mark.slow


def cell(cell_id, source, *outputs, count=1, **metadata):
    return nbformat.v4.new_code_cell(source, id=cell_id, outputs=list(outputs), execution_count=count,
                                     metadata=metadata)


def printed(text):
    return nbformat.v4.new_output("stream", name="stdout", text=text)


def returned(text):
    return nbformat.v4.new_output("execute_result", {"text/plain": text}, execution_count=1)


RECORD = "from aigc_course.authoring import record\nrecord('modes', {}, tol=0.5)"
LOCALISED = "from aigc_course.show.localised import show_localised\nshow_localised('<b>x</b>', 'x'); print('kept')"
NETWORK = """\
import socket
try:
    line = socket.socket()
    line.settimeout(1)
    line.connect(("192.0.2.1", 80))
except OSError as error:
    print(error)
"""

# One notebook; each cell with whether it must pass.
CELLS = [
    (True, cell("same", "print(1 + 1)", printed("2\n"))),
    (False, cell("differs", "print(1 + 1)", printed("3\n"))),
    (False, cell("missing", "print(1 + 1)")),
    (False, cell("raises", "1 / 0")),
    (False, cell("never-ran", "print(2)", printed("2\n"), count=None)),
    (False, cell("stripped", "print(2)", count=None)),
    (True, cell("silent", "2;")),
    (True, cell("returns", "2", returned("2"))),
    (True, cell("history", "_ + 1", returned("3"))),
    (True, cell("stderr", "import sys\nprint('warned', file=sys.stderr)\nprint('said')", printed("said\n"))),
    (True, cell("localised", LOCALISED, printed("kept\n"))),
    (False, cell("beside-localised", LOCALISED, printed("other\n"))),
    (True, cell("widget", "import ipywidgets\ndisplay(ipywidgets.IntSlider(3)); print('kept')", printed("kept\n"))),
    (True, cell("live", "print(id(object()))", printed("4711\n"), course={"not_compared": "live"})),
    (False, cell("live-raises", "1 / 0", course={"not_compared": "live"})),
    (True, cell("reason", "print(id(object()))", printed("4711\n"), tags=["nbval-ignore-output"],
                course={"ignore_reason": "an address is the lesson"})),
    (False, cell("no-reason", "print(2)", printed("2\n"), tags=["nbval-ignore-output"])),
    (False, cell("no-reason-comment", "# NBVAL_IGNORE_OUTPUT\nprint(2)", printed("2\n"))),
    (True, cell("within", RECORD.format(7.7))),
    (False, cell("outside", RECORD.format(7.4))),
    (False, cell("unknown", RECORD.format(8).replace("modes", "modez"))),
    (True, cell("network", NETWORK, printed("This notebook may not use the network, but asked for 192.0.2.1.\n"))),
    (True, cell("place", "import os; print(os.path.basename(os.getcwd()), os.environ.get('AIGC_LANG'))",
                printed("03_algorithms None\n"))),
    (False, cell("endless", "while True: pass")),
]


def run(folder: Path, *options: str) -> subprocess.CompletedProcess:
    env = os.environ | {"AIGC_LANG": "en", "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "-v",
         "--color=no", *options, "notebooks/zh"], cwd=folder, env=env, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """cell id -> whether it passed."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copy(ROOT / "conftest.py", folder)
    (folder / "pytest.ini").write_text("[pytest]\n")
    notebook = folder / "notebooks" / "zh" / f"{NAME}.ipynb"
    notebook.parent.mkdir(parents=True)
    nb = nbformat.v4.new_notebook(cells=[one for _, one in CELLS], metadata={"course": {"cell_timeout_s": 5}})
    nbformat.write(nb, notebook)
    (folder / "book").mkdir()
    numbers = {"modes": {"value": 8.0, "tol": 0.5}}
    (folder / "book" / "measured.json").write_text(json.dumps({NAME: {"numbers": numbers}}))
    done = run(folder)
    passed = {}
    for number, (_, one) in enumerate(CELLS):
        lines = [line for line in done.stdout.splitlines() if f"::Cell {number} " in line and "%]" in line]
        assert len(lines) == 1, done.stdout + done.stderr
        passed[one.id] = "PASSED" in lines[0]
    return passed


@pytest.mark.parametrize(("expected", "name"), [(expected, one.id) for expected, one in CELLS],
                         ids=[one.id for _, one in CELLS])
def test_cell(outcome, expected, name):
    assert outcome[name] == expected


def test_the_course_s_notebooks_are_found_by_the_same_conftest():
    assert (ROOT / "conftest.py").exists() and (ROOT / "docs" / "nbval-policy.md").exists()
    assert "loadscope" in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
