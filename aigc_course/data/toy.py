"""Points in the plane whose true distribution is known, so that what a model has learnt can be read off."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_course.errors import CourseError


@dataclass(frozen=True)
class Mixture:
    """Equally likely round Gaussians: p(x) = 1/K Σₖ N(x; centreₖ, sigma² I).

    centres: float32 (K, 2). sigma: their common standard deviation, in the units of the plane.
    """

    centres: Tensor
    sigma: float

    def sample(self, n: int, seed: int = 0) -> Tensor:
        """n points, float32 (n, 2), the same for the same seed."""
        noise = _generator(n, seed)
        which = torch.randint(len(self.centres), (n,), generator=noise)
        return self.centres[which] + self.sigma * torch.randn(n, 2, generator=noise)

    def log_prob(self, points: Tensor) -> Tensor:
        """Natural logarithm of the density at points (..., 2), shape (...)."""
        squared = (points[..., None, :] - self.centres.to(points)).square().sum(
            -1
        ) / self.sigma**2  # (..., K)
        return torch.logsumexp(-squared / 2, -1) - math.log(2 * math.pi * self.sigma**2 * len(self.centres))


_ANGLES = torch.arange(8) * (2 * math.pi / 8)
_TICKS = torch.arange(-4.0, 5.0, 2.0)

RING = Mixture(centres=2 * torch.stack((_ANGLES.cos(), _ANGLES.sin()), dim=1), sigma=0.05)
"""Eight Gaussians on a circle of radius 2."""
GRID = Mixture(centres=torch.cartesian_prod(_TICKS, _TICKS), sigma=0.05)
"""Twenty-five Gaussians on a 5×5 grid two units apart, from −4 to 4."""


def ring(n: int, seed: int = 0) -> Tensor:
    """n points, float32 (n, 2), of `RING`; its truth is RING.centres (8, 2) and RING.sigma."""
    return RING.sample(n, seed)


def grid(n: int, seed: int = 0) -> Tensor:
    """n points, float32 (n, 2), of `GRID`; its truth is GRID.centres (25, 2) and GRID.sigma."""
    return GRID.sample(n, seed)


def swiss_roll(n: int, seed: int = 0, sigma: float = 0.05) -> Tensor:
    """n points, float32 (n, 2), on the spiral of radius 2 t and angle 4.5 π t, t in [1/3, 1], plus noise.

    The plane's version of the roll in S. Marsland, "Machine Learning: An Algorithmic Perspective", ch. 6.
    """
    noise = _generator(n, seed)
    t = (1 + 2 * torch.rand(n, generator=noise)) / 3
    angle = 4.5 * math.pi * t
    curve = 2 * t[:, None] * torch.stack((angle.cos(), angle.sin()), dim=1)
    return curve + sigma * torch.randn(n, 2, generator=noise)


def _generator(n: int, seed: int) -> torch.Generator:
    if n < 1:
        raise CourseError(f"Asked for {n} points: ask for at least one.")
    return torch.Generator().manual_seed(seed)
