"""A box to write a line in: the model continues it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from html import escape

import ipywidgets

from aigc_course.language import language
from aigc_course.show.player import both, static
from aigc_course.show.widgets import WIDE_LABEL, Interactive

TEXT = {
    "zh": {"line": "写一句", "temperature": "温度", "go": "续写", "empty": "请先写几个字。",
           "unknown": "模型的词表里没有“{}”，请换成别的字。"},
    "en": {"line": "your line", "temperature": "temperature", "go": "continue",
           "empty": "Write a few characters first.",
           "unknown": "The model's vocabulary lacks “{}”: please use other characters."},
}


def refusal(line: str, known: Collection[str]) -> str:
    """Why a model that knows these characters cannot continue the line: a paragraph in the reader's language, or ""."""
    text = TEXT[language()]
    if not line:
        return f"<p>{text['empty']}</p>"
    if unknown := "".join(dict.fromkeys(character for character in line if character not in known)):
        return f"<p>{text['unknown'].format(escape(unknown))}</p>"
    return ""


class ContinueLine(Interactive):
    """A text box, a temperature and a button; Enter in the box works like the button.

    write: (line, temperature) -> the whole text, which begins with the line unless the model answers it with another.
    known: the characters that the model has in its vocabulary; a line with any other is not given to it.
    examples: lines that are continued once at each of `temperatures`, for a page without a kernel.
    """

    def __init__(self, write: Callable[[str, float], str], known: Collection[str], examples: Sequence[str],
                 temperatures: Sequence[float] = (0.3, 0.8, 1.2)):
        self.write, self.known = write, set(known)
        self.examples, self.temperatures = list(examples), list(temperatures)

    def reply(self, line: str, temperature: float) -> str:
        """What the box answers, as HTML: the text with the given line in bold, or one sentence that says what is wrong.

        The sentence is in the reader's language.
        """
        line = line.strip()
        return refusal(line, self.known) or self.poem(line, temperature)

    def poem(self, line: str, temperature: float) -> str:
        written = self.write(line, temperature)
        rest = escape(written.removeprefix(line)).replace("\n", "<br>")
        return f'<p lang="zh"><b>{escape(line)}</b>{"" if written.startswith(line) else "<br>"}{rest}</p>'

    def live(self) -> ipywidgets.Widget:
        text = TEXT[language()]
        line = ipywidgets.Text(self.examples[0], description=text["line"], continuous_update=False,
                               style=WIDE_LABEL)
        temperature = ipywidgets.FloatSlider(0.8, min=0.1, max=2.0, step=0.1, description=text["temperature"],
                                             style=WIDE_LABEL)
        go, answer = ipywidgets.Button(description=text["go"]), ipywidgets.HTML()

        def show(_=None):
            answer.value = f'<div role="status" aria-live="polite">{self.reply(line.value, temperature.value)}</div>'

        go.on_click(show)
        line.observe(show, "value")                                # Enter, or leaving the box after a change
        return ipywidgets.VBox([line, temperature, go, answer])

    def as_html(self) -> str:
        """A table of the examples, in both languages: rows are lines, columns temperatures."""
        head = "".join(f'<th scope="col">{both("温度", "temperature")} {degree:g}</th>' for degree in self.temperatures)
        rows = "".join(
            f'<tr>{"".join(f"<td>{self.poem(line, degree)}</td>" for degree in self.temperatures)}</tr>'
            for line in self.examples
        )
        return (f'<style>{static("continuation.css")}</style><table class="aigc-continuation">'
                f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")
