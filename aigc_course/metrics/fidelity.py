"""How close generated examples are to real ones, in the space of some features.

Every function takes features, float tensors (N, F): row n describes example n. Whose features they are decides
what the numbers mean, so a value is comparable only with values from the same features and the same N, and
`report` therefore always shows the floor (other real examples measured against the real ones) and the features' name.
"FID" and "KID" are the names of `frechet_distance` and `kernel_distance` with the Inception-v3 features of their
papers; with other features they must not be called so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.metrics.checks import distances, exact


def frechet_distance(real: Tensor, fake: Tensor) -> float:
    """Squared Fréchet (2-Wasserstein) distance of the Gaussians fitted to two feature sets.

    |m₁ − m₂|² + tr(C₁) + tr(C₂) − 2 tr((C₁ C₂)^½)   (Heusel et al. 2017, https://arxiv.org/abs/1706.08500, section 4;
    Dowson & Landau 1982). Biased upwards by about 1/N: compare at equal N.

    real (N, F), fake (M, F), each with more than F rows (otherwise a covariance is singular and the bias dominates).
    Raises: CourseError otherwise, for unequal F, and for NaN.
    """
    real, fake = exact(real, "real"), exact(fake, "fake", like=real)
    for name, rows in (("real", real), ("fake", fake)):
        exact(rows, name, at_least=real.shape[1] + 1)
    return gaussian_frechet(*gaussian(real), *gaussian(fake))


def gaussian(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Mean (F,) and unbiased covariance (F, F) in float64."""
    rows = exact(rows, "rows", at_least=2)
    return rows.mean(dim=0), torch.cov(rows.T).reshape(rows.shape[1], rows.shape[1])


def gaussian_frechet(m1: Tensor, c1: Tensor, m2: Tensor, c2: Tensor) -> float:
    """The formula above for two Gaussians N(m1, c1), N(m2, c2).

    C₁C₂ is not symmetric, and a general matrix square root of it can come out complex. It is similar to the symmetric
    C₁^½ C₂ C₁^½, whose eigenvalues are real and not negative: the trace is the sum of their roots.
    """
    m1, c1, m2, c2 = (part.cpu().double() for part in (m1, c1, m2, c2))
    values, vectors = torch.linalg.eigh(c1)
    root = vectors * values.clamp(min=0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ c2 @ root).clamp(min=0).sqrt().sum()
    return ((m1 - m2).square().sum() + c1.trace() + c2.trace() - 2 * cross).clamp(min=0).item()


def kernel_distance(real: Tensor, fake: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy with the kernel k(a, b) = (a·b/F + 1)³.

    Σ_{i≠j} k(xᵢ, xⱼ)/(N(N−1)) + Σ_{i≠j} k(yᵢ, yⱼ)/(M(M−1)) − 2 Σ k(xᵢ, yⱼ)/(NM)
    (Bińkowski et al. 2018, https://arxiv.org/abs/1801.01401, equation 4; Gretton et al. 2012, equation 3).
    Unbiased: its mean is 0 for equal distributions, so single values may be below 0. The kernel knows where 0 is:
    shifting both sets, or scaling them, changes the value.

    real (N, F), fake (M, F), at least two rows each. Raises: CourseError otherwise, for unequal F, and for NaN.
    """
    real, fake = exact(real, "real", at_least=2), exact(fake, "fake", at_least=2, like=real)

    def kernel(a: Tensor, b: Tensor) -> Tensor:
        return (a @ b.T / a.shape[1] + 1) ** 3

    def mean_off_diagonal(a: Tensor) -> Tensor:
        k = kernel(a, a)
        return (k.sum() - k.trace()) / (len(a) * (len(a) - 1))

    return (mean_off_diagonal(real) + mean_off_diagonal(fake) - 2 * kernel(real, fake).mean()).item()


def density_coverage(real: Tensor, fake: Tensor, k: int = 5) -> tuple[float, float]:
    """Density and coverage (Naeem et al. 2020, https://arxiv.org/abs/2002.09797, equations 5 and 8).

    Each real example owns a ball that reaches to its k-th nearest other real example. Coverage, 0..1, is the share of
    balls with a fake inside: low when modes are missing. Density is the number of balls around a fake, over k, on
    average: about 1 where fakes lie among the real ones, near 0 for fakes off them; it may exceed 1.
    For fakes from the real distribution E coverage is about 1 − 2⁻ᵏ when N = M (their equation 10): 0.97 at k = 5.

    A ball is open: a fake exactly as far away as the k-th neighbour is outside.

    real (N, F) with N > k ≥ 1, fake (M, F). Raises: CourseError otherwise, for unequal F, and for NaN.
    """
    if k < 1:
        raise CourseError(f"k is {k}: a ball reaches to the first neighbour or a later one, so give 1 or more.")
    real, fake = exact(real, "real", at_least=k + 1), exact(fake, "fake", like=real)
    radius = distances(real, real).kthvalue(k + 1, dim=1).values            # the nearest of all is the example itself
    inside = distances(real, fake) < radius[:, None]                        # (N, M)
    return inside.sum(dim=0).double().mean().item() / k, inside.any(dim=1).double().mean().item()


def class_accuracy(predicted: Tensor, asked: Tensor) -> float:
    """Share of conditional samples that a classifier assigns to the class asked for: labels (N,) and (N,), 0..1.

    Says nothing about variety, one perfect sample per class scores 1: read it together with coverage. Raises
    CourseError for other or unequal shapes, which would be compared each with each, and for no labels.
    """
    if predicted.ndim != 1 or predicted.shape != asked.shape:
        raise CourseError(f"The labels have the shapes {tuple(predicted.shape)} and {tuple(asked.shape)}: give one "
                          "label per sample, (N,) and (N,), such as logits.argmax(1).")
    predicted, asked = (exact(part[:, None], name) for part, name in ((predicted, "predicted"), (asked, "asked")))
    return (predicted == asked).double().mean().item()


@dataclass(frozen=True)
class Fidelity:
    """All distances of one feature set from the reference."""

    frechet: float
    kernel: float
    density: float
    coverage: float


@dataclass(frozen=True)
class Report:
    """The measured value beside the floor: what other real examples score in the fakes' place."""

    fake: Fidelity
    floor: Fidelity
    features: str
    n: int

    def __str__(self) -> str:
        lines = [f"n = {self.n}, {self.features} features", f"{'':22}{'generated':>10}{'other real':>12}"]
        for key, title in (("frechet", "Fréchet distance"), ("kernel", "kernel distance"),
                           ("density", "density"), ("coverage", "coverage")):
            lines.append(f"{title:22}{getattr(self.fake, key):10.3f}{getattr(self.floor, key):12.3f}")
        return "\n".join(lines)


def fidelity(real: Tensor, fake: Tensor) -> Fidelity:
    """All distances of features fake (M, F) from features real (N, F)."""
    density, coverage = density_coverage(real, fake)
    return Fidelity(frechet_distance(real, fake), kernel_distance(real, fake), density, coverage)


def report(real: Tensor, other_real: Tensor, fake: Tensor, features: Callable[[Tensor], Tensor], name: str) -> Report:
    """Measure `fake` against `real`, and beside it `other_real` against `real`: the floor.

    The floor comes from finite samples too: a good generator may land a little on either side of it.

    real, other_real, fake: examples (N, ...), cut to one common N, since the distances depend on it. features maps
    examples to (N, F); `name` says whose features they are, e.g. "course classifier".
    """
    n = min(len(real), len(other_real), len(fake))
    rows, other_rows, fake_rows = (features(examples[:n]) for examples in (real, other_real, fake))
    return Report(fidelity(rows, fake_rows), fidelity(rows, other_rows), name, n)
