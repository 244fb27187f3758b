from __future__ import annotations

import pytest

from aigc_course.cli import main
from aigc_course.recipes.catalogue import FAMILIES, Row
from tests.runs.small import QUICK, SMALL


@pytest.fixture
def aigc_train(monkeypatch):
    """`aigc train small …` in this process: arguments -> the sentence that it ended with, "" for a good end."""
    for name in [*FAMILIES]:
        monkeypatch.delitem(FAMILIES, name)
    monkeypatch.setitem(FAMILIES, "small", Row("tests.runs.small:SMALL", SMALL.title))
    monkeypatch.setenv("AIGC_STATIC", "1")

    def run(*arguments, quick: bool = True) -> str:
        with pytest.raises(SystemExit) as end:
            main(["train", "small", *(QUICK if quick else ()), *map(str, arguments)])
        return "" if end.value.code in (0, None) else str(end.value.code)

    return run
