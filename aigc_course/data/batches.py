"""Batches as a pure function of (seed, step): nothing to save, and any step can be asked for at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from aigc_course.errors import CourseError


@dataclass(frozen=True)
class Batches:
    """Shuffled mini-batches of tensors that fit in memory.

    `batches[step]` is always the same tuple of tensors, whatever was asked before: the epoch
    `step // len(batches)` is one permutation of the examples, drawn from (seed, epoch). The last N mod size
    examples of each permutation are left out of that epoch, so that every batch has the same size.

    Args:
        tensors: one or more tensors (N, ...), example n of each belongs together; they stay on their device.
        size: examples per batch, 1..N.
        seed: a whole number ≥ 0.
    Raises:
        CourseError: no tensors, tensors of unequal length, or a size that no epoch can fill.
    """

    tensors: Sequence[Tensor]
    size: int
    seed: int = 0

    def __post_init__(self):
        # A single tensor iterates over its rows, which would pass silently as many tensors of one example.
        if isinstance(self.tensors, Tensor) or len(self.tensors) == 0:
            raise CourseError("Batches needs a tuple of tensors: write Batches((images,), size=64).")
        lengths = [len(tensor) for tensor in self.tensors]
        if len(set(lengths)) > 1:
            raise CourseError(
                f"Batches needs tensors of one length, but got {lengths}: match images and labels."
            )
        if not 1 <= self.size <= lengths[0]:
            raise CourseError(
                f"A batch of {self.size} cannot be cut from {lengths[0]} examples: "
                f"choose a size from 1 to {lengths[0]}, or load more data."
            )
        if self.seed < 0:
            raise CourseError(f"The seed of Batches is {self.seed}: choose a whole number from 0 up.")

    def __len__(self) -> int:
        """Batches per epoch."""
        return len(self.tensors[0]) // self.size

    def __getitem__(self, step: int) -> tuple[Tensor, ...]:
        if step < 0:
            raise IndexError(f"batch {step}: steps count from 0")
        epoch, place = divmod(step, len(self))
        order = _order(len(self.tensors[0]), self.seed, epoch, self.tensors[0].device)
        rows = order[place * self.size : (place + 1) * self.size]
        return tuple(tensor[rows.to(tensor.device)] for tensor in self.tensors)

    def __iter__(self):
        """The batches of epoch 0 (without this, Python would iterate over __getitem__ for ever)."""
        return (self[step] for step in range(len(self)))


@dataclass(frozen=True)
class Sharded:
    """What one of several processes sees of `batches`: process r of N takes the batches r, N + r, 2N + r, …

    N processes that accumulate k batches a round see the same ones as one process that accumulates N · k. Batches
    whose rows continue those of the batch before (`Streams`) are shared out by rows: N processes see the round of one.

    Args:
        batches: a pure function of the step.
        rank: which process this is, 0..world − 1.
        world: how many there are.
    Raises:
        CourseError: rows that continue one another and cannot be shared out evenly.
    """

    batches: Any
    rank: int
    world: int

    def __post_init__(self):
        if not 0 <= self.rank < self.world:
            raise ValueError(f"process {self.rank} of {self.world}: processes count from 0")
        if self._by_rows and len(self.batches.rows) % self.world:
            raise CourseError(f"{len(self.batches.rows)} rows of text that continue from batch to batch cannot be "
                              f"shared evenly by {self.world} processes: choose a number of rows that {self.world} "
                              "divides.")

    @property
    def _by_rows(self) -> bool:
        return getattr(self.batches, "continues", False)

    def __getitem__(self, step: int) -> Any:
        if step < 0:
            raise IndexError(f"batch {step}: steps count from 0")
        if self._by_rows:
            return tuple(tensor.chunk(self.world)[self.rank] for tensor in self.batches[step])
        return self.batches[step * self.world + self.rank]


@lru_cache(maxsize=8)  # a training run and its evaluation stay within a few epochs at a time
def _order(n: int, seed: int, epoch: int, device: torch.device) -> Tensor:
    # NumPy's generator takes the pair itself as a seed and leaves torch's random state alone.
    return torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(n)).to(device)
