"""What a learner moves: the latent space of a generator, the history of its training, a diagram's setting.

Each object shows itself in three ways: live, with ipywidgets, where there is a kernel; as precomputed frames with
sliders of their own in a saved notebook and in the book; and as one still figure (`as_grid`) on paper.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import ipywidgets
import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from aigc_course.language import language
from aigc_course.show.player import Axis, frames_player, mosaic, png

WIDE_LABEL = {"description_width": "7em"}                         # the default cuts "temperature" short
TEXT = {
    "zh": {"across": "横向", "down": "纵向", "class": "类别", "play": "播放"},
    "en": {"across": "across", "down": "down", "class": "class", "play": "play"},
}


class Interactive:
    """Shows `live()` where a kernel answers, `as_html()` in a stored notebook or a page."""

    def live(self) -> ipywidgets.Widget:
        raise NotImplementedError

    def as_html(self) -> str:
        raise NotImplementedError

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        live = self.live()._repr_mimebundle_() or {}
        return {**live, "text/html": self.as_html(), "text/plain": f"<{type(self).__name__}>"}


def between(corners: Tensor, down: Tensor, across: Tensor, spherical: bool = True) -> Tensor:
    """Points of the square that four latent vectors span, at (down, across) in [0, 1]².

    corners: (4, d): top left, top right, bottom left, bottom right. down, across: (N,). Returns (N, d).
    spherical: give each point the length that its corners have (interpolated in the same way). A straight line
    between two Gaussian samples runs through points shorter than any sample, which the generator never saw.
    """
    weights = torch.stack([(1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across], dim=1)
    points = weights @ corners
    if spherical:
        length = weights @ corners.norm(dim=1, keepdim=True)
        points = points / points.norm(dim=1, keepdim=True).clamp_min(1e-12) * length
    return points


class LatentExplorer(Interactive):
    """A map of the latent space: two sliders choose a point between four corners, the generator draws it.

    generate: z (N, d) to images (N, 1, H, W) in [0, 1]; with `classes`, called as generate(z, class indices (N,)).
    corners: four latent vectors (4, d). classes: names of the classes, if the generator is conditional.
    steps: precomputed points along each side of the map.
    """

    def __init__(self, generate: Callable[..., Tensor], corners: Tensor, classes: Sequence[str] = (),
                 steps: int = 7, spherical: bool = True):
        self.generate, self.corners, self.classes = generate, corners, list(classes)
        self.steps, self.spherical = steps, spherical
        self._maps: dict[int, Tensor] = {}

    @torch.no_grad()
    def at(self, down: Tensor, across: Tensor, label: int = 0) -> Tensor:
        """Images (N, 1, H, W) at the points (down, across), each (N,) in [0, 1]."""
        z = between(self.corners, down, across, self.spherical)
        if self.classes:
            return self.generate(z, torch.full((len(z),), label, device=z.device))
        return self.generate(z)

    def map(self, label: int = 0) -> Tensor:
        """The whole square in steps² images (steps², 1, H, W), row by row."""
        if label not in self._maps:
            side = torch.linspace(0, 1, self.steps, device=self.corners.device)
            down, across = torch.meshgrid(side, side, indexing="ij")
            self._maps[label] = self.at(down.flatten(), across.flatten(), label)
        return self._maps[label]

    def live(self) -> ipywidgets.Widget:
        text = TEXT[language()]
        slider = {"min": 0.0, "max": 1.0, "step": 0.05, "value": 0.5}
        down = ipywidgets.FloatSlider(description=text["down"], **slider)
        across = ipywidgets.FloatSlider(description=text["across"], **slider)
        options = [(name, i) for i, name in enumerate(self.classes)] or [("", 0)]
        label = ipywidgets.Dropdown(description=text["class"], options=options)
        atlas, picture = ipywidgets.Image(width=224, height=224), ipywidgets.Image(width=224, height=224)

        def draw(_=None):
            chosen = cast(int, label.value)                         # the list is never empty
            atlas.value = png(_marked(self.map(chosen), self.steps, down.value, across.value), levels=256)
            image = self.at(torch.tensor([down.value]).to(self.corners), torch.tensor([across.value]).to(self.corners),
                            chosen)
            picture.value = png(_enlarged(mosaic(image, 1)), levels=256)

        for knob in (down, across, label):
            knob.observe(draw, "value")
        draw()
        knobs = [across, down] + ([label] if self.classes else [])
        return ipywidgets.HBox([atlas, picture, ipywidgets.VBox(knobs)], layout={"flex_flow": "row wrap"})

    def as_html(self) -> str:
        side = [f"{place:.2f}" for place in np.linspace(0, 1, self.steps)]
        axes = [Axis("纵向", "down", side), Axis("横向", "across", side)]
        if self.classes:
            axes.insert(0, Axis("类别", "class", self.classes))
        frames = torch.cat([self.map(label) for label in range(max(1, len(self.classes)))])
        return frames_player(frames, axes, map=True)

    def as_grid(self, label: int = 0) -> Figure:
        """The map as one figure; the corners of the square are the corners of the picture."""
        return still(self.map(label), self.steps)


class Playback(Interactive):
    """One slider over precomputed pictures, such as a diagram drawn for several settings; a button plays them.

    frames: one picture (1, H, W) in [0, 1] for each entry of `labels`; `drawn` makes one of a figure.
    zh, en: what the slider changes, in both languages. start: the place at which it stands at first; the last if None.
    """

    def __init__(self, frames: Sequence[Tensor], labels: Sequence, zh: str, en: str, start: int | None = None):
        if len(frames) != len(labels) or not labels:
            raise ValueError(f"expected a frame for each label, got {len(frames)} frames and {len(labels)} labels")
        self.frames, self.labels = torch.stack([frame.detach().cpu() for frame in frames]), list(labels)
        self.axis = Axis(zh, en, [str(label) for label in labels], start)

    def live(self) -> ipywidgets.Widget:
        last = len(self.labels) - 1
        value = last if self.axis.start is None else self.axis.start
        slider = ipywidgets.SelectionSlider(description=getattr(self.axis, language()), value=self.labels[value],
                                            options=self.labels, style=WIDE_LABEL)
        play = ipywidgets.Play(min=0, max=last, value=value, interval=400, description=TEXT[language()]["play"])
        picture = ipywidgets.Image(layout={"align_self": "flex-start"})          # a VBox would stretch it

        def draw(_=None):
            picture.value = png(_enlarged(mosaic(self.frames[slider.index, None], 1)), levels=256)

        slider.observe(draw, "value")
        ipywidgets.link((play, "value"), (slider, "index"))
        draw()
        return ipywidgets.VBox([picture, ipywidgets.HBox([play, slider])])

    def as_html(self) -> str:
        return frames_player(self.frames, [self.axis])

    def as_grid(self, columns: int = 4) -> Figure:
        """All the frames as one figure, in reading order."""
        return still(self.frames, columns, [f"{self.axis.en} {label}" for label in self.labels])


class TrainingPlayback(Playback):
    """Scrubs through the pictures that were saved while a model trained.

    frames: one picture (1, H, W) in [0, 1] for each entry of `steps`, such as a grid of samples.
    """

    def __init__(self, frames: Sequence[Tensor], steps: Sequence[int]):
        super().__init__(frames, steps, "训练步", "step")


def drawn(figure: Figure) -> Tensor:
    """A figure in grey, (1, H, W) in [0, 1], as a frame for `Playback`. Draw lines in different styles, not colours."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    pixels = torch.from_numpy(np.asarray(canvas.buffer_rgba())[..., :3].copy()).float() / 255
    return (pixels @ pixels.new_tensor([0.299, 0.587, 0.114]))[None]


def still(frames: Tensor, columns: int, titles: Sequence[str] = ()) -> Figure:
    """Frames (N, 1, H, W) in [0, 1] as one figure in rows of `columns`, each under its title."""
    rows = -(-len(frames) // columns)
    figure = Figure(figsize=(1.0 * columns, (1.25 if titles else 1.0) * rows), layout="constrained")
    for i, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.set_axis_off()
        if i < len(frames):
            axes.imshow(frames[i, 0].detach().cpu().numpy(), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
            axes.set_title(titles[i] if titles else "", fontsize=7)
    return figure


def _enlarged(pixels: np.ndarray, side: int = 224) -> np.ndarray:
    times = max(1, side // max(pixels.shape))
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def _marked(frames: Tensor, steps: int, down: float, across: float) -> np.ndarray:
    """The map (steps·H, steps·W) with a white and black ring where the sliders stand."""
    height, width = frames.shape[2:]
    pixels = mosaic(frames, steps)
    rows, columns = np.ogrid[:pixels.shape[0], :pixels.shape[1]]
    y, x = (down * (steps - 1) + 0.5) * height, (across * (steps - 1) + 0.5) * width
    distance = np.hypot(rows - y, columns - x) / max(height, width)
    pixels[(distance > 0.30) & (distance < 0.40)] = 255
    pixels[(distance > 0.40) & (distance < 0.48)] = 0
    return pixels
