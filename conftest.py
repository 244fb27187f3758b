"""How pytest compares notebooks: docs/nbval-policy.md, in code.

Only notebooks that nbval collects are touched. Both editions share code and outputs byte for byte
(`aigc author check` proves it), so only the Chinese one is executed.
"""

import os
import tempfile
from functools import wraps
from pathlib import Path
from unittest import mock

import pytest

from aigc_course.authoring.kernel import CELL_TIMEOUT_S, environment
from aigc_course.authoring.normalise import storable
from aigc_course.authoring.recording import COMPARE


def is_notebook(node: pytest.Collector) -> bool:
    return type(node).__name__ == "IPyNbFile"


def pytest_collection_modifyitems(items):
    cells = [item for item in items if is_notebook(item.parent)]
    for notebook in {id(item.parent): item.parent for item in cells}.values():
        notebook.setup = isolated(notebook)
    for item in cells:
        course = item.cell.metadata.get("course", {})
        if course.get("not_compared"):
            item.options["check"] = False
        if item.cell.execution_count is None:
            item.runtest = refused(item, "never ran where it was stored, so nothing would be compared: "
                                         "run `aigc author run`")
        elif not item.options["check"] and not (course.get("not_compared") or course.get("ignore_reason")):
            item.runtest = refused(item, "is not compared but does not say why: "
                                         "give its metadata course.ignore_reason")
        item.compare_outputs = without_unstored(item.compare_outputs)


def pytest_runtest_setup(item):
    if is_notebook(item.parent):
        course = item.parent.nb.metadata.get("course", {})
        item.config.option.nbval_cell_timeout = float(course.get("cell_timeout_s", CELL_TIMEOUT_S))


def isolated(notebook):
    """Starts the kernel as authoring does: one thread, no network, no settings of the user's."""
    start, stop = notebook.setup, notebook.teardown
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    name = f"{notebook.path.parent.name}/{notebook.path.stem}"
    measured = next((parent / "book" / "measured.json" for parent in notebook.path.parents
                     if (parent / "book" / "measured.json").exists()), None)

    def setup():
        recording = {COMPARE: str(measured)} if measured else {}
        with mock.patch.dict(os.environ, environment(Path(folder.name), name, **recording), clear=True):
            start()
        # nbval keeps no history; without it a `;` at the end of a cell hides nothing and Out[n] is empty.
        execute = notebook.kernel.kc.execute
        notebook.kernel.kc.execute = lambda code, **options: execute(code, **options | {"store_history": True})

    def teardown():
        stop()
        folder.cleanup()

    notebook.teardown = teardown
    return setup


def refused(item, why: str):
    def runtest():
        pytest.fail(f"{item.parent.path.name}, cell {item.cell.get('id', item.cell_num)} {why}", pytrace=False)
    return runtest


def without_unstored(compare):
    """Compares what authoring stores: no warnings, no widgets, nothing in one language."""
    @wraps(compare)
    def compared(test, ref, skip_compare=None):
        return compare(list(filter(storable, test)), list(filter(storable, ref)), skip_compare)
    return compared
