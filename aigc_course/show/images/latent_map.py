"""A decoder inside a page: its weights travel with it, and moving over the plane draws what is decoded there."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

import numpy as np
from torch import Tensor, nn

from aigc_course.errors import CourseError
from aigc_course.show.player import BUDGET, both, static

INKS = ("#0072b2", "#c24a00", "#00785a", "#000000", "#b0427f", "#806300", "#2a86bd", "#6a3d9a", "#b87700", "#666666")
"""One for each digit, dark enough for white paper. Nobody can tell ten hues apart: each point is drawn as its glyph."""
WORDS = ("在地图上移动指针或手指，或用方向键（按住 Shift 走大步）。",
         "Move the pointer or a finger over the map, or use the arrow keys (with Shift: large steps).")


class LatentMap:
    """The plane of two latent variables: point at it, drag, or use the arrow keys, and the page decodes that point.

    It needs no kernel, neither in a page nor in JupyterLab: the browser multiplies the matrices. Without JavaScript,
    the codes are still seen.

    decoder: linear layers with ReLU between them, (N, 2) -> logits of side² pixels; other modules may only reshape.
    codes: (N, 2), means of q(z|x) of some images, drawn behind; glyphs: what stands for each of them, their classes.
    reach: the map shows −reach … reach on both axes.

    Raises: CourseError if the decoder is of another kind, its image no square, or the page would be over 200 kB.
    """

    def __init__(self, decoder: nn.Module, codes: Tensor, glyphs: Sequence[str], reach: float = 3.0):
        self.codes, self.glyphs, self.reach = codes.detach().cpu(), list(glyphs), reach
        if self.codes.shape != (len(self.glyphs), 2):
            raise ValueError(f"expected codes of shape ({len(self.glyphs)}, 2), got {tuple(self.codes.shape)}")
        kinds = [type(layer) for layer in decoder.modules() if not list(layer.children())]
        self.layers = [layer for layer in decoder.modules() if isinstance(layer, nn.Linear)]
        computing = [kind for kind in kinds if kind not in (nn.Flatten, nn.Unflatten)]
        side = int(self.layers[-1].out_features ** 0.5) if self.layers else 0
        if computing != [nn.Linear, nn.ReLU] * (len(self.layers) - 1) + [nn.Linear] or \
                self.layers[0].in_features != 2 or side**2 != self.layers[-1].out_features:
            raise CourseError("A page can draw the map of a decoder of linear layers with ReLU between them, from two "
                              "numbers to a square image: this one is "
                              f"{', '.join(kind.__name__ for kind in kinds) or 'empty'}.")

    def as_html(self) -> str:
        """One figure for both languages."""
        numbers = [part.detach().cpu().half().numpy().ravel() for layer in self.layers
                   for part in (layer.weight, layer.bias)]
        weights = b64encode(np.concatenate(numbers).astype("<f2").tobytes()).decode("ascii")
        widths = [2] + [layer.out_features for layer in self.layers]
        kinds = sorted(set(self.glyphs))
        points = "".join(
            f'<text x="{x:.2f}" y="{-y:.2f}" fill="{INKS[kinds.index(glyph) % len(INKS)]}">{glyph}</text>'
            for (x, y), glyph in zip(self.codes.tolist(), self.glyphs, strict=True)
            if max(abs(x), abs(y)) <= self.reach
        )
        r = self.reach
        ticks = [(r - 0.2, 0.15, "z₁"), (0.2, 0.15 - r, "z₂")]
        for at in range(1 - int(r), int(r)):
            ticks += [(at, r - 0.12, at), (0.12 - r, -at, at)]
        scale = "".join(f'<text class="tick" x="{x:.2f}" y="{y:.2f}">{says}</text>' for x, y, says in ticks)
        html = (
            f"<style>{static('latent_map.css')}</style>"
            f'<figure class="aigc-latent-map" data-widths="{widths}" data-reach="{r:g}" data-weights="{weights}">'
            '<div class="plane" tabindex="0" role="application" aria-roledescription="2-D slider" '
            'aria-label="潜空间：用方向键移动 / latent space: move with the arrow keys">'
            f'<svg viewBox="{-r} {-r} {2 * r} {2 * r}" aria-hidden="true">'
            f'<path class="axis" d="M{-r} 0H{r}M0 {-r}V{r}"/>{scale}<g class="codes">{points}</g>'
            '<path class="cross" d="M-.25 0H.25M0 -.25V.25M.16 0A.16 .16 0 1 1 -.16 0A.16 .16 0 1 1 .16 0"/>'
            "</svg></div>"
            '<div class="drawn"><canvas width="28" height="28" role="img"></canvas><output></output>'
            f'<p>{both(*WORDS)}</p></div></figure>'
            f"<script>{static('latent_map.js')}</script>"
        )
        if len(html) > BUDGET:
            raise CourseError(f"The map would weigh {len(html) // 1000} kB, more than {BUDGET // 1000}: give it a "
                              "narrower decoder or fewer points.")
        return html

    _repr_html_ = as_html

    def __repr__(self) -> str:
        return f"LatentMap of {len(self.glyphs)} codes"
