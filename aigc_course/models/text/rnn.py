"""Recurrent language models on torch's fused modules, whose cells `aigc_course.models.text.cells` has from scratch.

Mikolov et al. 2010, "Recurrent neural network based language model" (Interspeech); Graves 2013, "Generating Sequences
With Recurrent Neural Networks", https://arxiv.org/abs/1308.0850

    p(x_1 … x_T) = ∏_t p(x_t | x_1 … x_{t−1}),    h_t = cell(x_{t−1}, h_{t−1}),    p(x_t | …) = softmax(W h_t + b)

Legend
    B   sequences in a batch      T  positions      V  vocabulary      E  embedding      H  hidden state      L  layers
    S   states of a layer: 2 for an LSTM (h and c), else 1
    tokens  (B, T) long; a document is BOS … EOS, then PAD up to the longest of its batch
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from aigc_course.data.text.sequences import pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.cells import FUSED
from aigc_course.models.text.likelihood import document_nats, token_nats
from aigc_course.models.text.sampling import SILENT, next_token
from aigc_course.ranges import Depth, Range, Share, Size, Whole
from aigc_course.resources import resource
from aigc_course.train import Nets, Turn
from aigc_course.weights import expecting, read_weights, save_weights

WEIGHTS = "models/verse_lstm.safetensors"

# --- the language model -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LanguageModelConfig:
    """Sizes of a recurrent language model."""

    vocab: Whole
    """Tokens that it knows."""
    kind: Literal["rnn", "lstm", "gru"] = "lstm"
    """The cell: "rnn" (tanh), "lstm" or "gru"."""
    embed: Size = 64
    """Numbers for each token."""
    width: Size = 128
    """Width of the recurrent states."""
    layers: Depth = 1
    """Recurrent layers, one on top of the other."""
    dropout: Share = 0.0
    """Share of the embeddings, of the outputs of every layer and of the head's inputs that training sets to 0."""
    tied: bool = False
    """Whether the head shares the embedding's matrix (Press & Wolf 2017, https://arxiv.org/abs/1608.05859)."""
    forget_bias: Annotated[float, Range(-100, 100)] = 1.0
    """Bias of an LSTM's forget gates at first: they begin open (Gers et al. 2000; Jozefowicz et al. 2015)."""
    memory: Whole = 0
    """Steps over which an LSTM shall remember from the start: forget biases log U(1, memory − 1), input biases their
    opposite (chrono initialisation, Tallec & Ollivier 2018, https://arxiv.org/abs/1804.11188); 0: `forget_bias`."""
    rows: Whole = 0
    """Rows whose state is carried from batch to batch (truncated BPTT); 0 begins every batch afresh."""

    def __post_init__(self):
        if self.kind not in FUSED:
            raise CourseError(f"kind is {self.kind!r}: choose {', '.join(map(repr, FUSED))}.")
        if self.memory < 0 or self.memory == 1:
            raise CourseError(f"An LSTM cannot be made to remember over {self.memory} steps: choose 2 or more, or 0, "
                              "which leaves it to forget_bias.")


class LanguageModel(nn.Module):
    """Embedding, torch's fused recurrent layers, a projection back to the embedding's size, and the head."""

    carried: Tensor
    """The state that the last batch left (S, L, rows, H), where the config has `rows`."""

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
            self.open_forget_gates()
        if config.rows:
            self.register_buffer("carried", self.start(config.rows))               # so that a checkpoint holds it

    @torch.no_grad()
    def open_forget_gates(self) -> None:
        """Biases of the gates i and f, the first two of four: torch adds bias_ih and bias_hh, so one of them is 0."""
        width, memory = self.config.width, self.config.memory
        for layer in range(self.config.layers):
            bias, zero = (getattr(self.recurrent, f"{name}_l{layer}") for name in ("bias_ih", "bias_hh"))
            zero[:2 * width] = 0
            bias[width:2 * width] = self.config.forget_bias
            if memory:
                bias[width:2 * width] = torch.empty(width).uniform_(1, memory - 1).log()
                bias[:width] = -bias[width:2 * width]

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
        the light of another. Leaves the state after `tokens` for the next batch. Raises: CourseError unless B is
        the config's `rows`.
        """
        if len(tokens) != self.config.rows:
            raise CourseError(f"The batch has {len(tokens)} rows, this model carries the state of {self.config.rows}: "
                              "set LanguageModelConfig.rows to the rows of the streams.")
        logits, state = self(tokens, self.carried.masked_fill(fresh[None, None, :, None], 0))
        self.carried = state.detach().to(self.carried.dtype)
        return logits


def lm_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
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
    return document_nats(lambda tokens: windowed_nats(net, tokens, window), documents, size, net.head.bias.device)


@torch.no_grad()
def generate(net: LanguageModel, prompts: Sequence[Sequence[int]], length: int, temperature: float = 1.0,
             top_k: int = 0, top_p: float = 1.0, banned: Sequence[int] = SILENT) -> list[list[int]]:
    """Continue every prompt, all in one batch, until EOS or until it has `length` ids; the ids without BOS and EOS.

    prompts: ids without BOS, of any lengths; [] starts from nothing. temperature 0 is greedy. banned: ids never drawn;
    add those that the vocabulary does not know (`sampling.silent`).
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
    rows = torch.stack(written, dim=1).tolist() if written else [[] for _ in prompts]
    return [row[:row.index(EOS)] if EOS in row else row for row in rows]


def save_language_model(net: LanguageModel, vocabulary: Vocabulary, path: Path) -> None:
    """Write the weights in half precision, and with them the config and the vocabulary that they belong to."""
    save_weights(net, path, {"config": asdict(net.config), "tokens": vocabulary.tokens})


def load_language_model(path: Path | None = None) -> tuple[LanguageModel, Vocabulary]:
    """A model that `save_language_model` wrote, in evaluation mode, frozen, and its vocabulary.

    path: None takes the LSTM of verse that comes with the course (data/models/verse_lstm.md).
    Raises: CourseError when the file is missing, damaged, or holds something else.
    """
    path = path or resource(WEIGHTS)
    with expecting("the course's language model", path, "aigc train lstm --preset course"):
        state, about = read_weights(path)
        net = LanguageModel(LanguageModelConfig(**about["config"]))
        net.load_state_dict(state)
        vocabulary = Vocabulary(about["tokens"])
    return net.eval().requires_grad_(False), vocabulary
