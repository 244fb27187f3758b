"""Three sliders for what turns logits into the next token: temperature, top-k and top-p."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from json import dumps

import ipywidgets
import torch
from IPython.display import HTML
from torch import Tensor

from aigc_course.language import language
from aigc_course.models.text.sampling import sampling_distribution
from aigc_course.show.player import both, static
from aigc_course.show.widgets import WIDE_LABEL, Interactive

TEXT = {"zh": ("温度", "top-k", "top-p"), "en": ("temperature", "top-k", "top-p")}
WRITTEN = ("这样写出的续文", "continuations written so")


class SamplingKnobs(Interactive):
    """Three sliders over one distribution of the next token, drawn as bars.

    logits: (V,). tokens: V strings. Only the `show` likeliest tokens are drawn (and sent to a page), but all count.
    write: (temperature, top_k, top_p) -> texts that were sampled so, shown under the bars; a page without a kernel
        shows those of the settings at which the sliders stand at first.
    """

    def __init__(self, logits: Tensor, tokens: Sequence[str], show: int = 16,
                 write: Callable[[float, int, float], Sequence[str]] | None = None):
        if logits.shape != (len(tokens),):
            raise ValueError(f"expected logits of shape ({len(tokens)},), got {tuple(logits.shape)}")
        self.logits, order = torch.sort(logits.detach().float().cpu(), descending=True, stable=True)
        self.tokens = [tokens[int(i)] for i in order]
        self.show, self.write = min(show, len(tokens)), write

    def live(self) -> ipywidgets.Widget:
        temperature, top_k, top_p = TEXT[language()]
        knobs = {
            "temperature": ipywidgets.FloatSlider(1.0, min=0.1, max=2.0, step=0.05, description=temperature),
            "top_k": ipywidgets.IntSlider(len(self.tokens), min=1, max=len(self.tokens), description=top_k),
            "top_p": ipywidgets.FloatSlider(1.0, min=0.05, max=1.0, step=0.05, description=top_p),
        }
        bars = ipywidgets.HTML()

        def draw(_=None):
            setting = {name: knob.value for name, knob in knobs.items()}
            bars.value = self.bars(**setting) + self.written(**setting)

        for knob in knobs.values():
            knob.style, knob.continuous_update = WIDE_LABEL, self.write is None    # writing takes its time
            knob.observe(draw, "value")
        draw()
        return ipywidgets.HBox([ipywidgets.VBox(list(knobs.values())), bars], layout={"flex_flow": "row wrap"})

    def bars(self, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> str:
        """The likeliest tokens with their probabilities, as an HTML table."""
        probabilities = sampling_distribution(self.logits, temperature, top_k, top_p)
        rows = "".join(
            f'<tr><th scope="row">{escape(token)}</th><td><i style="width:{100 * p:.2f}%"></i></td>'
            f"<td>{p:.3f}</td></tr>"
            for token, p in zip(self.tokens[:self.show], probabilities.tolist(), strict=False)
        )
        return f'<style>{static("sampling.css")}</style><table class="aigc-bars">{rows}</table>'

    def written(self, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> str:
        """The sampled continuations as an HTML list, or nothing without `write`."""
        if self.write is None:
            return ""
        items = "".join(f"<li>{escape(text)}</li>" for text in self.write(temperature, top_k, top_p))
        return f'<ul lang="zh-CN">{items}</ul>'

    def as_html(self) -> str:
        """Bars and sliders; the page computes the same three rules from the logits it carries."""
        (zh, *_), (en, *_) = TEXT["zh"], TEXT["en"]
        sliders = [(both(zh, en), "temperature", 0.1, 2, 0.05, 1), ("<span>top-k</span>", "top-k", 1, len(self.tokens),
                   1, len(self.tokens)), ("<span>top-p</span>", "top-p", 0.05, 1, 0.05, 1)]
        knobs = "".join(
            f'{label}<input type="range" min="{low}" max="{high}" step="{step}" value="{value}" aria-label="{name}">'
            f"<output>{value}</output>"
            for label, name, low, high, step, value in sliders
        )
        logits = dumps([round(x, 4) for x in self.logits.tolist()])
        written = f"<p>{both(*WRITTEN)} (temperature = 1)</p>{self.written()}" if self.write else ""
        return (f'<div class="aigc-sampling" data-logits="{logits}"><div class="knobs">{knobs}</div>{self.bars()}'
                f"<div>{written}</div></div><script>{static('sampling.js')}</script>")

    def as_grid(self, settings: Sequence[dict] = ({"temperature": 0.5}, {}, {"temperature": 1.5})) -> HTML:
        """The bars for several settings beside each other, for paper."""
        parts = []
        for setting in settings:
            name = ", ".join(f"{key} = {value}" for key, value in setting.items()) or "temperature = 1"
            parts.append(f"<div><b>{name}</b>{self.bars(**setting)}</div>")
        return HTML(f'<div style="display:flex;flex-wrap:wrap;gap:1.5rem">{"".join(parts)}</div>')
