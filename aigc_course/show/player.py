"""Precomputed frames that a page shows by itself: no kernel, no server, no network, from a file too."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from json import dumps

import numpy as np
from PIL import Image
from torch import Tensor

from aigc_course.errors import CourseError

BUDGET = 200_000  # bytes of one output: a notebook stays small, and a phone opens the page
STATIC = files("aigc_course.show") / "static"


@dataclass(frozen=True)
class Axis:
    """One slider: what it is called in both languages, and a label for each of its places."""

    zh: str
    en: str
    labels: Sequence[str]
    start: int | None = None
    """The place at which the slider stands at first; the middle of a map, else the last, where it is not said."""


def frames_player(frames: Tensor, axes: Sequence[Axis], map: bool = False, zoom: float | None = None) -> str:
    """HTML that shows the frame its sliders point to; without JavaScript, and on paper, all frames at once.

    frames: grey images (N, 1, H, W) in [0, 1]; the last axis runs fastest, N is the product of the axes' lengths.
    map: show the plane of the last two axes (down, across) as well; a click in it moves both sliders.
    zoom: screen pixels per pixel; chosen by size if None. The output says nothing in one language only:
    both editions of a notebook store the same bytes. The picture's `alt` is left to the page.

    Raises: ValueError if the shapes do not fit; CourseError if the result is over 200 kB.
    """
    count = int(np.prod([len(axis.labels) for axis in axes]))
    if frames.ndim != 4 or frames.shape[:2] != (count, 1):
        raise ValueError(f"expected frames of shape ({count}, 1, H, W), got {tuple(frames.shape)}")
    height, width = frames.shape[2:]
    columns = len(axes[-1].labels) if map else min(count, max(1, 640 // width))
    sprite = b64encode(png(mosaic(frames, columns))).decode("ascii")
    zoom = zoom or max(1, round(224 / max(height, width)))
    knobs = "".join(_slider(axis, (len(axis.labels) // 2 if map else len(axis.labels) - 1) if axis.start is None
                            else axis.start) for axis in axes)
    map_box, play, rows = "", "", 1
    if map:
        rows = len(axes[-2].labels)
        map_box = f'<div class="map" data-zoom="{min(1.0, 224 / (columns * width)):.3f}"><i></i></div>'
    if len(axes) == 1:
        play = '<button type="button" aria-label="play / pause">▶</button>'
    html = (
        f"<style>{static('frames.css')}</style>"
        f'<figure class="aigc-frames" data-width="{width}" data-height="{height}" data-columns="{columns}" '
        f'data-rows="{rows}" data-zoom="{zoom:g}"><img alt="" src="data:image/png;base64,{sprite}">{map_box}'
        f'<div class="view" role="img"></div><div class="knobs">{knobs}{play}</div></figure>'
        f"<script>{static('frames.js')}</script>"
    )
    if len(html) > BUDGET:
        raise CourseError(f"The player would weigh {len(html) // 1000} kB, more than {BUDGET // 1000}: "
                          "give it fewer frames, classes or steps.")
    return html


def _slider(axis: Axis, value: int) -> str:
    labels = escape(dumps(list(axis.labels), ensure_ascii=False))
    return (
        f"{both(axis.zh, axis.en)}"
        f'<input type="range" min="0" max="{len(axis.labels) - 1}" value="{value}" '
        f'aria-label="{escape(axis.zh)} / {escape(axis.en)}" data-labels="{labels}"><output></output>'
    )


def both(zh: str, en: str) -> str:
    """A label in both languages; the style sheet shows the page's own."""
    return f'<span><span lang="zh">{escape(zh)}</span><span lang="en">{escape(en)}</span></span>'


def static(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8").strip()


def mosaic(frames: Tensor, columns: int) -> np.ndarray:
    """Frames (N, 1, H, W) in [0, 1] in rows without gaps, as grey levels (rows·H, columns·W)."""
    n, _, height, width = frames.shape
    rows = -(-n // columns)
    canvas = np.full((rows * columns, height, width), 255, np.uint8)
    canvas[:n] = frames.detach().float().cpu().clamp(0, 1).mul(255).round()[:, 0].numpy().astype(np.uint8)
    return canvas.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def png(pixels: np.ndarray, levels: int = 16) -> bytes:
    """Grey levels (H, W) as a PNG of at most `levels` shades: handwriting needs no more, and it halves the file."""
    shades = np.round(np.linspace(0, 255, levels)).astype(np.uint8)
    picture = Image.fromarray(np.round(pixels / 255 * (levels - 1)).astype(np.uint8), mode="P")
    picture.putpalette(np.repeat(shades, 3).tobytes())
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True, bits=4 if levels <= 16 else 8)
    return buffer.getvalue()
