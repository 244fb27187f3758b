"""Recurrent nets: the cells of RNN, LSTM and GRU from scratch, and the language model that is built on them.

Elman 1990, "Finding Structure in Time", https://doi.org/10.1207/s15516709cog1402_1
Hochreiter & Schmidhuber 1997, "Long Short-Term Memory", https://doi.org/10.1162/neco.1997.9.8.1735
Gers, Schmidhuber & Cummins 2000, "Learning to Forget" (the forget gate), https://doi.org/10.1162/089976600300015015
Cho et al. 2014, "Learning Phrase Representations using RNN Encoder–Decoder", https://arxiv.org/abs/1406.1078

    p(x_1 … x_T) = ∏_t p(x_t | x_1 … x_{t−1}),    h_t = cell(x_{t−1}, h_{t−1}),    p(x_t | …) = softmax(W h_t + b)

Legend
    B   sequences in a batch      T  positions      V  vocabulary      F  features of an input      E  embedding
    H   width of the hidden state      L  layers      S  states of a layer: 2 for an LSTM (h and c), else 1
    x   (B, F) input of one position       h  (B, H) hidden state       c  (B, H) cell of an LSTM, its memory
    tokens  (B, T) long; a document is BOS … EOS, then PAD up to the longest of its batch

The rows of an LSTM's weights are its gates in torch's order i, f, g, o (input, forget, candidate, output); those of a
GRU are r, z, n (reset, update, candidate).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.data.sequences import pad
from aigc_course.data.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError
from aigc_course.models.sampling import next_token
from aigc_course.train import Turn

# --- cells: one step in time ------------------------------------------------------------------------------------------


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
        return super().start(x), super().start(x)

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
    """Our cells with the weights of torch's nn.RNN, nn.LSTM or nn.GRU, one for each layer."""
    cells = []
    for layer in range(fused.num_layers):
        names = "weight_ih", "weight_hh", "bias_ih", "bias_hh"
        weights = {name: getattr(fused, f"{name}_l{layer}") for name in names}
        cell = CELLS[type(fused).__name__.lower()](weights["weight_ih"].shape[1], fused.hidden_size)
        cell.load_state_dict(weights)
        cells.append(cell)
    return cells


# --- gradients along time ---------------------------------------------------------------------------------------------


def set_spectral_radius(cell: RNNCell, radius: float) -> None:
    """Make W_hh orthogonal times `radius`: backwards, each step then multiplies a gradient by radius and tanh′ ≤ 1."""
    with torch.no_grad():
        nn.init.orthogonal_(cell.weight_hh).mul_(radius)


def gradient_by_lag(cell: Cell, x: Tensor) -> Tensor:
    """‖∂ sum(h_T) / ∂ h_{T−k}‖ for the lags k = 0 … T, (T + 1,), averaged over the batch; x (B, T, F), h_0 = 0.

    An LSTM's state counts as one vector (h, c). Pascanu et al. 2013, https://arxiv.org/abs/1211.5063.
    """
    first = cell.start(x[:, 0])
    for part in parts(first):
        part.requires_grad_()
    out, states = unroll(cell, x, first)
    flat = [part for state in states for part in parts(state)]
    slopes = torch.stack(torch.autograd.grad(out[:, -1].sum(), flat)).unflatten(0, (len(states), -1))  # (T+1, S, B, H)
    return slopes.square().sum(dim=(1, 3)).sqrt().mean(dim=1).flip(0)


# --- the language model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LanguageModelConfig:
    """Sizes of a recurrent language model."""

    vocab: int
    kind: str = "lstm"
    """The cell: "rnn" (tanh), "lstm" or "gru"."""
    embed: int = 64
    width: int = 128
    layers: int = 1
    dropout: float = 0.0
    """Share of the embeddings, of the outputs of every layer and of the head's inputs that training sets to 0."""
    tied: bool = False
    """Whether the head shares the embedding's matrix (Press & Wolf 2017, https://arxiv.org/abs/1608.05859)."""
    forget_bias: float = 1.0
    """Bias of an LSTM's forget gates at first: they begin open (Gers et al. 2000; Jozefowicz et al. 2015)."""
    rows: int = 0
    """Rows whose state is carried from batch to batch (truncated BPTT); 0 begins every batch afresh."""

    def __post_init__(self):
        if self.kind not in FUSED:
            raise CourseError(f"kind is {self.kind!r}: choose {', '.join(map(repr, FUSED))}.")


class LanguageModel(nn.Module):
    """Embedding, torch's fused recurrent layers, a projection back to the embedding's size, and the head."""

    def __init__(self, config: LanguageModelConfig):
        super().__init__()
        self.config = config
        self.embedding = nn.Embedding(config.vocab, config.embed)
        self.recurrent = FUSED[config.kind](config.embed, config.width, config.layers, batch_first=True,
                                            dropout=config.dropout if config.layers > 1 else 0.0)
        self.dropout = nn.Dropout(config.dropout)
        self.project = nn.Linear(config.width, config.embed)
        self.head = nn.Linear(config.embed, config.vocab)
        nn.init.normal_(self.embedding.weight, std=config.embed**-0.5)
        if config.tied:
            self.head.weight = self.embedding.weight
        if config.kind == "lstm":
            for layer in range(config.layers):
                for name, bias in (("bias_ih", config.forget_bias), ("bias_hh", 0.0)):
                    nn.init.constant_(getattr(self.recurrent, f"{name}_l{layer}")[config.width:2 * config.width], bias)
        if config.rows:
            self.register_buffer("carried", self.start(config.rows))               # so that a checkpoint holds it

    def start(self, rows: int) -> Tensor:
        """The state before a document, zeros (S, L, rows, H)."""
        states = 2 if self.config.kind == "lstm" else 1
        return self.head.bias.new_zeros(states, self.config.layers, rows, self.config.width)

    def forward(self, tokens: Tensor, state: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """tokens (B, T) -> logits of the token after each (B, T, V), and the state after the last (S, L, B, H)."""
        h = tuple(self.start(len(tokens)) if state is None else state)
        out, h = self.recurrent(self.dropout(self.embedding(tokens)), h if len(h) == 2 else h[0])
        logits = self.head(self.project(self.dropout(out)))
        return logits, torch.stack(h) if isinstance(h, tuple) else h[None]

    def carry_on(self, tokens: Tensor, fresh: Tensor) -> Tensor:
        """Logits (B, T, V) from the state that the last batch left, which the gradient does not enter.

        fresh: (B,) bool, the rows where a document begins; these start from zeros, or one document would be read in
        the light of another. Leaves the state after `tokens` for the next batch. Raises CourseError unless B is
        the config's `rows`.
        """
        if len(tokens) != self.config.rows:
            raise CourseError(f"The batch has {len(tokens)} rows, this model carries the state of {self.config.rows}: "
                              "set LanguageModelConfig.rows to the rows of the streams.")
        logits, state = self(tokens, self.carried.masked_fill(fresh[None, None, :, None], 0))
        self.carried = state.detach().to(self.carried.dtype)
        return logits


def token_nats(logits: Tensor, targets: Tensor) -> Tensor:
    """−log p of each target in nats: (B, T, V), (B, T) -> (B, T), with 0 where the target is PAD."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none").view_as(targets)


def lm_turns(nets: Mapping[str, nn.Module], batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Mean nats per token, weighted with the number of tokens, so that k accumulated batches equal one large one.

    nets: "lm". batch: (tokens (B, T + 1),), or (tokens, fresh (B,)) for a model that carries its state. Position t
    predicts token t + 1, the target; PAD is no target.
    """
    net, (tokens, *fresh) = nets["lm"], batch
    inputs, targets = tokens[:, :-1], tokens[:, 1:]
    logits = net.carry_on(inputs, *fresh) if fresh else net(inputs)[0]
    weight = (targets != PAD).sum()
    yield Turn("lm", token_nats(logits, targets).sum() / weight.clamp(min=1), weight=weight)


def windowed_nats(net: LanguageModel, tokens: Tensor, window: int) -> Tensor:
    """`token_nats` of tokens (B, T + 1), `window` positions at a time: (B, T), the values of one pass over all.

    The gradient ends where a window begins, as in truncated BPTT (Williams & Peng 1990); it is full for window ≥ T.
    """
    state, nats = None, []
    for inputs, targets in zip(tokens[:, :-1].split(window, 1), tokens[:, 1:].split(window, 1), strict=True):
        logits, state = net(inputs, state)
        state = state.detach()
        nats.append(token_nats(logits, targets))
    return torch.cat(nats, dim=1)


# --- using a trained model --------------------------------------------------------------------------------------------


@torch.no_grad()
def nats(net: LanguageModel, documents: Sequence[Sequence[int]], size: int = 64, window: int = 256) -> Tensor:
    """−log p of whole documents, EOS included, given BOS: nats (N,). Puts the net in evaluation mode.

    documents: lists of ids without BOS and EOS; `size` of similar lengths are read at a time.
    """
    net.eval()
    order, found = sorted(range(len(documents)), key=lambda i: len(documents[i])), torch.zeros(len(documents))
    for rows in (order[i:i + size] for i in range(0, len(order), size)):
        tokens = pad([[BOS, *documents[i], EOS] for i in rows]).to(net.head.bias.device)
        found[rows] = windowed_nats(net, tokens, window).sum(dim=1).to(found)
    return found


@torch.no_grad()
def generate(net: LanguageModel, prompts: Sequence[Sequence[int]], length: int, temperature: float = 1.0,
             top_k: int = 0, top_p: float = 1.0, banned: Sequence[int] = (PAD, BOS)) -> list[list[int]]:
    """Continue every prompt, all in one batch, until EOS or until it has `length` ids; the ids without BOS and EOS.

    prompts: ids without BOS, of any lengths; [] starts from nothing. temperature 0 is greedy. banned: ids never drawn.
    """
    net.eval()
    given, device = pad([[BOS, *prompt] for prompt in prompts]), net.head.bias.device
    lengths = torch.tensor([1 + len(prompt) for prompt in prompts])
    token, state, written = given[:, 0], None, []
    ended = torch.zeros(len(prompts), dtype=torch.bool)
    for place in range(1, length + 1):
        logits, state = net(token[:, None].to(device), state)
        logits[..., list(banned)] = -torch.inf
        token = next_token(logits[:, -1], temperature, top_k, top_p).cpu()
        if place < given.shape[1]:                          # a longer prompt is still being read
            token = torch.where(place < lengths, given[:, place], token)
        token = token.masked_fill(ended, EOS)
        ended = token == EOS
        written.append(token)
        if ended.all():
            break
    rows = torch.stack(written, dim=1).tolist()
    return [row[:row.index(EOS)] if EOS in row else row for row in rows]
