"""Figures of the course: one palette that colour-blind readers can tell apart, image grids, point clouds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

# Okabe & Ito 2008, "Color Universal Design": told apart by all common kinds of colour vision, and in grey.
BLUE, ORANGE, GREEN, RED, PURPLE, SKY, YELLOW, BLACK = (
    "#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")
COLORS = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK)


def tile(images: Tensor, columns: int = 10, gap: int = 1) -> np.ndarray:
    """Lay images (N, 1, H, W) out in rows of `columns`: an array (rows·(H+gap)−gap, columns·(W+gap)−gap) in [0, 1].

    Values are clipped to [0, 1] and never rescaled, so that a wrong range is seen rather than hidden.
    """
    if images.ndim != 4 or images.shape[1] != 1:
        raise ValueError(f"expected images of shape (N, 1, H, W), got {tuple(images.shape)}")
    images = images.detach().float().cpu().clamp(0, 1)[:, 0]
    n, height, width = images.shape
    rows = -(-n // columns)
    canvas = torch.ones(rows * (height + gap) - gap, columns * (width + gap) - gap)
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        canvas[top:top + height, left:left + width] = image
    return canvas.numpy()


def show_images(images: Tensor, columns: int = 10, title: str = "", ax: Axes | None = None) -> Axes:
    """Draw images (N, 1, H, W) in [0, 1] as one grid, black 0 and white 1."""
    picture = tile(images, columns)
    if ax is None:
        height, width = picture.shape
        scale = min(8.0, width / 28) / width
        _, ax = plt.subplots(figsize=(width * scale, height * scale + (0.3 if title else 0)))
    ax.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    if title:
        ax.set_title(title)
    return ax


def show_points(clouds: Mapping[str, Tensor], ax: Axes | None = None, limit: float | None = None) -> Axes:
    """Draw labelled clouds of points (N, 2) over one another, the first one faint in the background."""
    ax = ax or plt.subplots(figsize=(4, 4))[1]
    for i, (label, points) in enumerate(clouds.items()):
        points = points.detach().cpu()
        ax.scatter(points[:, 0], points[:, 1], s=6, alpha=0.35 if i == 0 else 0.6, color=COLORS[i], label=label,
                   linewidths=0)
    ax.set(xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    if limit:
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit))
    ax.legend(loc="upper right", fontsize=8)
    return ax


def show_curves(history: Mapping[str, Sequence[tuple[int, float]]], ax: Axes | None = None,
                names: Iterable[str] = (), ylabel: str = "loss") -> Axes:
    """Draw recorded scalars over the rounds; `names` picks and orders them."""
    ax = ax or plt.subplots(figsize=(5, 3))[1]
    for color, name in zip(COLORS, names or history, strict=False):
        if name in history:                                     # a learner that moves seldom may not have moved yet
            steps, values = zip(*history[name], strict=True)
            ax.plot(steps, values, color=color, label=name, linewidth=1)
    ax.set(xlabel="step", ylabel=ylabel)
    if ax.lines:
        ax.legend(fontsize=8)
    return ax


def panels(count: int, width: float = 3.0, height: float = 3.0) -> tuple[Figure, np.ndarray]:
    """A row of `count` axes in an array (count,), each `width` × `height` inches."""
    figure, axes = plt.subplots(1, count, figsize=(width * count, height), layout="constrained")
    return figure, np.atleast_1d(axes)
