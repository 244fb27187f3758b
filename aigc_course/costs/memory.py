"""Memory that training needs besides weights, gradients and optimiser state, counted exactly: the same anywhere."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn


@dataclass
class Saved:
    """What autograd keeps of a forward pass until the backward pass has used it."""

    now: int = 0
    """Bytes kept at this moment."""
    peak: int = 0
    """The most bytes that were kept at once."""
    keepers: Counter[int] = field(default_factory=Counter)
    """Address of a storage -> how often it is kept; two views of one storage take its memory once."""


@contextlib.contextmanager
def saved_for_backward(*nets: nn.Module) -> Iterator[Saved]:
    """Inside `with saved_for_backward(net) as saved:` count the bytes of the tensors that backward passes wait for.

    The parameters and buffers of `nets` are left out: they are there anyway. What activation checkpointing computes
    anew during the backward pass is not counted, only what it keeps.
    """
    saved = Saved()
    there = {one.untyped_storage().data_ptr() for net in nets for one in [*net.parameters(), *net.buffers()]}

    class Kept:
        """One saved tensor; it dies with its graph."""

        def __init__(self, tensor: Tensor):
            # Without its history: a result that its own graph keeps would keep that graph alive for ever.
            self.tensor, self.key = tensor.detach(), tensor.untyped_storage().data_ptr()
            self.size = 0 if self.key in there else tensor.untyped_storage().nbytes()
            saved.keepers[self.key] += 1
            if saved.keepers[self.key] == 1:
                saved.now += self.size
                saved.peak = max(saved.peak, saved.now)

        def __del__(self):
            saved.keepers[self.key] -= 1
            if saved.keepers[self.key] == 0:
                saved.now -= self.size

    with torch.autograd.graph.saved_tensors_hooks(Kept, lambda kept: kept.tensor):
        yield saved
