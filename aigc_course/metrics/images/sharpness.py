"""How sharp images are, whatever they show."""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_course.errors import CourseError


def laplacian_variance(images: Tensor) -> Tensor:
    """Variance over pixels of the discrete Laplacian, (N,): high at hard edges, low where edges are smeared.

    Δx at a pixel is the sum of its four neighbours minus four times the pixel; what lies outside counts as empty (0).
    Pech-Pacheco et al. 2000, "Diatom autofocusing in brightfield microscopy" (ICPR), section 3, where it finds the
    focus of a microscope. Noise raises it as edges do: it says how fine the detail is, not whether it is right, and a
    value above that of real images is no merit. It grows with the square of the contrast, so images are compared that
    have the same range.

    images: (N, 1, H, W) of any dtype; the result is float32, or float64 for images in it. Raises: CourseError for
    another shape, no pixels, or NaN.
    """
    if images.ndim != 4 or images.shape[1] != 1 or not images.numel():
        raise CourseError(f"Sharpness is measured on grey images (N, 1, H, W), these have the shape "
                          f"{tuple(images.shape)}: add or average the channels.")
    if not images.isfinite().all():
        raise CourseError("The images contain NaN or infinite numbers: the training has probably diverged; "
                          "lower the learning rate.")
    pixels = images[:, 0].cpu().double()                       # bytes would overflow, half precision lose small changes
    padded = torch.nn.functional.pad(pixels, (1, 1, 1, 1))
    around = padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]
    found = (around - 4 * pixels).flatten(1).var(dim=1, unbiased=False)
    return found.to(images.device, torch.promote_types(images.dtype, torch.float32))
