"""What nets make, as a file to look at: images as a grid, points as a scatter plot, texts as lines."""

from __future__ import annotations

import io
import math

import numpy as np
from PIL import Image
from torch import Tensor

from aigc_course.errors import CourseError

WIDTH = 480
"""Pixels that a grid of small images is at least as wide as."""


def picture(samples: Tensor) -> np.ndarray:
    """Images (N, 1 or 3, H, W) in [0, 1] as a grid, or points (N, 2) as a scatter plot: (height, width, 3) bytes.

    Raises: CourseError for numbers that are not finite, which is what a diverged run makes.
    """
    if not samples.isfinite().all():
        raise CourseError("The nets make numbers that are not finite: the training diverged, try a smaller --lr.")
    return scatter(samples.cpu()) if samples.ndim == 2 else grid(samples.cpu())


def grid(images: Tensor) -> np.ndarray:
    """As many columns as rows, or one more; small images are magnified by a whole number."""
    from torchvision.utils import make_grid
    columns = math.ceil(math.sqrt(len(images)))
    joined = make_grid(images.float().clamp(0, 1), columns, padding=1, pad_value=0.5)
    pixels = (joined * 255).round().byte().permute(1, 2, 0).numpy()
    times = math.ceil(WIDTH / pixels.shape[1])
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def scatter(points: Tensor) -> np.ndarray:
    """Points in the plane, in equal units."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    figure = Figure(figsize=(4.8, 4.8), layout="constrained")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot(aspect="equal")
    axes.scatter(*points.float().T.numpy(), s=4)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def png(pixels: np.ndarray) -> bytes:
    """(height, width, 3) bytes as the content of a PNG file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
