"""A poet to write with: every character in the colour of its surprise, with what else the model thought of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import log2
from typing import Any, Protocol

import ipywidgets

from aigc_course.data.text.verse.prosody import RHYMES
from aigc_course.errors import CourseError
from aigc_course.language import language
from aigc_course.projects.poet.model import FORMS, UNRHYMED, Poem, Step
from aigc_course.show.player import both, static
from aigc_course.show.widgets import WIDE_LABEL, Interactive

TEXT = {
    "zh": {"first": "首句", "form": "每句字数", "rhyme": "韵部", "temperature": "温度", "top_p": "top-p",
           "again": "再写一首", "any": "任意", "unknown": "诗人不认识其中某些字，或句子太长，请换一句。",
           "legend": "颜色越深，模型越没料到这个字；粗体是给定的。指着一个字，看此处最可能的几个字（∎ 是全诗结束）。"},
    "en": {"first": "first line", "form": "characters a line", "rhyme": "rhyme group", "temperature": "temperature",
           "top_p": "top-p", "again": "write another", "any": "any",
           "unknown": "The poet does not know some of these characters, or the line is too long: try another.",
           "legend": "The darker a character, the less the model expected it; bold ones were given. Point at one to "
                     "see what was likeliest in its place (∎ is the end of the poem)."},
}
DARKEST = 12.0
"""Bits of surprise that get the full colour."""


class Writes(Protocol):
    """What `models.poet.Poet` does."""

    def write(self, n: int = 1, first: str = "", form: str | None = None, rhyme: str | None = None, seed: int = 0,
              **settings) -> list[Poem]: ...
    def opening(self, first: str) -> str: ...
    def trace(self, poem: Poem, likeliest: int = 5) -> list[Step]: ...


class LivePoet(Interactive):
    """A first line or none, a form, a rhyme, a temperature and top-p; every change, and the button, write a quatrain.

    examples: arguments of `poet.write` (first, form, rhyme, temperature, top_p, seed) of the poems that are written
        once for a page without a kernel; the first is where the controls stand.
    """

    def __init__(self, poet: Writes, examples: Sequence[Mapping[str, Any]]):
        self.poet, self.examples = poet, [dict(example) for example in examples]

    def reply(self, **settings) -> str:
        """A quatrain as HTML, or one sentence in the reader's language if the poet cannot begin so."""
        try:
            return self.quatrain(**settings)
        except CourseError:
            return f"<p>{TEXT[language()]['unknown']}</p>"

    def quatrain(self, first: str = "", **settings) -> str:
        (poem,) = self.poet.write(1, first, **settings)
        given = len(self.poet.opening(first))
        shown = "".join(character(step, i < given) for i, step in enumerate(self.poet.trace(poem)))
        return f'<p class="poem" lang="zh"><small>{escape(poem.header)}</small><br>{shown}</p>'

    def live(self) -> ipywidgets.Widget:
        text, start = TEXT[language()], self.examples[0]
        anything = [(text["any"], None)]
        knobs = {
            "first": ipywidgets.Text(start.get("first", ""), continuous_update=False),
            "form": ipywidgets.Dropdown(options=[*anything, *((str(n), form) for n, form in FORMS.items())]),
            "rhyme": ipywidgets.Dropdown(options=[*anything, *((group, group) for group in (*RHYMES, UNRHYMED))]),
            "temperature": ipywidgets.FloatSlider(start.get("temperature", 1.0), min=0.1, max=2.0, step=0.1,
                                                  continuous_update=False),
            "top_p": ipywidgets.FloatSlider(start.get("top_p", 1.0), min=0.05, max=1.0, step=0.05,
                                            continuous_update=False),
        }
        for name, knob in knobs.items():
            knob.description, knob.style = text[name], WIDE_LABEL
        knobs["form"].value, knobs["rhyme"].value = start.get("form"), start.get("rhyme")
        again, answer, seed = ipywidgets.Button(description=text["again"]), ipywidgets.HTML(), start.get("seed", 0)

        def show(_=None):
            found = self.reply(seed=seed, **{name: knob.value for name, knob in knobs.items()})
            answer.value = (f'<style>{static("poet.css")}</style><div class="aigc-poet" role="status" '
                            f'aria-live="polite">{found}<p>{text["legend"]}</p></div>')

        def another(_):
            nonlocal seed
            seed += 1
            show()

        for knob in knobs.values():
            knob.observe(show, "value")
        again.on_click(another)
        show()
        return ipywidgets.HBox([ipywidgets.VBox([*knobs.values(), again]), answer], layout={"flex_flow": "row wrap"})

    def as_html(self) -> str:
        """The examples with their colours and alternatives, in a page of either language."""
        poems = "".join(f"<div>{self.quatrain(**example)}<p>{settings(example)}</p></div>" for example in self.examples)
        legend = both(TEXT["zh"]["legend"], TEXT["en"]["legend"])
        return (f'<style>{static("poet.css")}</style><div class="aigc-poet"><div class="poems">{poems}</div>'
                f"<p>{legend}</p></div>")


def character(step: Step, given: bool = False) -> str:
    """One character in its colour; pointing at it, or reaching it with the keyboard, opens its alternatives."""
    if step.character == "\n":
        return "<br>"
    darkness = min(abs(log2(max(step.p, 1e-9))) / DARKEST, 1)
    rows = "".join(f"<span>{escape(name.replace(chr(10), '↵'))} {p:.1%}</span>" for name, p in step.likeliest)
    shown = f"<b>{escape(step.character)}</b>" if given else escape(step.character)
    return (f'<span class="step" tabindex="0" style="--w:{darkness:.2f}">{shown}<span class="why" role="tooltip">'
            f"<b>{escape(step.character)} {step.p:.2%}</b>{rows}</span></span>")


def settings(example: Mapping[str, Any]) -> str:
    """What an example was written with, its first line left out, which the poem shows."""
    shown = {name: value for name, value in example.items() if name not in ("first", "seed") and value is not None}
    return " · ".join(f"{both(TEXT['zh'][name], TEXT['en'][name])} {escape(str(value))}"
                      for name, value in shown.items())
