from __future__ import annotations

import pytest

from aigc_course.recipes.__main__ import main
from aigc_course.runs import command
from tests.runs.small import QUICK, SMALL, known


@pytest.fixture
def aigc_train(monkeypatch):
    """`aigc train small …` in this process: arguments -> the sentence that it ended with, "" for a good end."""
    monkeypatch.setattr(command, "TITLES", {"small": SMALL.title})
    monkeypatch.setattr(command, "family", known)
    monkeypatch.setenv("AIGC_STATIC", "1")

    def run(*arguments, quick: bool = True) -> str:
        with pytest.raises(SystemExit) as end:
            main(["small", *(QUICK if quick else ()), *map(str, arguments)])
        return "" if end.value.code in (0, None) else str(end.value.code)

    return run
