"""What every metric makes of its input: a test, since a NaN or a wrong shape would come out as a plausible number, and
float64 on the CPU, so that neither the precision of the input nor where the data lie moves the result."""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_course.errors import CourseError


def exact(examples: Tensor, name: str, at_least: int = 1, like: Tensor | None = None) -> Tensor:
    """`examples` (N, F) of any dtype as float64 on the CPU, which has it on every machine.

    like: another input, that must have the same number of columns. Raises: CourseError unless there are N ≥ at_least
    rows of F ≥ 1 finite numbers.
    """
    if examples.ndim != 2 or examples.shape[1] < 1 or examples.is_complex():
        raise CourseError(f"{name} has the shape {tuple(examples.shape)} ({examples.dtype}): give one row of numbers "
                          "per example.")
    if len(examples) < at_least:
        raise CourseError(f"{name} has {len(examples)} examples, this metric needs at least {at_least}: "
                          "generate or load more.")
    if not examples.isfinite().all():
        raise CourseError(f"{name} contains NaN or infinite numbers: the training has probably diverged; "
                          "lower the learning rate.")
    if like is not None and like.shape[-1] != examples.shape[1]:
        raise CourseError(f"{name} has {examples.shape[1]} numbers per example and what it is compared with "
                          f"{like.shape[-1]}: measure both with the same features.")
    return examples.detach().cpu().double()


def distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean, (N, M), of `exact` rows. By differences: |a|² + |b|² − 2 a·b, torch's way for many rows, loses all
    digits where the data lie far from 0, and makes the distance of equal points larger than 0."""
    return torch.cdist(a, b, compute_mode="donot_use_mm_for_euclid_dist")
