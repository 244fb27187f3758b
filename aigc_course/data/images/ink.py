"""Handwriting drawn from stroke models: digits and Chinese characters whose causes of variation are known.

Read from top to bottom: prototypes → mixture → jitter → spline → slant, rotation, warp → fit → rasterise.
x points right, y points down; prototypes live in a unit box, the result in pixels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.resources import resource

DIGITS = tuple("0123456789")
CHARACTERS = tuple("一二三十人大天木山水口日田中上下工王小火")
ALL = DIGITS + CHARACTERS

SIDE = 28  # pixels, as MNIST
SAMPLES = 8  # points of the pen's path per spline segment
BRUSH = 0.75  # pixels: spread of the Gaussian from which the distance to the path is read off
CHUNK = 500  # images drawn at once, so that their intermediate arrays stay in the processor's cache


@dataclass(frozen=True)
class Hand:
    """How a crowd of writers writes; pairs are (mean, standard deviation) over images.

    Set a deviation to 0 to hold a factor fixed; the same seed then draws the same images but for that factor.
    """

    slant: tuple[float, float] = (0.18, 0.28)  # shift to the right per unit of height
    thickness: tuple[float, float] = (2.45, 0.80)  # width of the line, pixels
    size: tuple[float, float] = (19.6, 0.4)  # longest side with the line's width, pixels; MNIST's is 20
    jitter: tuple[float, float] = (0.055, 0.035)  # sd of the control points, share of the unit box
    rotation: float = 0.09  # sd, radians
    warp: float = 0.15  # sd of the coefficients of a smooth bending of the plane
    pressure: float = 0.3  # amplitude of slow changes of the ink along the path
    roughness: float = 0.12  # sd of the line's edge, pixels


DIGIT_HAND = Hand()
CHARACTER_HAND = Hand(
    slant=(0.03, 0.10), thickness=(2.1, 0.5), jitter=(0.028, 0.014), rotation=0.05, warp=0.06
)


@dataclass(frozen=True)
class InkData:
    """What `ink` returns: n images and, where asked for, the causes behind each."""

    images: Tensor  # float32 (n, 1, 28, 28) in [0, 1], 1 is ink
    labels: Tensor  # int64 (n,), index into names
    names: tuple[str, ...]  # what each label stands for
    factors: Mapping[str, Tensor] | None = None
    """class int64 (n,); slant, thickness, size, jitter float32 (n,) as in `Hand`"""
    strokes: list[list[np.ndarray]] | None = None
    """per image its strokes in order, each (points, 2) of x, y in pixels"""


def ink(
    n: int,
    seed: int = 0,
    classes: Sequence[str] = DIGITS,
    factors: bool = False,
    strokes: bool = False,
    hand: Hand | None = None,
) -> InkData:
    """Draw n handwritten signs of randomly chosen classes.

    The same arguments give the same images: to the bit on one machine, within 1/255 on another.

    Args:
        classes: names to draw, from `ALL`; label k means classes[k].
        factors: also return what each image was drawn with (see `Hand` for meaning and units).
        strokes: also return the path of the pen; it is lifted between the arrays of one image.
        hand: the writers; digits default to DIGIT_HAND and characters to CHARACTER_HAND.
    Raises:
        CourseError: n below 1, no classes, or a class that has no stroke model.
    """
    if n < 1 or not classes:
        raise CourseError(
            f"ink was asked for {n} images of {len(classes)} classes: ask for at least one of each."
        )
    models = [_glyph(name) for name in classes]
    rng = np.random.default_rng(seed)
    labels = rng.integers(len(models), size=n)
    images = np.empty((n, SIDE, SIDE), np.float32)
    known = {name: np.empty(n, np.float32) for name in ("slant", "thickness", "size", "jitter")}
    paths: list[list[np.ndarray]] = [[]] * n

    for label, (name, (bold, forms)) in enumerate(zip(classes, models, strict=True)):
        writers = hand or (DIGIT_HAND if name in DIGITS else CHARACTER_HAND)
        mine = np.flatnonzero(labels == label)
        chosen = rng.choice(len(forms), size=len(mine), p=[form.share for form in forms])
        for number, form in enumerate(forms):
            rows = mine[chosen == number]
            for part in (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)):
                images[part], path, cause = _draw(rng, len(part), form, bold, writers)
                for factor, values in cause.items():
                    known[factor][part] = values
                if strokes:
                    for row, points in zip(part, path, strict=True):
                        paths[row] = np.split(points, form.lifts)

    causes = {"class": torch.from_numpy(labels)} | {name: torch.from_numpy(known[name]) for name in known}
    return InkData(
        images=torch.from_numpy(images)[:, None],
        labels=torch.from_numpy(labels),
        names=tuple(classes),
        factors=causes if factors else None,
        strokes=paths if strokes else None,
    )


def _draw(rng: Generator, n: int, form: Form, bold: float, hand: Hand):
    """n images (n, 28, 28) of one form, the pen's path (n, samples, 2) and the factors behind them."""
    cause = _draw_factors(rng, n, hand, bold)
    path, step = _write(rng, form, cause["jitter"])
    path, step = _lean(rng, path, step, cause["slant"], hand)
    path, length = _fit(path, step, cause)
    return _rasterise(rng, path, length, cause["thickness"], hand), path, cause


# 1. Prototypes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """One way to write a sign: prototypes that correspond point by point, so that they can be mixed."""

    share: float  # of the sign's images
    aspect: tuple[float, float]  # width / height: median and sd of its logarithm
    prototypes: np.ndarray  # (prototypes, points, 2), all strokes one after another
    strokes: tuple[slice, ...]  # each stroke's points
    corners: tuple[bool, ...]  # does the pen turn sharply at this point?
    lifts: tuple[int, ...]  # where the sampled path is to be cut into strokes


@cache
def _glyph(name: str) -> tuple[float, tuple[Form, ...]]:
    """The boldness and forms of one sign, from data/ink/strokes.json (its README explains the format)."""
    models = json.loads(resource("ink/strokes.json").read_text(encoding="utf-8"))
    if name not in models:
        raise CourseError(f"ink has no stroke model of {name!r}: choose from {''.join(models)}.")
    glyph = models[name]
    total = sum(form["weight"] for form in glyph["forms"])
    return glyph["bold"], tuple(_form(form, total) for form in glyph["forms"])


def _form(form: dict, total: float) -> Form:
    first = form["prototypes"][0]
    ends = np.cumsum([len(stroke) for stroke in first]).tolist()
    segments = np.cumsum([len(stroke) - 1 for stroke in first]).tolist()
    return Form(
        share=form["weight"] / total,
        aspect=tuple(form["aspect"]),
        prototypes=np.array(
            [[point[:2] for stroke in prototype for point in stroke] for prototype in form["prototypes"]],
            np.float32,
        ),
        strokes=tuple(slice(start, end) for start, end in zip([0, *ends], ends, strict=False)),
        corners=tuple(len(point) == 3 for stroke in first for point in stroke),
        lifts=tuple(SAMPLES * segment for segment in segments[:-1]),
    )


def _draw_factors(rng: Generator, n: int, hand: Hand, bold: float) -> dict[str, np.ndarray]:
    """One value per image and factor, float32 (n,), clipped where a sign would drown or leave the picture."""
    slant, thickness, size, jitter = rng.standard_normal((4, n), dtype=np.float32)
    return {
        "slant": hand.slant[0] + hand.slant[1] * slant,
        "thickness": bold * np.clip(hand.thickness[0] + hand.thickness[1] * thickness, 1.2, 4.8),
        "size": np.clip(hand.size[0] + hand.size[1] * size, 10, 20),
        "jitter": np.clip(hand.jitter[0] + hand.jitter[1] * jitter, 0, None),
    }


# 2. Mixture, jitter, spline ------------------------------------------------------------------------


def _write(rng: Generator, form: Form, jitter: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pen's path in the unit box and its derivative by the segment's parameter, both (n, samples, 2)."""
    n, points = len(jitter), form.prototypes.shape[1]
    weights = rng.dirichlet([0.8] * len(form.prototypes), n).astype(np.float32)
    control = np.einsum("nk,kpc->npc", weights, form.prototypes)

    spread = jitter[:, None, None]
    control = control + spread * rng.standard_normal((n, points, 2), dtype=np.float32)
    for stroke in form.strokes:  # a whole stroke is misplaced as well
        control[:, stroke] += 0.7 * spread * rng.standard_normal((n, 1, 2), dtype=np.float32)
    median, deviation = form.aspect
    aspect = median * np.exp(deviation * np.clip(rng.standard_normal(n, dtype=np.float32), -2.5, 2.5))
    control[..., 0] *= aspect[:, None]

    quads = [quad for stroke in form.strokes for quad in _quads(stroke, form.corners)]
    around = control[:, quads]  # (n, segments, 4, 2)
    path = np.einsum("kj,nsjc->nskc", _SPLINE, around).reshape(n, -1, 2)
    step = np.einsum("kj,nsjc->nskc", _SPLINE_STEP, around).reshape(n, -1, 2)
    return path, step


def _quads(stroke: slice, corners: Sequence[bool]) -> list[list[int]]:
    """For each segment the four control points that shape it: one before, its two ends, one after.

    At the ends of a stroke and at a corner the end itself is that neighbour, so that no curve rounds it off.
    """
    last = stroke.stop - 1
    quads = []
    for point in range(stroke.start, last):
        before = point if point == stroke.start or corners[point] else point - 1
        after = point + 1 if point + 1 == last or corners[point + 1] else point + 2
        quads.append([before, point, point + 1, after])
    return quads


# Catmull-Rom basis (E. Catmull, R. Rom, 1974) in the middle of each part of a segment, and its derivative.
_T = ((np.arange(SAMPLES) + 0.5) / SAMPLES)[:, None]
_BASIS = 0.5 * np.array([[0, 2, 0, 0], [-1, 0, 1, 0], [2, -5, 4, -1], [-1, 3, -3, 1]])
_SPLINE = (_T ** np.arange(4) @ _BASIS).astype(np.float32)
_SPLINE_STEP = (np.hstack([0 * _T, 1 + 0 * _T, 2 * _T, 3 * _T**2]) @ _BASIS).astype(np.float32)


# 3. Slant, rotation, warp --------------------------------------------------------------------------


def _lean(rng: Generator, path: np.ndarray, step: np.ndarray, slant: np.ndarray, hand: Hand):
    """Shear by the slant, turn a little, bend the plane by a random polynomial (which the step ignores)."""
    n = len(path)
    angle = hand.rotation * rng.standard_normal(n, dtype=np.float32)
    cos, sin = np.cos(angle), np.sin(angle)
    # rotation @ shear, one matrix per image
    turn = np.stack([cos, -cos * slant - sin, sin, -sin * slant + cos], 1).reshape(n, 2, 2)
    path = np.einsum("ncd,nsd->nsc", turn, path - path.mean(1, keepdims=True))
    step = np.einsum("ncd,nsd->nsc", turn, step)

    x, y = path[..., 0], path[..., 1]
    a, b, c, d, e, f, g = hand.warp * rng.standard_normal((7, n, 1), dtype=np.float32)
    dx = a * x * x + 2 * b * x * y + 1.5 * c * y * y + 2 * d * y**3
    dy = 1.5 * e * y * y + 2 * f * x * y + g * x * x
    return path + np.stack([dx, dy], -1), step


# 4. Fit and centre ---------------------------------------------------------------------------------


def _fit(path: np.ndarray, step: np.ndarray, cause: Mapping[str, np.ndarray]):
    """Scale to the size asked for and put the centre of mass in the middle, as MNIST was made.

    Returns the path (n, samples, 2) in pixels and the length (n, samples) that each sample stands for.
    """
    longest = (path.max(1) - path.min(1)).max(1)
    scale = ((cause["size"] - cause["thickness"]) / longest)[:, None]
    length = np.sqrt((step**2).sum(-1)) * scale / SAMPLES
    path = path * scale[..., None]
    centre = (path * length[..., None]).sum(1, keepdims=True) / length.sum(1)[:, None, None]
    return path - centre + (SIDE - 1) / 2, length


# 5. Rasterise --------------------------------------------------------------------------------------


def _rasterise(rng: Generator, path: np.ndarray, length: np.ndarray, thickness: np.ndarray, hand: Hand):
    """Ink every pixel nearer to the path than half the thickness: float32 (n, 28, 28) in [0, 1].

    A long straight line smeared with a Gaussian of spread s has density exp(-d²/2s²) at distance d. So the
    logarithm of the smeared path gives the distance, for two small matrix products instead of a search; where
    strokes meet it comes out smaller, as wet ink runs together.
    """
    n, samples = length.shape
    along = np.linspace(0, 1, samples, dtype=np.float32)
    phase, waves = rng.random((2, n, 1), dtype=np.float32)
    press = np.exp(hand.pressure * np.sin(2 * np.pi * (phase + along * (0.3 + 1.5 * waves))))

    pixels = np.arange(SIDE, dtype=np.float32)
    across = path.transpose(2, 0, 1)[..., None] - pixels  # (2, n, samples, 28): x, then y
    smear = np.exp(-0.5 / BRUSH**2 * across**2)
    rows = (smear[1] * (length * press)[..., None]).transpose(0, 2, 1)
    density = rows @ smear[0] / np.float32(BRUSH * np.sqrt(2 * np.pi))  # (n, 28, 28)

    distance = BRUSH * np.sqrt(np.maximum(-2 * np.log(density + 1e-12), 0))
    distance += hand.roughness * rng.standard_normal(distance.shape, dtype=np.float32)
    blur = rng.uniform(0.75, 1.3, (n, 1, 1)).astype(np.float32)  # pixels from ink to paper
    return np.clip((thickness[:, None, None] / 2 - distance) / blur + 0.5, 0, 1)
