"""Who looks at whom: attention weights as a table that the browser draws, so that Chinese needs no font of ours."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from typing import cast

import ipywidgets
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.language import language
from aigc_course.show.player import BUDGET, both, static
from aigc_course.show.widgets import Interactive

TEXT = {"zh": "注意力头", "en": "head"}


class AttentionViewer(Interactive):
    """Attention weights of one layer, a head at a time: rows look at columns, hovering a row shows its numbers.

    weights: (T_q, T_k) or (heads, T_q, T_k), every row sums to 1. queries, keys: the tokens; keys default to queries.
    Rows can be reached with the Tab key. On paper every head is printed as a shaded table.

    Raises: ValueError if shapes do not fit or a row does not sum to 1; CourseError (by `as_html`) over 200 kB.
    """

    def __init__(self, weights: Tensor, queries: Sequence[str], keys: Sequence[str] | None = None):
        weights = weights.detach().float().cpu()
        self.weights = weights if weights.ndim == 3 else weights[None]
        self.queries, self.keys = list(queries), list(keys or queries)
        if self.weights.ndim != 3 or self.weights.shape[1:] != (len(self.queries), len(self.keys)):
            raise ValueError(f"expected weights of shape (heads, {len(self.queries)}, {len(self.keys)}), "
                             f"got {tuple(weights.shape)}")
        if (self.weights.sum(-1) - 1).abs().max() > 1e-3:
            raise ValueError("attention weights of a query must sum to 1: apply softmax over the keys first")

    def table(self, head: int = 0) -> str:
        """One head as an HTML table."""
        columns = "".join(f'<th scope="col">{escape(key)}</th>' for key in self.keys)
        rows = ""
        for query, row in zip(self.queries, self.weights[head].tolist(), strict=True):
            cells = "".join(f'<td style="--w:{weight:.2f}" data-w="{weight:.2f}"></td>' for weight in row)
            rows += f'<tr tabindex="0"><th scope="row">{escape(query)}</th>{cells}</tr>'
        return f'<table class="aigc-attention"><tr><td></td>{columns}</tr>{rows}</table>'

    def live(self) -> ipywidgets.Widget:
        head = ipywidgets.Dropdown(description=TEXT[language()],
                                   options=[(str(i + 1), i) for i in range(len(self.weights))])
        table = ipywidgets.HTML()

        def draw(_=None):
            table.value = f"<style>{static('attention.css')}</style>{self.table(cast(int, head.value))}"

        head.observe(draw, "value")
        draw()
        return ipywidgets.VBox([head, table] if len(self.weights) > 1 else [table])

    def as_html(self) -> str:
        """All heads behind tabs, without a script."""
        tables = [self.table(head) for head in range(len(self.weights))]
        group = "aigc-" + sha256("".join(tables).encode()).hexdigest()[:8]
        tabs = "".join(
            f'<label><input type="radio" name="{group}"{" checked" if not head else ""}> '
            f"{both(TEXT['zh'], TEXT['en'])} {head + 1}</label>{table}"
            for head, table in enumerate(tables)
        )
        html = f'<style>{static("attention.css")}</style><div class="aigc-heads">{tabs}</div>'
        if len(html) > BUDGET:
            raise CourseError(f"The attention of {len(tables)} heads over {len(self.keys)} tokens would weigh "
                              f"{len(html) // 1000} kB: show fewer heads or a shorter sentence.")
        return html

    as_grid = as_html
