"""The one test that every metric makes of its input: a NaN would otherwise come out as a plausible number."""

from __future__ import annotations

from torch import Tensor

from aigc_course.errors import CourseError


def require_finite(examples: Tensor, name: str, at_least: int = 1) -> None:
    """Raises: CourseError unless `examples` (N, F) has N ≥ at_least rows and only finite numbers."""
    if examples.ndim != 2:
        raise CourseError(f"{name} has the shape {tuple(examples.shape)}: give one row of numbers per example.")
    if len(examples) < at_least:
        raise CourseError(f"{name} has {len(examples)} examples, this metric needs at least {at_least}: "
                          "generate or load more.")
    if not examples.isfinite().all():
        raise CourseError(f"{name} contains NaN or infinite numbers: the training has probably diverged; "
                          "lower the learning rate.")
