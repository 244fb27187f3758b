"""The Transformer: an encoder reads the source, a decoder writes the target, both by attention alone.

Vaswani et al. 2017, "Attention Is All You Need", https://arxiv.org/abs/1706.03762
Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture", https://arxiv.org/abs/2002.04745

    post-LN   x ← LN(x + Sublayer(x))      as published (section 3.1)
    pre-LN    x ← x + Sublayer(LN(x))      as in GPT-2: the residual path stays clear, so that depth needs no warm-up
    FFN(x) = act(x W₁ + b₁) W₂ + b₂        each position by itself (equation 2)

    p(y_1 … y_T | x) = Π_t p(y_t | x, y_1 … y_{t−1}),   y_0 = BOS, y_T = EOS

Legend
    B  sentences in a batch       S  source positions       T  target positions      V  target vocabulary
    C  width of the model         source (B, S) and target (B, T): ids, padded on the right with PAD
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError
from aigc_course.models.attention import KVCache, MultiHeadAttention, sinusoids
from aigc_course.models.text.sampling import SILENT, next_token
from aigc_course.train import Nets, Turn

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": F.relu,
    "gelu": F.gelu,                                        # Hendrycks & Gimpel 2016, https://arxiv.org/abs/1606.08415
    "gelu_new": partial(F.gelu, approximate="tanh"),       # their approximation by tanh, GPT-2's
}

# --- blocks -----------------------------------------------------------------------------------------------------------


class FeedForward(nn.Module):
    """act(x W₁ + b₁) W₂ + b₂: (..., C) -> (..., C), through `hidden` features."""

    def __init__(self, width: int, hidden: int, activation: str = "relu"):
        super().__init__()
        if activation not in ACTIVATIONS:
            raise CourseError(f"activation is {activation!r}: choose one of {', '.join(ACTIVATIONS)}.")
        self.up, self.down = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        return self.down(self.activation(self.up(x)))


class Block(nn.Module):
    """Attention among the positions, then (with `cross`) attention to a memory, then FFN on each position.

    Every sublayer is wrapped in a residual connection, dropout and LayerNorm, before it (`pre_norm`) or after the sum.
    An encoder's block is plain, a decoder's block has `cross`, GPT's is pre-LN and causal, BERT's is post-LN.
    """

    recompute = False
    """Whether training keeps only what enters and computes the rest again going back (see `speed.Speed`)."""

    def __init__(self, width: int, heads: int, hidden: int | None = None, dropout: float = 0.0,
                 activation: str = "relu", pre_norm: bool = False, cross: bool = False, eps: float = 1e-5):
        super().__init__()
        self.pre_norm = pre_norm
        self.norm1 = nn.LayerNorm(width, eps)
        self.attention = MultiHeadAttention(width, heads, dropout)
        if cross:
            self.norm_cross = nn.LayerNorm(width, eps)
            self.cross = MultiHeadAttention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width, eps)
        self.mlp = FeedForward(width, hidden or 4 * width, activation)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor | None = None, *, mask: Tensor | None = None, causal: bool = False,
                memory_mask: Tensor | None = None, rotation: tuple[Tensor, Tensor] | None = None,
                cache: KVCache | None = None, memory_cache: KVCache | None = None) -> Tensor:
        """x (B, T, C), memory (B, S, C) -> (B, T, C); masks as in `attention`."""
        if self.recompute and self.training and torch.is_grad_enabled():
            return checkpoint(self.sublayers, x, memory, mask, causal, memory_mask, rotation, use_reentrant=False)
        return self.sublayers(x, memory, mask, causal, memory_mask, rotation, cache, memory_cache)

    def sublayers(self, x: Tensor, memory: Tensor | None, mask: Tensor | None, causal: bool,
                  memory_mask: Tensor | None, rotation: tuple[Tensor, Tensor] | None, cache: KVCache | None = None,
                  memory_cache: KVCache | None = None) -> Tensor:
        x = self.add(x, self.norm1, lambda x: self.attention(x, mask=mask, causal=causal, rotation=rotation,
                                                             cache=cache))
        if memory is not None:
            x = self.add(x, self.norm_cross, lambda x: self.cross(x, memory, mask=memory_mask, cache=memory_cache))
        return self.add(x, self.norm2, self.mlp)

    def add(self, x: Tensor, norm: nn.LayerNorm, sublayer: Callable[[Tensor], Tensor]) -> Tensor:
        if self.pre_norm:
            return x + self.dropout(sublayer(norm(x)))
        return norm(x + self.dropout(sublayer(x)))


# --- the net ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TransformerConfig:
    """The published base model has width 512, 8 heads, 6 + 6 layers; these defaults suit a CPU and short sequences."""

    source: int
    """Size of the source vocabulary."""
    target: int
    """Size of the target vocabulary, V."""
    context: int = 128
    """The longest sequence."""
    width: int = 64
    heads: int = 4
    layers: int = 2
    """Blocks of the encoder, and as many of the decoder."""
    hidden: int | None = None
    """Width inside the FFN; None means 4 · width."""
    dropout: float = 0.0
    activation: str = "relu"
    pre_norm: bool = False
    positions: str = "sinusoidal"
    """Added to the embeddings: "sinusoidal", "learned", or "none"."""

    def __post_init__(self):
        if self.positions not in ("sinusoidal", "learned", "none"):
            raise CourseError(f"positions is {self.positions!r}: choose 'sinusoidal', 'learned' or 'none'.")


class Positions(nn.Module):
    """Adds to each embedding a vector that depends on its position alone."""

    def __init__(self, kind: str, context: int, width: int):
        super().__init__()
        self.context = context
        if kind == "learned":
            self.table = nn.Parameter(0.02 * torch.randn(context, width))
        else:
            table = sinusoids(context, width) if kind == "sinusoidal" else torch.zeros(context, width)
            self.register_buffer("table", table, persistent=False)

    def forward(self, x: Tensor, start: int = 0) -> Tensor:
        """x (B, T, C), whose first position is number `start`. Raises: CourseError beyond the context."""
        end = start + x.shape[1]
        if end > self.context:
            raise CourseError(f"A sequence of {end} positions does not fit a context of {self.context}: shorten it, "
                              "or build the model with a longer context.")
        return x + self.table[start:end]


class Transformer(nn.Module):
    """Encoder and decoder. The target's embedding is also the output layer (section 3.4)."""

    def __init__(self, config: TransformerConfig):
        super().__init__()
        self.config, c = config, config.width

        def block(cross: bool) -> Block:
            return Block(c, config.heads, config.hidden, config.dropout, config.activation, config.pre_norm, cross)

        self.source_embedding = nn.Embedding(config.source, c)
        self.target_embedding = nn.Embedding(config.target, c)
        self.positions = Positions(config.positions, config.context, c)
        self.dropout = nn.Dropout(config.dropout)
        self.encoder = nn.ModuleList(block(cross=False) for _ in range(config.layers))
        self.decoder = nn.ModuleList(block(cross=True) for _ in range(config.layers))
        # After pre-LN blocks nothing has normalised the sum; a post-LN block ends with LN.
        self.encoder_norm = nn.LayerNorm(c) if config.pre_norm else nn.Identity()
        self.decoder_norm = nn.LayerNorm(c) if config.pre_norm else nn.Identity()
        for name, parameter in self.named_parameters():
            if "embedding" in name:
                nn.init.normal_(parameter, std=c**-0.5)
            elif parameter.ndim == 2 and name != "positions.table":
                nn.init.xavier_uniform_(parameter)
            elif name.endswith("bias"):
                nn.init.zeros_(parameter)

    def embed(self, embedding: nn.Embedding, ids: Tensor, start: int = 0) -> Tensor:
        """(B, T) ids -> (B, T, C). √C makes up for the embedding's variance of 1/C, which suits the output layer."""
        return self.dropout(self.positions(embedding(ids) * math.sqrt(self.config.width), start))

    def encode(self, source: Tensor) -> Tensor:
        """(B, S) ids -> memory (B, S, C). Nobody looks at padding."""
        x, mask = self.embed(self.source_embedding, source), (source != PAD)[:, None, None]
        for block in self.encoder:
            x = block(x, mask=mask)
        return self.encoder_norm(x)

    def decode(self, target: Tensor, memory: Tensor, source: Tensor,
               caches: Sequence[tuple[KVCache, KVCache]] | None = None) -> Tensor:
        """Logits (B, T, V) of the token after each of target (B, T), which sees itself and what came before.

        Padding of the target is on the right, where no token looks. caches: of itself and of the memory, one pair for
        each block; then `target` holds only the tokens that these have not read.
        """
        start = caches[0][0].length if caches else 0
        x, mask = self.embed(self.target_embedding, target, start), (source != PAD)[:, None, None]
        for block, (own, other) in zip(self.decoder, caches or [(None, None)] * len(self.decoder), strict=True):
            x = block(x, memory, causal=True, memory_mask=mask, cache=own, memory_cache=other)
        return F.linear(self.decoder_norm(x), self.target_embedding.weight)

    def forward(self, source: Tensor, inputs: Tensor) -> Tensor:
        """Teacher forcing: logits (B, T, V) for the token after each of inputs (B, T)."""
        return self.decode(inputs, self.encode(source), source)


# --- objective and generation -----------------------------------------------------------------------------------------


def transformer_turns(nets: Nets, batch: Sequence[Tensor], step: int, *,
                      smoothing: float = 0.0) -> Iterator[Turn]:
    """Mean nats per target token, weighted with the number of tokens that are not padding.

    nets: "transformer". batch: source (B, S) and target (B, T), the target from BOS to EOS.
    smoothing: share of the probability that the wanted distribution gives to all tokens alike (section 5.4: 0.1).
    """
    source, target = batch
    logits, wanted = nets["transformer"](source, target[:, :-1]), target[:, 1:]
    loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PAD, label_smoothing=smoothing)
    yield Turn("transformer", loss, weight=(wanted != PAD).sum())


def warm_up_then_decay(width: int, steps: int = 4000) -> Callable[[int], float]:
    """lrate = C^−0.5 · min(step^−0.5, step · steps^−1.5), steps counted from 1 (equation 3)."""
    return lambda step: width**-0.5 * min((step + 1) ** -0.5, (step + 1) * steps**-1.5)


@torch.no_grad()
def generate(net: Transformer, source: Tensor, length: int, temperature: float = 0.0, top_k: int = 0,
             top_p: float = 1.0, banned: Sequence[int] = SILENT) -> list[list[int]]:
    """For each source (B, S) a target, until EOS or `length` ids: the ids without BOS and EOS. Greedy unless told.

    banned: ids never drawn; add those that the vocabulary does not know (`sampling.silent`).
    Raises: CourseError when `length` exceeds the net's context.
    """
    net.eval()
    memory = net.encode(source)
    caches = [(KVCache(length), KVCache(source.shape[1])) for _ in net.decoder]
    token = source.new_full((len(source), 1), BOS)
    ended, written = torch.zeros(len(source), dtype=torch.bool, device=source.device), []
    for _ in range(length):
        logits = net.decode(token, memory, source, caches)[:, -1]
        logits[:, list(banned)] = -torch.inf
        token = next_token(logits, temperature, top_k, top_p).masked_fill(ended, PAD)[:, None]
        written.append(token)
        ended |= token[:, 0] == EOS
        if ended.all():
            break
    rows = torch.cat(written, dim=1).tolist() if written else [[] for _ in source]
    return [row[:row.index(EOS)] if EOS in row else row for row in rows]
