"""`refute` fails whenever the document would be right, and whenever nothing was compared."""

import math

import numpy as np
import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.sources.errata import errata, erratum, refute

ID = "E-000-03"
REFUTED = [
    (True, False, None), ("gpt2", "gpt3", None), (12, 11, None), ((2, 4, 8), (2, 4, 9), None),
    (("ln", "attn"), ("ln", "attn", "mlp"), None), (("a",), (), None),
    (0.5, 0.6, 0.05), (100, 89, 5), (1.0, math.inf, 0.1), (0.0, torch.tensor([0.0, 0.2]), 0.1),
    (torch.zeros(2, 2), torch.tensor([[0.0, 0.0], [0.0, 1.0]]), 0.5), (np.zeros(3), torch.ones(3), 0.9),
    ([0.0, 1.0], (0.0, 3.0), 1.0), (np.float64(1), torch.tensor(3.0), 1),
]  # fmt: skip
AGREED = [
    (True, True, None), ("gpt2", "gpt2", None), (12, 12, None), ((2, 4, 8), torch.Size([2, 4, 8]), None),
    (0.5, 0.55, 0.0501), (100, 95, 5), (math.inf, math.inf, 1.0), (0.0, torch.tensor([0.0, 0.09]), 0.1),
    (torch.zeros(2, 2), np.full((2, 2), 0.5), 0.5), (0, 0.0, 0), (np.bool_(True), True, None),
]  # fmt: skip
NOTHING_COMPARED = [
    (True, "True", None), (1, True, None), (1, "1", None), ((1, 2), 3, None), (None, 1, None), (1, object(), None),
    (0.5, 0.6, None), (0.5, 0.6, -1.0), (0.5, 0.6, math.nan), (0.5, 0.6, math.inf), (0.5, 0.6, "0.1"),
    (0.5, math.nan, 0.1), (math.nan, 0.5, 0.1), (0.0, torch.tensor([math.nan, 1.0]), 0.1), (0.0, torch.zeros(0), 0.1),
    (torch.zeros(2), torch.zeros(3), 0.1), (torch.zeros(2), 1.0, 0.1), ("a", "b", 0.1), (False, True, 0.1),
]  # fmt: skip


def outcome(claimed, found, tol, capsys) -> tuple[str, str, str]:
    """What `refute` does with one case: the name of its error, or "", what the error says, and what is printed."""
    try:
        refute(ID, claimed=claimed, found=found, tol=tol)
    except Exception as error:
        return type(error).__name__, str(error), capsys.readouterr().out
    return "", "", capsys.readouterr().out


def test_a_wrong_claim_is_refuted_in_one_line(capsys):
    ended = [(case, outcome(*case, capsys)) for case in REFUTED]
    assert not [(case, end) for case, end in ended
                if end[0] or not end[2].startswith(f"{ID} refuted: ") or end[2].count("\n") != 1]


def test_a_claim_that_holds_fails_the_proof(capsys):
    ended = [(case, outcome(*case, capsys)) for case in AGREED]
    assert not [(case, end) for case, end in ended
                if end[0] != "AssertionError" or f"{ID} is not refuted" not in end[1] or end[2]]


def test_what_cannot_be_compared_is_no_proof(capsys):
    ended = [(case, outcome(*case, capsys)) for case in NOTHING_COMPARED]
    assert not [(case, end) for case, end in ended if end[0] != "CourseError" or ID not in end[1] or end[2]]


def test_the_line_is_the_same_on_every_machine(capsys):
    refute(ID, claimed=0.1 + 0.2, found=0.123456789, tol=0.05)
    assert not {"0.3", "0.12"} & {part[:4] for part in capsys.readouterr().out.split()}


def test_numbers_are_known():
    assert erratum(ID).id == ID and len(errata()) == 137
    for call in (lambda: erratum("E-000-99"), lambda: refute("E-000-99", claimed=1, found=2)):
        with pytest.raises(CourseError, match="no erratum 'E-000-99'.*E-000-01"):
            call()
