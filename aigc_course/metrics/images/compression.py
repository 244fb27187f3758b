"""The yardstick for lossy compression by a VAE: principal components, quantised and entropy-coded.

N examples, P pixels, C components. Rates are nats per example (1 nat = 1.44 bits), distortions mean squared errors.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.metrics.checks import exact


class PCA(NamedTuple):
    """mean (P,), axes (C, P) orthonormal, the strongest first; float64, as what they make of rows of any dtype."""

    mean: Tensor
    axes: Tensor

    def encode(self, rows: Tensor) -> Tensor:
        """(N, P) -> (N, C)."""
        return (exact(rows, "rows", like=self.axes) - self.mean) @ self.axes.T

    def decode(self, codes: Tensor) -> Tensor:
        """(N, C) -> (N, P)."""
        return self.mean + exact(codes, "codes", like=self.axes.T) @ self.axes


def fit_pca(rows: Tensor, components: int) -> PCA:
    """The principal axes of rows (N, P). Raises: CourseError for NaN or more components than N − 1 or P."""
    rows = exact(rows, "rows", at_least=2)
    if not 1 <= components <= min(len(rows) - 1, rows.shape[1]):
        raise CourseError(f"{tuple(rows.shape)} rows have no {components} principal components: ask for fewer.")
    mean = rows.mean(dim=0)
    _, _, axes = torch.linalg.svd(rows - mean, full_matrices=False)
    return PCA(mean, axes[:components])


def quantised_pca(pca: PCA, known: Tensor, rows: Tensor, step: float) -> tuple[float, Tensor]:
    """Compress rows (M, P): round every coefficient to multiples of `step`, code it at its cost. (rate, decoded rows).

    The rate is the length of an ideal entropy code whose frequencies, one table per coefficient, were counted on
    known (N, P), the training rows; each value that occurs in neither table's range gets the share of half a row.
    Coefficients that all round to 0 cost next to nothing, so no separate choice of components is needed
    (transform coding: Goyal 2001, IEEE Signal Processing Magazine 18(5)). Raises: CourseError for a step that is not
    above 0, other P, no rows, or NaN.
    """
    if not 0 < step < math.inf:
        raise CourseError(f"The step is {step}: coefficients are rounded to multiples of a number above 0.")
    seen, sent = ((pca.encode(part) / step).round().long() for part in (known, rows))
    low = torch.minimum(seen.amin(dim=0), sent.amin(dim=0))
    height = int((torch.maximum(seen.amax(dim=0), sent.amax(dim=0)) - low).max()) + 1
    rate = 0.0
    for one, other in zip((seen - low).T, (sent - low).T, strict=True):
        present = int(torch.maximum(one.max(), other.max())) + 1
        counts = torch.bincount(one, minlength=height)[:present].double() + 0.5
        rate -= (counts / counts.sum()).log()[other].mean().item()
    return rate, pca.decode(sent * step)
