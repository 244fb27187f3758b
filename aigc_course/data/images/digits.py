"""scikit-learn's 1,797 real handwritten digits, 8×8: they come with the library, so they need no network."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from aigc_course.errors import CourseError


def digits(size: int = 8) -> tuple[Tensor, Tensor]:
    """All 1,797 digits in their original order.

    Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998 (the test part);
    licence CC BY 4.0.

    Args:
        size: height and width in pixels; 8 gives the originals, more gives their bilinear enlargement.
    Returns:
        images float32 (1797, 1, size, size) in [0, 1], 1 is ink; labels int64 (1797,) in 0..9.
    Raises:
        CourseError: size below 8.
    """
    if size < 8:
        raise CourseError(f"The digits are 8 pixels wide, not {size}: ask for size=8 or larger, such as 28.")
    from sklearn.datasets import load_digits  # takes a second to import, so only who asks pays

    raw = cast(Any, load_digits())  # a Bunch, unless one asks for a tuple
    images = torch.from_numpy(raw.images).float()[:, None] / 16  # the originals count 0..16
    if size != 8:
        images = F.interpolate(images, size=(size, size), mode="bilinear", align_corners=False)
    return images, torch.from_numpy(raw.target).long()
