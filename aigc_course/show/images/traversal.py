"""One image, and a slider for each latent dimension that says something: what does each of them change?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import ipywidgets
import numpy as np
import torch
from matplotlib.figure import Figure
from torch import Tensor

from aigc_course.language import language
from aigc_course.metrics.disentanglement import Dimension
from aigc_course.show.player import Axis, frames_player, mosaic, png
from aigc_course.show.widgets import WIDE_LABEL, Interactive, still

TEXT = {"zh": {"image": "图像", "dimension": "维度", "value": "取值", "back": "复原"},
        "en": {"image": "image", "dimension": "dimension", "value": "value", "back": "restore"}}
FACTORS = {"zh": {"slant": "倾斜", "thickness": "粗细", "size": "大小"}, "en": {}}


class Traversal(Interactive):
    """Sliders for the strongest latent dimensions, in the order given, over one of several images.

    decode: (z (N, Z), image number) -> images (N, 1, H, W) in [0, 1]; the number says e.g. which class to decode.
    codes: (M, Z), the codes of the M images, from which the sliders start. shown: the dimensions to move, such as
    `metrics.disentanglement.dimensions(...)[:5]`. Live, all sliders act together; the stored form moves one dimension
    at a time, in `steps` values from −reach to reach, while the others keep the image's own.
    """

    def __init__(self, decode: Callable[[Tensor, int], Tensor], codes: Tensor, shown: Sequence[Dimension],
                 steps: int = 9, reach: float = 2.5):
        if codes.ndim != 2 or not shown or max(one.index for one in shown) >= codes.shape[1]:
            raise ValueError(f"expected codes (M, Z) and dimensions below Z, got {tuple(codes.shape)} and {shown}")
        self.decode, self.codes, self.shown = decode, codes, list(shown)
        self.values = torch.linspace(-reach, reach, steps)

    @torch.no_grad()
    def walk(self, image: int, index: int) -> Tensor:
        """The image (steps, 1, H, W) with each value of dimension `index` in turn, all else unchanged."""
        z = self.codes[image].repeat(len(self.values), 1)
        z[:, index] = self.values.to(z)
        return self.decode(z, image)

    def label(self, one: Dimension, lang: str) -> str:
        """ "z3 slant": the dimension, and the factor it tells most of."""
        return f"z{one.index}" + (f" {FACTORS[lang].get(one.factor, one.factor)}" if one.factor else "")

    def live(self) -> ipywidgets.Widget:
        lang, reach = language(), self.values[-1].item()
        text = TEXT[lang]
        image = ipywidgets.Dropdown(description=text["image"],
                                    options=[(str(i + 1), i) for i in range(len(self.codes))])
        sliders = [ipywidgets.FloatSlider(description=self.label(one, lang), min=-reach, max=reach, step=0.05,
                                           style=WIDE_LABEL)
                   for one in self.shown]
        back, picture = ipywidgets.Button(description=text["back"]), ipywidgets.Image(width=224, height=224)

        @torch.no_grad()
        def draw(_=None):
            chosen = cast(int, image.value)                         # the list is never empty
            z = self.codes[chosen].clone()
            for one, slider in zip(self.shown, sliders, strict=True):
                z[one.index] = slider.value
            pixels = mosaic(self.decode(z[None], chosen), 1)
            picture.value = png(pixels.repeat(8, axis=0).repeat(8, axis=1), levels=256)

        def restore(_=None):
            for one, slider in zip(self.shown, sliders, strict=True):
                slider.value = self.codes[image.value, one.index].item()
            draw()

        for slider in sliders:
            slider.observe(draw, "value")
        image.observe(restore, "value")
        back.on_click(restore)
        restore()
        return ipywidgets.HBox([picture, ipywidgets.VBox([image, *sliders, back])], layout={"flex_flow": "row wrap"})

    def as_html(self) -> str:
        frames = torch.cat([self.walk(i, one.index) for i in range(len(self.codes)) for one in self.shown])
        names = [" / ".join(dict.fromkeys(self.label(one, lang) for lang in TEXT)) for one in self.shown]
        labels = {"image": [str(i + 1) for i in range(len(self.codes))], "dimension": names,
                  "value": [f"{value:+.1f}".replace("-", "−") for value in self.values.tolist()]}
        return frames_player(frames, [Axis(TEXT["zh"][name], TEXT["en"][name], says, start=0)
                                      for name, says in labels.items()])

    def as_grid(self, image: int = 0) -> Figure:
        """A row for each dimension, a column for each value."""
        figure = still(torch.cat([self.walk(image, one.index) for one in self.shown]), len(self.values))
        rows = np.array(figure.axes).reshape(len(self.shown), -1)
        for axes, one in zip(rows, self.shown, strict=True):
            axes[0].set_axis_on()
            axes[0].set(xticks=[], yticks=[])
            axes[0].set_ylabel(self.label(one, "en").replace(" ", "\n"), fontsize=8, rotation=0, ha="right",
                               va="center")
        for axes, value in zip(rows[0], self.values.tolist(), strict=True):
            axes.set_title(f"{value:+.1f}", fontsize=8)
        return figure
