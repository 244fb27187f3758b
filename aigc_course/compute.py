"""Where the numbers live and in what precision: plain torch, no wrapper objects."""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch

from .errors import CourseError

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
"""Bits of sign, exponent, fraction: fp32 1 + 8 + 23; bf16 1 + 8 + 7, fp32's range; fp16 1 + 5 + 10, 6e-8 … 65,504."""


@dataclass(frozen=True)
class Compute:
    """A device, and the dtype in which autocast runs its matrix products.

    Parameters, gradients and optimiser state stay float32 whatever `dtype` is
    (mixed precision: Micikevicius et al. 2018, https://arxiv.org/abs/1710.03740).
    """

    device: torch.device = torch.device("cpu")
    dtype: torch.dtype = torch.float32

    @classmethod
    def choose(cls, device: str = "auto", precision: str = "auto") -> Compute:
        """The device and the precision of these names, checked to be there.

        device: "cpu", "cuda" (the current card), "cuda:1", "mps", or "auto": CUDA, else Apple's MPS, else the CPU.
        precision: one of `PRECISIONS`, or "auto": bf16 on a CUDA card that computes with it, else fp32.
        fp16 needs loss scaling, `scaler=compute.scaler()` for every learner; `speed.speed_up` sees to it.
        Raises: CourseError when this machine lacks the device or the device lacks the precision.
        """
        there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
        kind, _, index = device.partition(":")
        if device == "auto":
            kind = device = next(name for name in there if there[name])
        if kind not in there or (index and not (kind == "cuda" and index.isdigit())):
            raise CourseError(f"There is no device {device!r}: choose auto, cpu, cuda, cuda:0, cuda:1 … or mps.")
        if not there[kind] or (index and int(index) >= torch.cuda.device_count()):
            raise CourseError(f"This machine, or its torch, has no device {device!r}: choose --device auto or cpu.")
        able = kind != "cuda" or torch.cuda.is_bf16_supported(including_emulation=False)
        if precision == "auto":
            precision = "bf16" if kind == "cuda" and able else "fp32"
        if precision not in PRECISIONS:
            raise CourseError(f"There is no precision {precision!r}: choose auto, {', '.join(PRECISIONS)}.")
        if precision == "bf16" and not able:
            raise CourseError("This card does not compute in bf16: choose --precision fp16 or fp32.")
        return cls(torch.device(device), PRECISIONS[precision])

    @classmethod
    def best(cls) -> Compute:
        """`choose()`: the fastest device of this machine; bf16 on CUDA, fp32 elsewhere."""
        return cls.choose()

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

    @property
    def precision(self) -> str:
        """The name of `dtype`: "fp32", "bf16" or "fp16"."""
        return next(name for name, dtype in PRECISIONS.items() if dtype is self.dtype)

    def scaler(self) -> torch.amp.GradScaler:
        """A new loss scaler for one learner: at work in fp16, where small gradients are 0 without it, else idle.

        The loss is multiplied by a scale and the gradients, in fp32 by then, are divided by it. When they overflow, the
        update is left out and the scale halved; after 2,000 updates without overflow it doubles.
        """
        return torch.amp.GradScaler(self.device.type, enabled=self.dtype is torch.float16)

    def wait(self) -> None:
        """Return when the device has done all it was given; a CPU has. For clocks, never in a loop that trains."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        elif self.device.type == "mps":
            torch.mps.synchronize()


def tf32(allowed: bool = True) -> None:
    """Whether CUDA's fp32 products and convolutions may round what they multiply to TF32's 10 bits of fraction.

    Sums stay fp32. Cards before Ampere, and every other device, take no notice.
    """
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


def deterministic(on: bool = True) -> None:
    """Let the same run give the same bits every time on this machine; what cannot raises RuntimeError.

    A CPU with a fixed number of threads needs no telling. On CUDA call it before anything is computed: cuBLAS reads its
    workspace's size when it starts.
    """
    if on:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(on)
    # Filling costs time, and no result depends on it. The switch is made when torch is imported, unseen by a checker.
    torch.utils.deterministic.fill_uninitialized_memory = not on  # pyright: ignore[reportAttributeAccessIssue]
    torch.backends.cudnn.benchmark = False                                  # or the fastest algorithm of today is taken


def seed_all(seed: int) -> None:
    """Seed Python's, NumPy's and torch's random numbers (all devices)."""
    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def rng_state() -> dict:
    """The state of every random stream, made only of types that `torch.load(weights_only=True)` accepts."""
    kind, keys, *rest = cast(tuple, np.random.get_state())                  # a dict only where one asks for it
    return {
        "python": random.getstate(),
        "numpy": (kind, keys.tolist(), *rest),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
        "mps": [torch.mps.get_rng_state()] if torch.backends.mps.is_available() else [],
    }


def require_rng_state(state: dict) -> None:
    """Try a `rng_state()` on streams that nobody uses. Raises: what `set_rng_state` would, with nothing changed."""
    version, keys, gauss = state["python"]
    random.Random().setstate((version, tuple(keys), gauss))
    np.random.RandomState().set_state(tuple(state["numpy"]))
    torch.Generator().set_state(state["torch"])
    for kind, available in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())):
        for one in state[kind] if available else []:
            torch.Generator(kind).set_state(one)


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
