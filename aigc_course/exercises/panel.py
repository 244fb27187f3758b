"""How an exercise's answer looks: a bordered note, readable without colour, plain text where no browser is."""

from markdown_it import MarkdownIt

from aigc_course.exercises.kinds import Text
from aigc_course.language import language
from aigc_course.show.localised import show_localised

# Okabe and Ito's colours; the mark says the same to whoever does not see them.
LOOKS = {
    "right": ("✓", "#009E73"),
    "wrong": ("✗", "#D55E00"),
    "unanswered": ("○", "#767676"),
    "submitted": ("●", "#0072B2"),
    "hint": ("→", "#0072B2"),
}
SOLUTION = Text("参考答案", "Solution")


def show(status: str, title: str, message: str, folded: str = "") -> None:
    """Displays `message` (Markdown) under `title`, with `folded` behind a click."""
    show_localised(to_html(status, title, message, folded), to_text(status, title, message, folded))


def to_html(status: str, title: str, message: str, folded: str = "") -> str:
    mark, colour = LOOKS[status]
    render = MarkdownIt().render
    more = f"<details><summary>{SOLUTION}</summary>{render(folded)}</details>" if folded else ""
    return (f'<div class="aigc-exercise aigc-{status}" role="status" lang="{language()}" '
            f'style="border-left: 4px solid {colour}; padding: 0.2em 1em; margin: 0.5em 0;">'
            f'<p><strong><span style="color: {colour}" aria-hidden="true">{mark}</span> {title}</strong></p>'
            f"{render(message)}{more}</div>")


def to_text(status: str, title: str, message: str, folded: str = "") -> str:
    more = f"\n\n{SOLUTION}\n{folded}" if folded else ""
    return f"{LOOKS[status][0]} {title}\n\n{message}{more}"
