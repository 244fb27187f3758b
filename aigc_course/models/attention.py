"""Attention: from queries, keys and values to weighted means; heads, masks, positions, and a cache.

Vaswani et al. 2017, "Attention Is All You Need", https://arxiv.org/abs/1706.03762
Su et al. 2021, "RoFormer" (rotary positions), https://arxiv.org/abs/2104.09864

    Attention(Q, K, V) = softmax(Q Kᵀ / √D + M) V                                              (their equation 1)

A row of Q asks, every row of K answers with a score, and the rows of V are averaged by the softmax of the scores. M is
0 where a query may look and −∞ where it may not. √D keeps the scores' variance at 1: large scores saturate the softmax,
whose gradient then vanishes (section 3.2.1).

Legend
    B  sequences in a batch      T  queries (positions that ask)      S  keys (positions that answer); T = S when a
    C  width of the model        H  heads                                sequence attends to itself
    D  = C / H, width of a head: heads split the features, never the sequence
    q (B, H, T, D)    k, v (B, H, S, D)    mask: bool, True where a query may look, broadcasts to (B, H, T, S)
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.errors import CourseError

# --- the formula ------------------------------------------------------------------------------------------------------


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """(T, S) bool: the queries are the last T of the S positions, and each sees itself and what came before."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None = None) -> Tensor:
    """softmax(Q Kᵀ / √D + M), (B, H, T, S): every row sums to 1, and what the mask hides weighs exactly 0."""
    scores = (q / math.sqrt(q.shape[-1])) @ k.transpose(-1, -2)                           # (B, H, T, S)
    if mask is not None:
        scores = scores + torch.zeros_like(mask, dtype=q.dtype).masked_fill(~mask, -math.inf)
    return scores.softmax(dim=-1)


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None, *, causal: bool = False,
              dropout: float = 0.0, how: str = "auto") -> Tensor:
    """Equation 1: (B, H, T, D), for each query a mean of the values that it may look at.

    mask: may hide keys, such as padding, but every query must see at least one: a softmax over nothing has no value.
    causal: hide the future besides; the queries are the last T of the S positions.
    dropout: the share of weights set to 0 (and the rest scaled up), for training.
    how: "plain" is the formula, "fused" torch's kernel that never stores the weights; the same numbers up to rounding.
        "auto" takes the kernel, except where benchmarks/decoding.py found the formula faster, on a CPU: with dropout,
        for which torch has no kernel there, and in bfloat16, whose kernel trains several times more slowly.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    causal = causal and queries > 1                                # a single query is the last one, which may see all
    if how == "auto":
        how = "plain" if q.device.type == "cpu" and (dropout or q.dtype is torch.bfloat16) else "fused"
    if how == "fused" and mask is None and queries == keys:
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout, is_causal=causal)
    if causal:
        past = causal_mask(queries, keys, q.device)
        mask = past if mask is None else mask & past
    if how == "fused":
        return F.scaled_dot_product_attention(q, k, v, mask, dropout_p=dropout)
    weights = attention_weights(q, k, mask)
    return (F.dropout(weights, dropout) if dropout else weights) @ v


# --- several heads ----------------------------------------------------------------------------------------------------


class KVCache:
    """The keys and values of the positions read so far, so that the next token computes only its own.

    Room for `capacity` positions is taken once; memory does not grow while generating. k, v: (B, H, S, D).
    """

    def __init__(self, capacity: int):
        self.capacity, self.length = capacity, 0
        self.keys = self.values = torch.empty(0)                   # until the first ones say how large

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append k, v (B, H, T, D); return all so far. Raises: CourseError when they do not fit."""
        start, self.length = self.length, self.length + k.shape[2]
        if self.length > self.capacity:
            raise CourseError(f"The cache has room for {self.capacity} positions, {self.length} were read: "
                              "make a larger one, or generate fewer tokens.")
        if not self.keys.numel():
            self.keys = k.new_zeros(*k.shape[:2], self.capacity, k.shape[3])
            self.values = torch.zeros_like(self.keys)
        self.keys[:, :, start:self.length] = k
        self.values[:, :, start:self.length] = v
        return self.keys[:, :, :self.length], self.values[:, :, :self.length]


class MultiHeadAttention(nn.Module):
    """Concat(head₁ … head_H) W^O, each head attending with projections of its own (section 3.2.2).

    x (B, T, C) asks. Without `memory` it answers itself, too (self-attention); with memory (B, S, C), such as an
    encoder's output, that answers (cross-attention). Returns (B, T, C).

    Raises: CourseError unless `width` is a multiple of `heads`.
    """

    def __init__(self, width: int, heads: int, dropout: float = 0.0):
        super().__init__()
        if width % heads:
            raise CourseError(f"{heads} heads cannot share {width} features evenly: choose a width that is a multiple "
                              "of the number of heads.")
        self.heads, self.dropout = heads, dropout
        self.qkv = nn.Linear(width, 3 * width)                     # W^Q, W^K, W^V of all heads, one product
        self.out = nn.Linear(width, width)                         # W^O
        self.how = "auto"
        self.seen: list[Tensor] | None = None                      # see `watch`

    def forward(self, x: Tensor, memory: Tensor | None = None, *, mask: Tensor | None = None, causal: bool = False,
                rotation: tuple[Tensor, Tensor] | None = None, cache: KVCache | None = None) -> Tensor:
        if memory is None:
            q, k, v = (self.split(part) for part in self.qkv(x).chunk(3, dim=-1))
            if rotation is not None:
                q, k = rotate(q, *rotation), rotate(k, *rotation)
            if cache is not None:
                k, v = cache.extend(k, v)
        else:
            width = x.shape[-1]
            q = self.split(F.linear(x, self.qkv.weight[:width], self.qkv.bias[:width]))
            if cache is not None and cache.length:                 # the memory stays the same from token to token
                k, v = cache.keys, cache.values
            else:
                both = F.linear(memory, self.qkv.weight[width:], self.qkv.bias[width:])
                k, v = (self.split(part) for part in both.chunk(2, dim=-1))
                if cache is not None:
                    k, v = cache.extend(k, v)
        if self.seen is not None:
            past = causal_mask(q.shape[-2], k.shape[-2], q.device) if causal else None
            visible = past if mask is None else mask if past is None else mask & past
            self.seen.append(attention_weights(q, k, visible).detach())
        heads = attention(q, k, v, mask, causal=causal, dropout=self.dropout if self.training else 0.0, how=self.how)
        return self.out(heads.transpose(1, 2).flatten(2))          # (B, H, T, D) -> (B, T, C)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, H, T, D)"""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


def use_attention(net: nn.Module, how: str) -> None:
    """Let every attention of `net` use "plain", "fused" or "auto". Raises: CourseError for another word."""
    if how not in ("plain", "fused", "auto"):
        raise CourseError(f"attention is {how!r}: choose 'plain', 'fused' or 'auto'.")
    for module in net.modules():
        if isinstance(module, MultiHeadAttention):
            module.how = how


@contextlib.contextmanager
def watch(net: nn.Module) -> Iterator[dict[str, list[Tensor]]]:
    """Inside `with watch(net) as seen:` each attention's weights (B, H, T, S) are kept under the module's name.

    One tensor for each forward pass; the net computes what it always does.
    """
    watched = {name: module for name, module in net.named_modules() if isinstance(module, MultiHeadAttention)}
    seen: dict[str, list[Tensor]] = {name: [] for name in watched}
    for name, module in watched.items():
        module.seen = seen[name]
    try:
        yield seen
    finally:
        for module in watched.values():
            module.seen = None


# --- positions: attention alone sees a set, not a sequence ------------------------------------------------------------


def sinusoids(length: int, width: int) -> Tensor:
    """PE(t, 2i) = sin(t / 10000^(2i/C)), PE(t, 2i+1) = cos of the same: (T, C), added to embeddings (section 3.5).

    Raises: CourseError for an odd width, which has no pairs.
    """
    angles = rotary_angles(torch.arange(length), width)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(-2)


def rotary_angles(positions: Tensor, width: int) -> Tensor:
    """t / 10000^(2i/C) for positions t (...) and the pairs i = 0 … C/2 − 1: (..., C/2). Raises: CourseError if odd."""
    if width % 2:
        raise CourseError(f"Sines and cosines come in pairs, so a width of {width} is impossible: choose an even one.")
    rates = torch.arange(0, width, 2, device=positions.device) * (-math.log(10_000) / width)
    return positions[..., None] * rates.exp()


def rotation(positions: Tensor, width: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines for `rotate`, each (..., T, D): pair i is features i and i + D/2, as in Llama's weights."""
    angles = rotary_angles(positions, width).repeat_interleave(2, dim=-1)
    angles = torch.cat([angles[..., ::2], angles[..., 1::2]], dim=-1)
    return angles.cos(), angles.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each pair of features of q or k, (B, H, T, D), by an angle that grows with the position.

    The product of a turned query and a turned key then depends on their distance alone (Su et al., equation 16).
    """
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin
