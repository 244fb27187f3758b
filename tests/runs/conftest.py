from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small import known

from aigc_course.recipes.__main__ import main
from aigc_course.runs import command

SCRIPT = Path(__file__).with_name("small.py")
QUICK = ("--threads", "1", "--precision", "fp32")


@pytest.fixture
def aigc_train(monkeypatch):
    """`aigc train small …` in this process: arguments -> the sentence that it ended with, "" for a good end."""
    monkeypatch.setattr(command, "PLACES", {"small": ""})
    monkeypatch.setattr(command, "family", known)
    monkeypatch.setenv("AIGC_STATIC", "1")

    def run(*arguments, quick: bool = True) -> str:
        with pytest.raises(SystemExit) as end:
            main(["small", *(QUICK if quick else ()), *map(str, arguments)])
        return "" if end.value.code in (0, None) else str(end.value.code)

    return run


def in_a_process(*arguments, **environment) -> subprocess.CompletedProcess:
    """The same in a process of its own."""
    command = [sys.executable, SCRIPT, "small", *QUICK, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=os.environ | {"AIGC_STATIC": "1", "OMP_NUM_THREADS": "1"} | environment)
