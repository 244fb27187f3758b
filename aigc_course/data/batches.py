"""Batches as a pure function of (seed, step): nothing to save, and any step can be asked for at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

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


@lru_cache(maxsize=8)  # a training run and its evaluation stay within a few epochs at a time
def _order(n: int, seed: int, epoch: int, device: torch.device) -> Tensor:
    # NumPy's generator takes the pair itself as a seed and leaves torch's random state alone.
    return torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(n)).to(device)
