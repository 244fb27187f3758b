"""What authoring measures of the assertions in a cell, without a kernel."""

import ast
import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from aigc_course.authoring import claims


@pytest.fixture
def cell(tmp_path, monkeypatch):
    """Runs a cell as a watched kernel does: {claim: smallest gap}, [failed, …]."""
    def run(source, forgiving=False, **names):
        target = tmp_path / "watched.jsonl"
        target.unlink(missing_ok=True)
        shell = SimpleNamespace(ast_transformers=[])
        claims.Watch(str(target), forgiving).install(shell)
        tree = ast.parse(source)
        for transformer in shell.ast_transformers:
            tree = transformer.visit(tree)
        try:
            exec(compile(tree, "cell", "exec"), {"torch": torch, "np": np, **names})
        finally:
            lines = [json.loads(line) for line in target.read_text().splitlines()] if target.exists() else []
        gaps = {line["claim"]: line["gap"] for line in lines if "claim" in line}
        return gaps, [line["failed"] for line in lines if "failed" in line]

    for name in (claims.COMPARE, claims.CLOSE, claims.FAILED):
        monkeypatch.setitem(vars(claims.builtins), name, None)      # taken away again after the test
    return run


@pytest.mark.parametrize(("source", "gap"), [
    ("assert 1 < 3", 2),
    ("assert 5 >= 3", 2),
    ("assert 0 < 1 < 1.25", 0.25),
    ("assert 1 == 1 and 2 <= 4", 2),
    ("assert all(x < 2 for x in (0, 1.5, 1))", 0.5),
    ("assert (torch.tensor([1.0, 3.0]) < 3.5).all()", 0.5),
    ("assert torch.all(torch.tensor([1, 3], dtype=torch.uint8) > 0)", 1),
    ("assert torch.tensor(0.5, requires_grad=True, dtype=torch.bfloat16) < 1", 0.5),
    ("assert np.float32(0.5) < np.array([1.0, 2.0]).min()", 0.5),
    ("for x in (3, 1, 2):\n    assert x > 0", 1),
])
def test_the_gap_of_a_comparison(cell, source, gap):
    gaps, failed = cell(source)
    assert list(gaps.values()) == [pytest.approx(gap)] and failed == []


@pytest.mark.parametrize("source", [
    "assert 1 == 1", "assert not 2 < 1", "assert 1 < 2 or 1 < 3", "assert 'a' < 'b'", "assert {1} < {1, 2}",
    "assert [1] < [2]", "def f(x):\n    assert x < 2\nf(1)", "assert torch.equal(torch.ones(2), torch.ones(2))",
    "import datetime as d\nassert d.date(2000, 1, 1) < d.date(2001, 1, 1)",
    "try:\n    assert 2 < 1\nexcept AssertionError:\n    pass", "assert (torch.zeros(0) < 1).all()",
])
def test_what_has_no_gap_holds_as_ever(cell, source):
    assert cell(source) == ({}, [])


@pytest.mark.parametrize("source", ["assert 2 < 1, 'no'", "assert 0 < 2 < 1", "assert (torch.ones(2) < 1).all()",
                                    "torch.testing.assert_close(torch.ones(1), torch.zeros(1))", "assert 1 == 2"])
def test_what_does_not_hold_raises_or_is_noted(cell, source):
    with pytest.raises(AssertionError):
        cell(source)
    _, failed = cell(source + "\nreached = True", forgiving=True)
    assert len(failed) == 1 and failed[0] in ast.unparse(ast.parse(source))


def test_what_a_tolerance_leaves(cell):
    close = "torch.testing.assert_close"
    gaps, _ = cell(f"{close}(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 2.001]), rtol=0, atol=0.01)")
    assert list(gaps.values()) == [pytest.approx(0.009, abs=1e-6)]
    gaps, _ = cell(f"{close}(torch.tensor(1.0), torch.tensor(1.0))")
    assert list(gaps.values()) == [pytest.approx(1e-5 + 1.3e-6)]
    gaps, _ = cell(f"{close}([torch.ones(1)], [torch.ones(1)])")
    assert gaps == {}
