"""Recurrent cells from scratch: RNN, LSTM and GRU, along time, and what becomes of a gradient on the way back.

Elman 1990, "Finding Structure in Time", https://doi.org/10.1207/s15516709cog1402_1
Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", https://doi.org/10.1162/neco.1997.9.8.1735
Gers, Schmidhuber & Cummins 2000, "Learning to Forget" (the forget gate), https://doi.org/10.1162/089976600300015015
Cho et al. 2014, "Learning Phrase Representations using RNN Encoder–Decoder", https://arxiv.org/abs/1406.1078

Legend
    B   sequences in a batch      T  positions      F  features of an input      H  width of the hidden state
    x   (B, F) input of one position       h  (B, H) hidden state       c  (B, H) cell of an LSTM, its memory
    S   states of a layer: 2 for an LSTM (h and c), else 1

The rows of an LSTM's weights are its gates in torch's order i, f, g, o (input, forget, candidate, output); those of a
GRU are r, z, n (reset, update, candidate).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from aigc_course.errors import CourseError


class Cell(nn.Module):
    """The parameters that the three cells share, under torch's names: `gates` blocks of H rows each."""

    gates = 1

    def __init__(self, features: int, width: int):
        super().__init__()
        self.width = width
        self.weight_ih = nn.Parameter(torch.empty(self.gates * width, features))
        self.weight_hh = nn.Parameter(torch.empty(self.gates * width, width))
        self.bias_ih = nn.Parameter(torch.empty(self.gates * width))
        self.bias_hh = nn.Parameter(torch.empty(self.gates * width))
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -width**-0.5, width**-0.5)

    def start(self, x: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        """The state before the first input, zeros (B, H)."""
        return x.new_zeros(len(x), self.width)


class RNNCell(Cell):
    """h' = tanh(W x + b + U h + b'): Elman's net, whose own activation was the logistic function."""

    def __init__(self, features: int, width: int, activation=torch.tanh):
        super().__init__(features, width)
        self.activation = activation

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        return self.activation(x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh)


class LSTMCell(Cell):
    """c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c'): the memory c is added to, never squashed from step to step."""

    gates = 4

    def start(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return x.new_zeros(len(x), self.width), x.new_zeros(len(x), self.width)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        h, c = state
        i, f, g, o = (x @ self.weight_ih.T + self.bias_ih + h @ self.weight_hh.T + self.bias_hh).chunk(4, dim=-1)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c


class GRUCell(Cell):
    """h' = z ⊙ h + (1 − z) ⊙ n with n = tanh(W x + b + r ⊙ (U h + b')).

    As in torch and cuDNN the reset gate r multiplies after the product with U; Cho et al. multiply h itself, before it.
    """

    gates = 3

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        from_x = (x @ self.weight_ih.T + self.bias_ih).chunk(3, dim=-1)
        from_h = (h @ self.weight_hh.T + self.bias_hh).chunk(3, dim=-1)
        r, z = (from_x[0] + from_h[0]).sigmoid(), (from_x[1] + from_h[1]).sigmoid()
        n = (from_x[2] + r * from_h[2]).tanh()
        return z * h + (1 - z) * n


CELLS = {"rnn": RNNCell, "lstm": LSTMCell, "gru": GRUCell}
FUSED = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
"""The modules of torch that compute the same along time, all layers at once."""


def unroll(cell: Cell, x: Tensor, state=None) -> tuple[Tensor, list]:
    """A cell along time: x (B, T, F) -> the h of every position (B, T, H), and the T + 1 states, the first included."""
    states = [cell.start(x[:, 0]) if state is None else state]
    for x_t in x.unbind(dim=1):
        states.append(cell(x_t, states[-1]))
    return torch.stack([parts(state)[0] for state in states[1:]], dim=1), states


def parts(state: Tensor | tuple[Tensor, Tensor]) -> tuple[Tensor, ...]:
    """A state as a tuple: (h, c) of an LSTM, (h,) of the others."""
    return state if isinstance(state, tuple) else (state,)


def cells_of(fused: nn.RNNBase) -> list[Cell]:
    """Our cells with the weights of torch's nn.RNN, nn.LSTM or nn.GRU, one for each layer, from the first on.

    Raises: CourseError for what our cells do not compute: a second direction, no biases, a projected state, a relu or
    another kind of net, and dropout between layers while the net trains.
    """
    if not isinstance(fused, tuple(FUSED.values())):
        raise CourseError(f"{type(fused).__name__} is no nn.RNN, nn.LSTM or nn.GRU: give one of them.")
    kind = next(kind for kind, theirs in FUSED.items() if isinstance(fused, theirs))
    faults = [name for name, present in {
        "bidirectional=True": fused.bidirectional, "bias=False": not fused.bias, "proj_size": fused.proj_size,
        "nonlinearity='relu'": kind == "rnn" and fused.nonlinearity != "tanh",
        "dropout between its layers (call eval() first)": fused.dropout and fused.training and fused.num_layers > 1,
    }.items() if present]
    if faults:
        raise CourseError(f"Our cells do not compute {', '.join(faults)}: give an nn.RNN with tanh, an "
                          "nn.LSTM or an nn.GRU of one direction, with biases.")
    cells = []
    for layer in range(fused.num_layers):
        names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
        weights = {name: getattr(fused, f"{name}_l{layer}") for name in names}
        cell = CELLS[kind](weights["weight_ih"].shape[1], fused.hidden_size)
        cell.to(fused.weight_ih_l0).load_state_dict(weights)
        cells.append(cell)
    return cells


# --- gradients along time ---------------------------------------------------------------------------------------------


def set_spectral_radius(cell: RNNCell, radius: float) -> None:
    """Make W_hh orthogonal times `radius`: backwards, each step then multiplies a gradient by radius and tanh′ ≤ 1."""
    with torch.no_grad():
        nn.init.orthogonal_(cell.weight_hh).mul_(radius)


def gradient_by_lag(cell: Cell, x: Tensor) -> Tensor:
    """‖∂ sum(h_T) / ∂ s_{T−k}‖ for the lags k = 0 … T, (T + 1,), averaged over the batch; x (B, T, F), s_0 = 0.

    s is the state that a step hands to the next: h, and for an LSTM the one vector (h, c), whose halves are varied
    apart: how h was made of c belongs to the step before. Pascanu et al. 2013, https://arxiv.org/abs/1211.5063.
    """
    states = [cell.start(x[:, 0])]
    for part in parts(states[0]):
        part.requires_grad_()
    for x_t in x.unbind(dim=1):
        # Copies, so that c_t acts through c_{t+1} alone: its way into h_t would be counted twice, there and in h_t.
        handed = tuple(part.clone() for part in parts(cell(x_t, states[-1])))
        states.append(handed if len(handed) == 2 else handed[0])
    flat = [part for state in states for part in parts(state)]
    slopes = torch.autograd.grad(parts(states[-1])[0].sum(), flat, materialize_grads=True)
    slopes = torch.stack(slopes).unflatten(0, (len(states), -1))                                 # (T + 1, S, B, H)
    return slopes.square().sum(dim=(1, 3)).sqrt().mean(dim=1).flip(0)
