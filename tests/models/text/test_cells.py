"""Recurrent cells against torch's in value and gradient; gradients along time in closed form."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from aigc_course.compute import aside
from aigc_course.errors import CourseError
from aigc_course.models.text import cells

KINDS = ["rnn", "lstm", "gru"]
TORCH_CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


@pytest.mark.parametrize("kind", KINDS)
def test_a_cell_equals_torchs_in_value_and_gradient(kind):
    with aside(0):
        theirs = TORCH_CELLS[kind](3, 5).double()
        ours = cells.CELLS[kind](3, 5).double()
        x, h, c, direction = (torch.randn(4, n, dtype=torch.float64) for n in (3, 5, 5, 5))
    ours.load_state_dict(theirs.state_dict())                                  # the parameters have torch's names
    found = []
    for cell in (ours, theirs):
        leaves = [one.clone().requires_grad_() for one in ((x, h, c) if kind == "lstm" else (x, h))]
        state = cell(leaves[0], tuple(leaves[1:]) if kind == "lstm" else leaves[1])
        value = sum(((part * direction).sum() for part in cells.parts(state)), torch.zeros(()))
        found.append([*cells.parts(state), *torch.autograd.grad(value, [*leaves, *cell.parameters()])])
    torch.testing.assert_close(found[0], found[1])


@pytest.mark.parametrize("kind", KINDS)
def test_stacked_cells_along_time_equal_torchs_fused_modules(kind):
    with aside(0):
        fused = cells.FUSED[kind](3, 5, num_layers=2, batch_first=True).double()
        x, direction = torch.randn(4, 9, 3, dtype=torch.float64), torch.randn(4, 9, 5, dtype=torch.float64)
    stack = cells.cells_of(fused)
    ours, theirs = x.clone().requires_grad_(), x.clone().requires_grad_()
    out = ours
    for cell in stack:
        out, states = cells.unroll(cell, out)
    expected, last = fused(theirs)
    torch.testing.assert_close(out, expected)
    torch.testing.assert_close(list(cells.parts(states[-1])), [part[1] for part in cells.parts(last)])
    mine = torch.autograd.grad((out * direction).sum(), [ours, *(p for cell in stack for p in cell.parameters())])
    torch_s = torch.autograd.grad((expected * direction).sum(), [theirs, *fused.parameters()])
    torch.testing.assert_close(mine, torch_s)


def test_a_cell_starts_like_torchs():
    for kind in KINDS:
        with aside(3):
            ours = cells.CELLS[kind](3, 5)
        with aside(3):
            theirs = TORCH_CELLS[kind](3, 5)
        assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))


# --- gradients along time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.5])
def test_without_a_squashing_function_the_gradient_is_a_power_of_the_radius(radius):
    cell = cells.RNNCell(2, 6, activation=lambda x: x)
    cells.set_spectral_radius(cell, radius)
    norms = cells.gradient_by_lag(cell, torch.randn(3, 20, 2))
    torch.testing.assert_close(norms, math.sqrt(6) * radius ** torch.arange(21.0), rtol=1e-4, atol=0)
    assert torch.linalg.eigvals(cell.weight_hh).abs().max().item() == pytest.approx(radius, abs=1e-5)


def test_an_open_gate_hands_the_gradient_on_undiminished():
    """With f = 1 and i = 0 the memory is a sum: ∂c_T/∂c_t = 1 at every lag, however long."""
    cell = cells.LSTMCell(2, 4)
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        cell.bias_ih[:4], cell.bias_ih[4:8] = -30.0, 30.0
    norms = cells.gradient_by_lag(cell, torch.randn(1, 60, 2))
    torch.testing.assert_close(norms[1:], torch.full((60,), 0.5 * math.sqrt(4)))       # through o = sigmoid(0)


@pytest.mark.parametrize("kind", KINDS)
def test_at_lag_0_the_gradient_of_a_sum_of_h_is_the_root_of_the_width(kind):
    with aside(0):
        norms = cells.gradient_by_lag(cells.CELLS[kind](2, 3), torch.randn(4, 5, 2))
    assert norms[0].item() == pytest.approx(math.sqrt(3))


@pytest.mark.parametrize("kind", KINDS)
def test_the_gradient_is_that_of_the_rest_of_the_net_begun_at_a_state(kind):
    """The state after n of 6 inputs, taken as given: the slope of the remaining steps, by the whole Jacobian."""
    with aside(1):
        cell, x = cells.CELLS[kind](2, 3).double(), torch.randn(1, 6, 2, dtype=torch.float64)
    norms = cells.gradient_by_lag(cell, x)
    _, states = cells.unroll(cell, x)
    for n in range(6):
        def rest(*parts, n=n):
            return cells.unroll(cell, x[:, n:], parts if len(parts) == 2 else parts[0])[0][:, -1].sum()

        slopes = torch.autograd.functional.jacobian(rest, tuple(part.detach() for part in cells.parts(states[n])))
        assert norms[6 - n].item() == pytest.approx(torch.cat([one.flatten() for one in slopes]).norm().item())


@pytest.mark.parametrize("fused, sentence", [
    (nn.RNN(2, 3, nonlinearity="relu"), "nonlinearity='relu'"), (nn.GRU(2, 3, bidirectional=True), "bidirectional"),
    (nn.LSTM(2, 3, bias=False), "bias=False"), (nn.LSTM(2, 3, proj_size=2), "proj_size"),
    (nn.LSTM(2, 3, 2, dropout=0.5), r"call eval\(\)"), (nn.GRUCell(2, 3), "GRUCell is no nn.RNN"),
    (nn.Linear(2, 3), "Linear is no nn.RNN")])
def test_a_net_that_our_cells_cannot_be_is_refused(fused, sentence):
    with pytest.raises(CourseError, match=sentence):
        cells.cells_of(fused)


def test_dropout_does_not_matter_in_evaluation_and_positions_may_come_first():
    fused, x = nn.GRU(2, 3, num_layers=2, dropout=0.5).eval(), torch.randn(5, 1, 2)               # (T, B, F)
    out = x.transpose(0, 1)
    for cell in cells.cells_of(fused):
        out, _ = cells.unroll(cell, out)
    torch.testing.assert_close(out.transpose(0, 1), fused(x)[0])
