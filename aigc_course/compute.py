"""Where the numbers live and in what precision: plain torch, no wrapper objects."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True)
class Compute:
    """A device, and the dtype in which autocast runs its matrix products.

    Parameters, gradients and optimiser state stay float32 whatever `dtype` is
    (mixed precision: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740).
    """

    device: torch.device = torch.device("cpu")
    dtype: torch.dtype = torch.float32

    @classmethod
    def best(cls) -> Compute:
        """The fastest device of this machine: CUDA, else Apple's MPS, else the CPU in float32."""
        if torch.cuda.is_available():
            bf16 = torch.cuda.is_bf16_supported()
            return cls(torch.device("cuda"), torch.bfloat16 if bf16 else torch.float32)
        if torch.backends.mps.is_available():
            return cls(torch.device("mps"))
        return cls()

    @classmethod
    def fastest(cls) -> Compute:
        """`best()`, but in bfloat16, to about 3 digits, on a CPU that has instructions for it (AVX512-BF16, AMX)."""
        best = cls.best()
        if best.device.type == "cpu" and torch.cpu._is_avx512_bf16_supported():
            return cls(best.device, torch.bfloat16)
        return best

    def autocast(self) -> contextlib.AbstractContextManager:
        """A context in which the forward pass runs in `dtype`."""
        if self.dtype is torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, self.dtype)


def seed_all(seed: int) -> None:
    """Seed Python's, NumPy's and torch's random numbers (all devices)."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def rng_state() -> dict:
    """The state of every random stream, made only of types that `torch.load(weights_only=True)` accepts."""
    kind, keys, *rest = np.random.get_state()
    return {
        "python": random.getstate(),
        "numpy": (kind, keys.tolist(), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "mps": [torch.mps.get_rng_state()] if torch.backends.mps.is_available() else [],
    }


def set_rng_state(state: dict) -> None:
    """Put every random stream back to a `rng_state()`.

    The streams of devices that this machine lacks are left out, so that a checkpoint from a GPU loads on a laptop.
    """
    version, keys, gauss = state["python"]
    random.setstate((version, tuple(keys), gauss))
    np.random.set_state(tuple(state["numpy"]))
    torch.set_rng_state(state["torch"])
    if state["cuda"] and torch.cuda.is_available():
        for index, one in enumerate(state["cuda"][: torch.cuda.device_count()]):
            torch.cuda.set_rng_state(one, index)
    if state["mps"] and torch.backends.mps.is_available():
        torch.mps.set_rng_state(state["mps"][0])


@contextlib.contextmanager
def aside(seed: int = 0) -> Iterator[None]:
    """Draw random numbers without moving the run's own streams: looking must not change the run."""
    kept = rng_state()
    seed_all(seed)
    try:
        yield
    finally:
        set_rng_state(kept)
