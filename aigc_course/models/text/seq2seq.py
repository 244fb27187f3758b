"""Sequence to sequence: an encoder reads the source, a decoder writes the target one token after another.

Sutskever, Vinyals & Le 2014, "Sequence to Sequence Learning with Neural Networks", https://arxiv.org/abs/1409.3215
Cho et al. 2014, "Learning Phrase Representations using RNN Encoder–Decoder", https://arxiv.org/abs/1406.1078
Bahdanau, Cho & Bengio 2015, "… by Jointly Learning to Align and Translate", https://arxiv.org/abs/1409.0473
Luong, Pham & Manning 2015, "Effective Approaches to Attention-based NMT", https://arxiv.org/abs/1508.04025

    p(y_1 … y_T | x) = Π_t p(y_t | x, y_1 … y_{t−1}),   y_0 = BOS, y_T = EOS                  (Sutskever, equation 1)

Legend
    B   sentences in a batch      S  source positions     T  target positions     K  hypotheses of a beam
    V   target vocabulary         E  embedding            H  hidden state (the encoder has H/2 in each direction)
    source (B, S) and target (B, T) ids, padded on the right; a target runs from BOS to EOS

The context is read after the recurrent cell, as Luong does (section 3), whatever the score: then the cell depends on
the target alone, and all T steps of training are one fused call. Bahdanau reads it before the cell.

Another task, say the next line of a poem: pairs of texts -> `encode_pairs` -> `Buckets`, train with `seq2seq_turns`,
then `aigc_course.models.text.translator`: `translate(Translator(net, source, target), texts)`.
`generate(..., choose=...)`
samples instead of taking the likeliest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError
from aigc_course.models.text.sampling import SILENT
from aigc_course.train import Nets, Turn

SCORES = ("dot", "general", "additive")


@dataclass(frozen=True)
class Seq2SeqConfig:
    source: int
    """Size of the source vocabulary."""
    target: int
    """Size of the target vocabulary, V."""
    embedding: int = 64
    hidden: int = 128
    """H, even: half of it for each direction of the encoder."""
    attention: str | None = "general"
    """How a target position scores the source positions: "dot", "general" or "additive". None gives every step the
    same fixed vector z, in which the encoder must fit the whole source."""
    drop: float = 0.0

    def __post_init__(self):
        if self.attention not in (None, *SCORES):
            raise CourseError(f"attention is {self.attention!r}: choose None or one of {', '.join(SCORES)}.")
        if self.hidden % 2:
            raise CourseError(f"hidden is {self.hidden}: choose an even number, half of it for each direction.")


# --- blocks -----------------------------------------------------------------------------------------------------------


class Attention(nn.Module):
    """weights = softmax over S of score(query, key), context = Σ_s weights · value.

    dot: q·m · general: q·(W m) (Luong, section 3.1) · additive: v·tanh(U q + W m) (Bahdanau, appendix A.1.2)
    """

    def __init__(self, score: str, hidden: int):
        super().__init__()
        self.score = score
        self.key = nn.Identity() if score == "dot" else nn.Linear(hidden, hidden, bias=score == "additive")
        if score == "additive":
            self.query, self.v = nn.Linear(hidden, hidden, bias=False), nn.Linear(hidden, 1, bias=False)

    def forward(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """queries (B, T, H), keys and values (B, S, H), mask (B, S) true where there is a token -> context (B, T, H),
        weights (B, T, S). `keys` are `self.key(values)`, which a decoder computes once for all its steps."""
        if self.score == "additive":
            scores = self.v(torch.tanh(self.query(queries)[:, :, None] + keys[:, None])).squeeze(-1)
        else:
            scores = queries @ keys.mT
        weights = scores.masked_fill(~mask[:, None], -math.inf).softmax(dim=-1)
        return weights @ values, weights


class Memory(NamedTuple):
    """What the encoder hands to the decoder."""

    keys: Tensor      # (B, S, H)
    values: Tensor    # (B, S, H), one for each source position
    mask: Tensor      # (B, S) bool, false at padding
    z: Tensor         # (B, H), the fixed vector: the decoder's first state


class Seq2Seq(nn.Module):
    """A bidirectional GRU encoder and a GRU decoder, with or without attention."""

    def __init__(self, config: Seq2SeqConfig):
        super().__init__()
        self.config, e, h = config, config.embedding, config.hidden
        self.source_embedding = nn.Embedding(config.source, e, padding_idx=PAD)
        self.target_embedding = nn.Embedding(config.target, e, padding_idx=PAD)
        self.forwards = nn.GRU(e, h // 2, batch_first=True)
        self.backwards = nn.GRU(e, h // 2, batch_first=True)
        self.bridge = nn.Linear(h, h)
        self.decoder = nn.GRU(e, h, batch_first=True)
        self.attention = Attention(config.attention, h) if config.attention else None
        self.combine = nn.Linear(2 * h, h)
        self.drop = nn.Dropout(config.drop)
        self.head = nn.Linear(h, config.target)

    def encode(self, source: Tensor) -> Memory:
        """(B, S) ids -> memory. The direction from right to left reads each sentence reversed within its own length,
        so that no state passes over padding and a longer batch changes nothing."""
        mask = source != PAD
        lengths, places = mask.sum(dim=1, keepdim=True), torch.arange(source.size(1), device=source.device)
        mirror = torch.where(places < lengths, lengths - 1 - places, places)[..., None]       # (B, S, 1)
        x = self.drop(self.source_embedding(source))
        right, _ = self.forwards(x)                                                           # (B, S, H/2)
        left, _ = self.backwards(x.gather(1, mirror.expand_as(x)))
        last = (lengths - 1)[..., None].expand(-1, 1, right.size(2))
        z = torch.tanh(self.bridge(torch.cat([right.gather(1, last), left.gather(1, last)], dim=2))).squeeze(1)
        values = torch.cat([right, left.gather(1, mirror.expand_as(left))], dim=2)            # (B, S, H)
        return Memory(self.attention.key(values) if self.attention else values, values, mask, z)

    def read(self, states: Tensor, memory: Memory) -> tuple[Tensor, Tensor | None]:
        """Decoder states (B, T, H) -> logits (B, T, V) and attention weights (B, T, S), None without attention."""
        if self.attention:
            context, weights = self.attention(states, memory.keys, memory.values, memory.mask)
        else:
            context, weights = memory.z[:, None].expand_as(states), None
        combined = torch.tanh(self.combine(torch.cat([context, states], dim=2)))              # Luong, equation 5
        return self.head(self.drop(combined)), weights

    def forward(self, source: Tensor, inputs: Tensor) -> tuple[Tensor, Tensor | None]:
        """Teacher forcing: logits (B, T, V) for the token after each of inputs (B, T), and the weights (B, T, S)."""
        memory = self.encode(source)
        states, _ = self.decoder(self.drop(self.target_embedding(inputs)), memory.z[None])
        return self.read(states, memory)

    def step(self, last: Tensor, states: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        """One token further in each of K hypotheses of each sentence: last (B, K) ids, states (B, K, H) -> log p of the
        next token (B, K, V), states (B, K, H). The hypotheses of a sentence are K queries to one memory."""
        x = self.target_embedding(last.flatten())[:, None]                                    # (B·K, 1, E)
        _, new = self.decoder(x, states.reshape(1, -1, states.size(2)))
        states = new.view_as(states)
        return self.read(states, memory)[0].log_softmax(dim=-1), states


# --- objective --------------------------------------------------------------------------------------------------------


def seq2seq_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Cross-entropy in nats per target token as the one turn of `aigc_course.train.train`.

    nets: "seq2seq". batch: (source, target), e.g. of `Buckets`. The decoder is given y_0 … y_{T−1} and must say
    y_1 … y_T. Padding counts for nothing: the loss is the mean over the batch's real tokens, and they are its weight.
    """
    source, target = batch
    logits, _ = nets["seq2seq"](source, target[:, :-1])
    wanted = target[:, 1:]
    loss = F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PAD)
    yield Turn("seq2seq", loss, weight=(wanted != PAD).sum())


# --- writing ----------------------------------------------------------------------------------------------------------


def likeliest(log_p: Tensor) -> Tensor:
    """(B, V) -> (B,): greedy choice."""
    return log_p.argmax(dim=1)


@torch.no_grad()
def generate(net: Seq2Seq, source: Tensor, limit: int | None = None,
             choose: Callable[[Tensor], Tensor] = likeliest, banned: Sequence[int] = SILENT) -> Tensor:
    """Targets token by token, (B, T) ids from the first token to EOS or the limit, then PAD.

    limit: tokens at most, EOS included; None allows each sentence twice its own source and 10 more.
    choose: log p (B, V) -> ids (B,); greedy unless given, e.g. a sampler of `aigc_course.models.text.sampling`.
    banned: ids that no target says; add those that the vocabulary does not know (`sampling.silent`).
    Raises: CourseError for a limit below 1.
    """
    memory, limits = net.eval().encode(source), room(source, limit)
    states, last = memory.z[:, None], source.new_full((len(source), 1), BOS)
    written, ended = [], torch.zeros_like(last, dtype=torch.bool)
    for t in range(1, int(limits.max()) + 1):
        log_p, states = net.step(last, states, memory)
        last = choose(sayable(log_p, banned)[:, 0])[:, None].masked_fill(ended, PAD)
        written.append(last)
        ended = ended | (last == EOS) | (limits == t)
        if ended.all():
            break
    return torch.cat(written, dim=1)


class Hypotheses(NamedTuple):
    """What a beam search found for each sentence, the best first."""

    ids: Tensor       # (B, K, T), each from its first token to EOS, then PAD
    scores: Tensor    # (B, K): log p divided by the length to the power of alpha; −inf where fewer than K were found


@torch.no_grad()
def beam_search(net: Seq2Seq, source: Tensor, beam: int = 5, alpha: float = 1.0,
                limit: int | None = None, banned: Sequence[int] = SILENT) -> Hypotheses:
    """The K = `beam` likeliest prefixes of each sentence are continued side by side, all sentences at once.

    A hypothesis among the K best that ends is set aside and keeps its score; the K best others go on. A sentence is
    finished with K complete hypotheses. They are ranked by log p / length^alpha (GNMT, arXiv 1609.08144, equation 14,
    in its simplest form): with alpha = 0, by log p alone, the shorter one nearly always wins, since every further token
    can only lower log p. What has not ended at its limit counts as if it had ended there; limit and banned are those of
    `generate`.

    Raises: CourseError for a beam or a limit below 1.
    """
    if beam < 1:
        raise CourseError(f"A beam of {beam} holds no hypothesis: choose 1 (greedy) or more.")
    memory, n = net.eval().encode(source), len(source)
    limits = room(source, limit)                                                              # (B, 1)
    limit = int(limits.max())
    states = memory.z[:, None].repeat(1, beam, 1)
    ids = source.new_full((n, beam, limit + 1), PAD)
    ids[..., 0] = BOS
    log_p = source.new_full((n, beam), -math.inf, dtype=states.dtype)
    log_p[:, 0] = 0                                            # K equal beginnings would find K equal endings
    done, done_scores = ids.clone(), torch.full_like(log_p, -math.inf)
    for t in range(1, limit + 1):
        nexts, states = net.step(ids[..., t - 1], states, memory)
        total = log_p[..., None] + sayable(nexts, banned)                                             # (B, K, V)
        best, place = total.flatten(1).topk(2 * beam)
        row, token = place // total.size(2), place % total.size(2)   # at most one EOS a row: of 2K, K or more go on
        paths = take(ids, row)
        paths[..., t] = token
        ends = (token == EOS) | (t == limits)

        found = (best[:, :beam] / t**alpha).masked_fill(~ends[:, :beam], -math.inf)
        found[done_scores.isfinite().all(dim=1)] = -math.inf        # a sentence with K hypotheses is finished
        done_scores, order = torch.cat([done_scores, found], dim=1).topk(beam)
        done = take(torch.cat([done, paths[:, :beam]], dim=1), order)
        if done_scores.isfinite().all():
            break

        log_p, going = best.masked_fill(ends, -math.inf).topk(beam)
        ids, states = take(paths, going), take(states, row.gather(1, going))
    return Hypotheses(done[..., 1:t + 1], done_scores)


def take(tensor: Tensor, rows: Tensor) -> Tensor:
    """tensor (B, K, …), rows (B, J) -> (B, J, …): for each sentence its rows."""
    return tensor[torch.arange(len(tensor), device=tensor.device)[:, None], rows]


def room(source: Tensor, limit: int | None) -> Tensor:
    """Tokens that each sentence of source (B, S) may become, (B, 1), whatever stands beside it."""
    if limit is not None and limit < 1:
        raise CourseError(f"A limit of {limit} tokens leaves no room for EOS: give 1 or more, or None.")
    return 2 * (source != PAD).sum(dim=1, keepdim=True) + 10 if limit is None else torch.full_like(source[:, :1], limit)


def sayable(log_p: Tensor, banned: Sequence[int]) -> Tensor:
    """log p (…, V) without the ids that no target says."""
    log_p[..., list(banned)] = -math.inf
    return log_p


@torch.no_grad()
def align(net: Seq2Seq, source: Tensor, ids: Tensor) -> Tensor:
    """The attention weights (B, T, S) with which ids (B, T), as `generate` gives them, are written."""
    return net.eval()(source, F.pad(ids[:, :-1], (1, 0), value=BOS))[1]
