"""What a generator of points in the plane has learnt, read off a mixture whose truth is known.

K modes (Gaussians with centres (K, 2) and one standard deviation sigma), N generated points.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from aigc_course.metrics.checks import distances, exact


class ModeReport(NamedTuple):
    """covered: modes that own enough high-quality points, 0..K. high_quality: share of such points, 0..1.
    counts: (K,) high-quality points of each mode."""

    covered: int
    high_quality: float
    counts: Tensor


def modes(points: Tensor, centres: Tensor, sigma: float, within: float = 3.0, at_least: int = 1) -> ModeReport:
    """Modes covered and share of high-quality points.

    A point is of high quality when its distance to the nearest centre is at most `within` · sigma; a mode is covered
    when at least `at_least` such points are nearest to it. The defaults are the definition of Srivastava et al. 2017
    (VEEGAN, https://arxiv.org/abs/1705.07761, section 5.1). There one stray point covers a mode; a count such as
    N/100 asks for a share of the points that deserves the name. In two dimensions the true distribution itself
    has 1 − exp(−within²/2) of high quality: 98.9 % at 3 sigma, 99.97 % at 4.

    points: (N, 2). centres: (K, 2). Raises: CourseError when points are missing, not finite, or of another
    dimension than the centres.
    """
    centres = exact(centres, "centres")
    distance, nearest = distances(exact(points, "points", like=centres), centres).min(dim=1)
    good = distance <= within * sigma
    counts = torch.bincount(nearest[good], minlength=len(centres))
    return ModeReport(int((counts >= at_least).sum()), good.double().mean().item(), counts)
