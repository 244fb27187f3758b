"""What a generative net is given besides data: noise to begin from, and the class that is wanted."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from aigc_course.errors import CourseError


def latent(net: nn.Module, n: int) -> Tensor:
    """Standard normal noise (n, Z) for a net with a `z_dim`, on its device."""
    return torch.randn(n, cast(int, net.z_dim), device=next(net.parameters()).device)


def require_labels(y: Tensor | None, wanted: bool) -> None:
    """Raises: CourseError when a conditional net gets no labels, or an unconditional one gets some."""
    if wanted and y is None:
        raise CourseError("This net is class-conditional: give it the labels y (B,) as well.")
    if not wanted and y is not None:
        raise CourseError("This net knows no classes: leave the labels out, or set `classes` in its configuration.")
