"""All attention maps of a net inside a page: choose a layer and a head among small pictures, read the map beside."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape

import torch
from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.show.player import BUDGET, both, mosaic, png, static

WORDS = ("点小图换层与头；点表中一行（或用上下方向键）选发问的词元。",
         "Click a small picture to change layer and head; click a row of the table (or use the arrow keys) to choose "
         "the token that asks.")
SIGNS = str.maketrans({"\n": "⏎", " ": "␣"})


class AttentionAtlas:
    """Every layer and head as a small picture; the chosen one as a table; where one token looks, in the tokens' order.

    It needs no kernel, neither in a page nor in JupyterLab; without JavaScript all the pictures are still seen.

    maps: what `aigc_course.models.attention.watch` recorded in one pass, or any mapping of a layer's name to weights
        (heads, T, S), whose rows sum to 1; as many heads in each.
    queries: the T tokens that ask. keys: the S tokens that are looked at; the same unless told.
    row: which sequence of the recorded batch.

    Raises: ValueError if shapes do not fit or a row does not sum to 1; CourseError if the page would be over 200 kB.
    """

    def __init__(self, maps: Mapping[str, Tensor | Sequence[Tensor]], queries: Sequence[str],
                 keys: Sequence[str] | None = None, row: int = 0):
        self.queries, self.keys = list(queries), list(keys or queries)
        wanted = (len(self.queries), len(self.keys))
        self.layers: dict[str, Tensor] = {}
        for name, recorded in maps.items():
            if not isinstance(recorded, Tensor):
                if len(recorded) != 1:
                    raise ValueError(f"{name} was used {len(recorded)} times: watch a single forward pass")
                recorded = recorded[0][row]
            weights = recorded.detach().float().cpu()
            if weights.ndim != 3 or weights.shape[1:] != wanted:
                raise ValueError(f"expected weights of shape (heads, {wanted[0]}, {wanted[1]}) in {name}, "
                                 f"got {tuple(weights.shape)}")
            if (weights.sum(-1) - 1).abs().max() > 1e-3:
                raise ValueError(f"the weights of a query must sum to 1, and those of {name} do not")
            self.layers[name] = weights
        if len({len(weights) for weights in self.layers.values()}) != 1:
            raise ValueError("every layer must have as many heads as the others; there must be one at least")

    def as_html(self) -> str:
        """One figure for both languages."""
        weights = torch.stack(list(self.layers.values()))                           # (layers, heads, T, S)
        heads, rows, columns = weights.shape[1:]
        levels = (weights * 255).round().byte().numpy().tobytes()
        # Layers are rows and heads columns of one picture, of which every button shows its part.
        sprite = mosaic(1 - weights.flatten(0, 1)[:, None], heads)
        buttons = "<b></b>" + "".join(f"<b>{head + 1}</b>" for head in range(heads))
        for layer, name in enumerate(self.layers):
            buttons += f"<b>{escape(name)}</b>" + "".join(
                f'<button type="button" aria-pressed="false" title="{escape(name)} · {head + 1}" style="--x:'
                f'{_share(head, heads)};--y:{_share(layer, len(self.layers))}"></button>' for head in range(heads))
        asked = "".join(f'<span class="token">{escape(_sign(key))}</span>' for key in self.keys)
        head_row = "".join(f'<th scope="col">{escape(_sign(key))}</th>' for key in self.keys)
        body = "".join(f'<tr><th scope="row">{escape(_sign(query))}</th>{"<td></td>" * columns}</tr>'
                       for query in self.queries)
        html = (
            f"<style>{static('atlas.css')}</style>"
            f'<figure class="aigc-atlas" data-weights="{b64encode(levels).decode("ascii")}" '
            f'style="--heads:{heads};--layers:{len(self.layers)};--ratio:{columns / rows:.3f};'
            f'--maps:url(data:image/png;base64,{b64encode(png(sprite)).decode("ascii")})">'
            f'<div class="overview"><p>{both("行：层　列：头", "rows: layers, columns: heads")}</p>'
            f'<div class="maps">{buttons}</div></div>'
            f'<div class="chosen"><p class="title"></p><table tabindex="0"><tr><td></td>{head_row}</tr>{body}</table>'
            f'<p class="asked"><b></b> → {asked}</p><p class="how">{both(*WORDS)}</p></div></figure>'
            f"<script>{static('atlas.js')}</script>"
        )
        if len(html) > BUDGET:
            raise CourseError(f"The maps of {len(self.layers)} layers and {heads} heads over {columns} tokens would "
                              f"weigh {len(html) // 1000} kB, more than {BUDGET // 1000}: show fewer layers or a "
                              "shorter text.")
        return html

    _repr_html_ = as_html

    def __repr__(self) -> str:
        return f"AttentionAtlas of {len(self.layers)} layers"


def _share(index: int, count: int) -> str:
    return f"{100 * index / max(1, count - 1):.4g}%"


def _sign(token: str) -> str:
    """What cannot be seen as a sign that can."""
    return token.translate(SIGNS)
