"""MNIST from its own idx files, so that one split can be read without the other."""

from __future__ import annotations

import gzip
import struct

import numpy as np
import torch
from torch import Tensor

from aigc_course.data.download import DataError, verified
from aigc_course.errors import CourseError

SPLITS = {"train": "train", "test": "t10k"}


def mnist(split: str = "test") -> tuple[Tensor, Tensor]:
    """Real handwritten digits, from the mirror, the cache or the network.

    Source: Y. LeCun et al., "Gradient-Based Learning Applied to Document Recognition", Proc. IEEE, 1998.

    Args:
        split: "train" (60,000 images) or "test" (10,000).
    Returns:
        images float32 (N, 1, 28, 28) in [0, 1], 1 is ink; labels int64 (N,) in 0..9.
    Raises:
        CourseError: another split's name, or files that are damaged, missing or out of reach.
    """
    if split not in SPLITS:
        raise CourseError(f"MNIST has no split {split!r}: ask for {' or '.join(map(repr, SPLITS))}.")
    images = _read_idx(f"{SPLITS[split]}-images-idx3-ubyte.gz")
    labels = _read_idx(f"{SPLITS[split]}-labels-idx1-ubyte.gz")
    return torch.from_numpy(images).float()[:, None] / 255, torch.from_numpy(labels).long()


def _read_idx(file: str) -> np.ndarray:
    """An idx file of bytes: two zeros, type 8, the number of axes, their lengths (big-endian), the values."""
    with verified("mnist", file) as path:
        content = gzip.decompress(path.read_bytes())
    zeros, kind, axes = struct.unpack_from(">HBB", content)
    shape = struct.unpack_from(f">{axes}I", content, 4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * axes)
    if (zeros, kind) != (0, 8) or values.size != np.prod(shape):
        raise DataError(f"mnist/{file} is not an idx file of bytes: get it again with `aigc data get mnist`.")
    return values.reshape(shape).copy()  # frombuffer's view cannot be written to, which torch minds
