"""The letters that name axes in every shape comment of the course, and a check that says which axis is wrong.

    N  examples in a data set            B  examples in a batch
    C  channels (or model width)         H, W  height, width in pixels
    T  positions in a sequence           V  size of the vocabulary
    Z  latent dimensions                 K  classes, modes or neighbours
    F  feature dimensions
"""

from __future__ import annotations

from torch import Tensor


def check_shape(tensor: Tensor, pattern: str, **sizes: int) -> dict[str, int]:
    """Compare a tensor with a pattern such as `"B 1 28 28"` and return the size of each letter.

    A letter stands for one size throughout the pattern; give known ones as keywords: `check_shape(x, "B C", C=3)`.
    Raises: ValueError that names the first axis which does not fit.
    """
    axes = pattern.split()
    if len(axes) != tensor.ndim:
        raise ValueError(f"expected the {len(axes)} axes {pattern!r}, got shape {tuple(tensor.shape)}")
    known = dict(sizes)
    for place, (axis, size) in enumerate(zip(axes, tensor.shape, strict=True)):
        wanted = int(axis) if axis.isdigit() else known.setdefault(axis, size)
        if size != wanted:
            raise ValueError(f"axis {place} ({axis}) should be {wanted}, is {size} in shape {tuple(tensor.shape)}")
    return known
