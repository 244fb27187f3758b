"""A form of settings for transformers' `generate`, which shows the call that the settings make."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from typing import Any

import ipywidgets

from aigc_course.language import language
from aigc_course.show.player import both, static
from aigc_course.show.text.continuation import refusal
from aigc_course.show.widgets import WIDE_LABEL, Interactive

TEXT = {"zh": {"prompt": "提示", "go": "生成"}, "en": {"prompt": "prompt", "go": "generate"}}
SAMPLING = ("temperature", "top_k", "top_p", "num_return_sequences")
"""What greedy decoding has no use for."""


def call(prompt: str, settings: Mapping[str, Any], seed: int) -> str:
    """The lines of Python that generate with these settings (keyword arguments of `generate`)."""
    words = ",\n".join(f"    {name}={value!r}" for name, value in settings.items())
    first = [f"torch.manual_seed({seed})"] if settings["do_sample"] else []
    return "\n".join([*first, f"batch = tokenizer({prompt!r}, return_tensors=\"pt\")",
                      f"tokens = model.generate(\n    **batch,\n{words},\n)"])


class GenerationForm(Interactive):
    """Prompt, seed and settings; the code follows every change, the model runs when the button is pressed.

    write: (prompt, settings, seed) -> texts, one for each sequence asked for; settings are keyword arguments of
        `generate`, without those that do nothing in greedy decoding.
    known: the characters that the model has in its vocabulary; a prompt with any other is not given to it.
    examples: (prompt, settings) that are run once, with seed 0, for a page without a kernel.
    longest: most new tokens that can be asked for.
    """

    def __init__(self, write: Callable[[str, dict[str, Any], int], Sequence[str]], known: Collection[str],
                 examples: Sequence[tuple[str, Mapping[str, Any]]], longest: int = 40):
        self.write, self.known, self.longest = write, set(known), longest
        self.examples = [(prompt, dict(settings)) for prompt, settings in examples]

    def reply(self, prompt: str, settings: Mapping[str, Any], seed: int = 0) -> str:
        """The texts as HTML, or one sentence that says what is wrong with the prompt, in the reader's language."""
        return refusal(prompt, self.known) or self.texts(prompt, settings, seed)

    def texts(self, prompt: str, settings: Mapping[str, Any], seed: int = 0) -> str:
        items = "".join(f"<li>{escape(text)}</li>" for text in self.write(prompt, dict(settings), seed))
        return f'<ol lang="zh">{items}</ol>'

    def live(self) -> ipywidgets.Widget:
        text = TEXT[language()]
        prompt = ipywidgets.Text(self.examples[0][0], description=text["prompt"], style=WIDE_LABEL)
        knobs = {
            "max_new_tokens": ipywidgets.IntSlider(min(24, self.longest), min=1, max=self.longest),
            "do_sample": ipywidgets.Checkbox(True),
            "temperature": ipywidgets.FloatSlider(1.0, min=0.1, max=2.0, step=0.1),
            "top_k": ipywidgets.IntSlider(0, min=0, max=100),
            "top_p": ipywidgets.FloatSlider(1.0, min=0.05, max=1.0, step=0.05),
            "num_return_sequences": ipywidgets.IntSlider(2, min=1, max=5),
        }
        seed = ipywidgets.IntText(0, description="seed", style=WIDE_LABEL)
        for name, knob in knobs.items():
            knob.description, knob.style = name, {"description_width": "11em"}
        go, code, answer = ipywidgets.Button(description=text["go"]), ipywidgets.HTML(), ipywidgets.HTML()

        def settings() -> dict[str, Any]:
            sampled = knobs["do_sample"].value
            return {name: round(knob.value, 2) if isinstance(knob.value, float) else knob.value
                    for name, knob in knobs.items() if sampled or name not in SAMPLING}

        def follow(_=None):
            for name in SAMPLING:
                knobs[name].disabled = not knobs["do_sample"].value
            code.value = f"<pre>{escape(call(prompt.value.strip(), settings(), seed.value))}</pre>"

        def show(_=None):
            found = self.reply(prompt.value.strip(), settings(), seed.value)
            answer.value = f'<div role="status" aria-live="polite">{found}</div>'

        for knob in (prompt, seed, *knobs.values()):
            knob.observe(follow, "value")
        go.on_click(show)
        follow()
        left = ipywidgets.VBox([prompt, *knobs.values(), seed, go])
        return ipywidgets.HBox([left, ipywidgets.VBox([code, answer])], layout={"flex_flow": "row wrap"})

    def as_html(self) -> str:
        """A table of the examples, in both languages: the call, and what it returned."""
        head = f'<tr><th scope="col">{both("调用", "call")}</th><th scope="col">{both("结果", "result")}</th></tr>'
        rows = "".join(
            f"<tr><td><pre>{escape(call(prompt, settings, 0))}</pre></td><td>{self.texts(prompt, settings)}</td></tr>"
            for prompt, settings in self.examples
        )
        return (f'<style>{static("generation.css")}</style><table class="aigc-generation">'
                f"<thead>{head}</thead><tbody>{rows}</tbody></table>")
