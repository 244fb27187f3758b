"""A box to type in: a trained translator answers, and shows where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import ipywidgets

from aigc_course.language import language
from aigc_course.models.text.translator import Translator, alignment, translate
from aigc_course.show.player import both, static
from aigc_course.show.text.attention import AttentionViewer
from aigc_course.show.widgets import Interactive

TEXT = {"zh": ("输入", "译文"), "en": ("text", "translation")}


class TranslateBox(Interactive):
    """Type a text and press Enter: its translation, and, with attention, the weights of each token written.

    examples: texts to choose from; without a kernel they are shown with their translations, the first with its weights.
    """

    def __init__(self, model: Translator, examples: Sequence[str]):
        self.model, self.examples = model, list(examples)

    def answer(self, text: str) -> str:
        """One translation as HTML."""
        if self.model.net.attention is None:
            return f"<p><b>{escape(translate(self.model, [text])[0])}</b></p>"
        source, target, weights = alignment(self.model, text)
        written = escape(self.model.target.decode(self.model.target.encode(target)))
        return f"<p><b>{written}</b></p>{AttentionViewer(weights, target, source).as_html()}"

    def live(self) -> ipywidgets.Widget:
        box = ipywidgets.Combobox(description=TEXT[language()][0], options=self.examples, value=self.examples[0],
                                  continuous_update=False)
        result = ipywidgets.HTML()

        def draw(_=None):
            result.value = self.answer(box.value)

        box.observe(draw, "value")
        draw()
        return ipywidgets.VBox([box, result])

    def as_html(self) -> str:
        """The examples as a table, and where the model looked in the first."""
        head = "".join(f'<th scope="col">{both(zh, en)}</th>' for zh, en in zip(TEXT["zh"], TEXT["en"], strict=True))
        rows = "".join(f"<tr><td>{escape(text)}</td><td>{escape(written)}</td></tr>" for text, written in
                       zip(self.examples, translate(self.model, self.examples), strict=True))
        table = f'<div class="aigc-heads"><table><tr>{head}</tr>{rows}</table></div>'
        return f"<style>{static('attention.css')}</style>{table}{self.answer(self.examples[0])}"

    as_grid = as_html
