"""Whether each known cause of the data has a latent dimension of its own.

N examples, Z latent dimensions, F factors: the causes behind the data, known where the data is drawn (`ink`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.metrics.checks import exact


def mutual_information_gap(codes: Tensor, factors: Tensor, bins: int = 20) -> Tensor:
    """MIG of every factor, (F,), 0..1: (I₁ − I₂) / H, their mean being the score usually quoted.

    I₁, I₂: the largest and second largest mutual information of the factor with any latent dimension; H: the factor's
    entropy (Chen et al. 2018, https://arxiv.org/abs/1802.04942, equation 6). 1: one dimension tells the factor and no
    other knows of it. 0: no dimension does, or several share it.

    codes: (N, Z) with Z ≥ 2, e.g. the means of q(z|x). factors: (N, F). Raises: CourseError for NaN, fewer examples
    than cells of a table (bins²), a single dimension, or a factor that never changes.
    """
    if codes.ndim == 2 and codes.shape[1] < 2:
        raise CourseError("The gap compares two latent dimensions, the codes have only one: set z_dim to 2 or more.")
    information = mutual_information(codes, factors, bins)
    entropy = mutual_information(factors, factors, bins).diagonal()
    if (entropy == 0).any():
        raise CourseError("A factor has the same value in every example: leave it out, or let it vary.")
    first, second = information.topk(2, dim=0).values
    return (first - second) / entropy


def mutual_information(codes: Tensor, factors: Tensor, bins: int = 20) -> Tensor:
    """I(code; factor) in nats, (Z, F), from a table of bins × bins cells that are equally frequent on each axis.

    Such an estimate is too high by about (bins − 1)² / 2N, what independent columns show.
    """
    if bins < 2:
        raise CourseError(f"A table of {bins} × {bins} cells tells nothing apart: set bins to 2 or more.")
    codes, factors = exact(codes, "codes", at_least=bins**2), exact(factors, "factors", at_least=bins**2)
    if len(codes) != len(factors):
        raise CourseError(f"There are {len(codes)} codes and factors of {len(factors)} examples: give both of the same "
                          "examples, in the same order.")
    a, b = cells(codes, bins), cells(factors, bins)
    result = torch.zeros(codes.shape[1], factors.shape[1], dtype=torch.float64)
    for i, column in enumerate(a.T):
        for j, other in enumerate(b.T):
            joint = torch.bincount(column * bins + other, minlength=bins**2).double().view(bins, bins) / len(a)
            independent = joint.sum(dim=1, keepdim=True) * joint.sum(dim=0, keepdim=True)
            seen = joint > 0
            result[i, j] = (joint[seen] * (joint[seen] / independent[seen]).log()).sum()
    return result


def cells(values: Tensor, bins: int) -> Tensor:
    """The quantile, 0..bins−1, that each number of a column falls into; equal numbers share one. (N, F) int64."""
    values = values.cpu().double()                                               # not every device has float64
    inner = torch.arange(1, bins, dtype=torch.float64) / bins
    values = exact(values, "values")
    edges = values.quantile(inner, dim=0)                                        # (bins − 1, F)
    columns = [torch.bucketize(column, edge, right=True)
               for column, edge in zip(values.T.contiguous(), edges.T.contiguous(), strict=True)]
    return torch.stack(columns, dim=1)


class Dimension(NamedTuple):
    """What one latent dimension carries: its place in z, its KL and its information on `factor`, both in nats."""

    index: int
    kl: float
    factor: str | None
    """The factor it tells most of; None where it tells no more than chance."""
    information: float


def dimensions(kl: Tensor, codes: Tensor, factors: Mapping[str, Tensor], bins: int = 10) -> list[Dimension]:
    """The latent dimensions, those of highest KL first, each with the factor that it shares most information with.

    Chance alone yields about (bins − 1)² / 2N nats; what is below three times that counts as nothing.

    kl: (Z,), averaged over examples. codes: (N, Z), the means of q(z|x). factors: name -> (N,). Raises: CourseError as
    `mutual_information` does.
    """
    names, chance = list(factors), (bins - 1) ** 2 / (2 * len(codes))
    columns = [exact(factors[name].unsqueeze(-1), name) for name in names]
    if not columns or len({len(column) for column in columns}) > 1 or kl.shape != codes.shape[1:]:
        raise CourseError(f"There are factors of {[len(column) for column in columns]} examples and KLs of the shape "
                          f"{tuple(kl.shape)} for codes {tuple(codes.shape)}: give one number per example and factor, "
                          "and one KL per dimension.")
    found = mutual_information(codes, torch.cat(columns, dim=1), bins)
    most, which = found.max(dim=1)
    return [Dimension(j, kl[j].item(), names[which[j]] if most[j] > 3 * chance else None, most[j].item())
            for j in kl.argsort(descending=True).tolist()]
