"""Sequences of unequal length in one tensor: padding, and batches of similar lengths so that little of it is needed.

Every id list of the course uses the ids PAD, BOS, EOS, UNK = 0, 1, 2, 3 of `aigc_course.data.text.vocabulary`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError

Text = str | Sequence[str]
"""A string, whose tokens are its characters, or a list of tokens such as words."""
Pair = tuple[list[int], list[int]]


class Codec(Protocol):
    """What turns text into ids and back, such as `aigc_course.data.text.vocabulary.Vocabulary`."""

    def __len__(self) -> int: ...
    def encode(self, text: Text) -> list[int]: ...
    def decode(self, ids: Iterable[int]) -> str: ...


def pad(rows: Sequence[Sequence[int]], left: bool = False) -> Tensor:
    """Id lists -> (N, T) long, T the longest; shorter rows are filled up with PAD on the right, or on the left.

    Raises: CourseError for no rows, or for a row without a single id.
    """
    if not rows or not all(len(row) for row in rows):
        raise CourseError("There is nothing to pad: every sequence needs at least one id, such as its EOS.")
    longest = max(map(len, rows))
    fill = [[PAD] * (longest - len(row)) for row in rows]
    return torch.tensor([[*gap, *row] if left else [*row, *gap] for row, gap in zip(rows, fill, strict=True)])


def encode_pairs(texts: Iterable[tuple[Text, Text]], source: Codec, target: Codec) -> list[Pair]:
    """Text pairs -> id pairs as `Buckets` and the Seq2Seq models want them: source + EOS, BOS + target + EOS."""
    return [([*source.encode(a), EOS], [BOS, *target.encode(b), EOS]) for a, b in texts]


class Buckets:
    """Batches of pairs of similar lengths: `buckets[step]` is (source (B, S), target (B, T)), padded on the right.

    A pure function of (seed, step), as `Batches` is. Each epoch shuffles the pairs, sorts them by length (stably, so
    that equal lengths stay shuffled), cuts them into batches and shuffles these. Where the cuts lie depends on the
    sorted lengths alone, so every epoch has `len(buckets)` batches, the same padding, and leaves no pair out.

    Args:
        pairs: (source ids, target ids), the target from BOS to EOS; `encode_pairs` makes them of text.
        tokens: positions of a batch at most, padding included, source and target together. With batches of equal
            weight in tokens, the mean over a batch's tokens gives every token of the data about the same say.
        seed: a whole number ≥ 0.
        device: where the batches shall lie.
    Raises:
        CourseError: no pairs, an empty sequence, or a pair that alone exceeds `tokens`.
    """

    def __init__(self, pairs: Sequence[Pair], tokens: int = 2000, seed: int = 0,
                 device: torch.device | str = "cpu"):
        if seed < 0:
            raise CourseError(f"The seed of Buckets is {seed}: choose a whole number from 0 up.")
        self.source, self.target = (pad(rows).to(device) for rows in (tuple(zip(*pairs, strict=True)) or ((), ())))
        self.lengths = np.array([(len(a), len(b)) for a, b in pairs])                       # (N, 2)
        self.tokens, self.seed = tokens, seed
        if (longest := self.lengths.sum(axis=1).max()) > tokens:
            raise CourseError(f"The longest pair has {longest} ids, and a batch of Buckets may hold {tokens}: "
                              f"set tokens to {longest} or more, or leave out the longest pairs.")
        in_order = self.lengths[np.lexsort(self.lengths.T[::-1])]
        self.cuts = cut(in_order, tokens)
        """Batch k of the sorted pairs is cuts[k] … cuts[k + 1]."""
        held = sum(len(part) * part.max(axis=0).sum() for part in np.split(in_order, self.cuts[1:-1]))
        self.waste: float = 1 - self.lengths.sum() / held
        """Share of the positions in all batches that are padding, 0..1."""
        self._epoch, self._plan = -1, []

    def __len__(self) -> int:
        """Batches per epoch."""
        return len(self.cuts) - 1

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        if step < 0:
            raise IndexError(f"batch {step}: steps count from 0")
        epoch, place = divmod(step, len(self))
        if epoch != self._epoch:
            self._epoch, self._plan = epoch, self.plan(epoch)
        rows = self._plan[place]
        s, t = self.lengths[rows].max(axis=0)
        rows = torch.from_numpy(rows).to(self.source.device)
        return self.source[rows, :s], self.target[rows, :t]

    def __iter__(self):
        """The batches of epoch 0."""
        return (self[step] for step in range(len(self)))

    def plan(self, epoch: int) -> list[np.ndarray]:
        """Which pairs make up each batch of an epoch, in the order of the batches."""
        draw = np.random.default_rng((self.seed, epoch))
        order = draw.permutation(len(self.lengths))
        order = order[np.lexsort(self.lengths[order].T[::-1])]
        batches = np.split(order, self.cuts[1:-1])
        return [batches[k] for k in draw.permutation(len(batches))]


def cut(lengths: np.ndarray, tokens: int) -> list[int]:
    """Where to cut rows of sorted lengths (N, 2) so that no batch, padded, has more than `tokens` positions."""
    cuts, longest, widest = [0], 0, 0
    for row, (s, t) in enumerate(lengths.tolist()):
        longest, widest = max(longest, s), max(widest, t)
        if (longest + widest) * (row + 1 - cuts[-1]) > tokens and row > cuts[-1]:
            cuts.append(row)
            longest, widest = s, t
    return [*cuts, len(lengths)]
