"""`{concept-graph} NAME`: draws `book/diagrams/NAME.toml`, a list of edges, as SVG in the page.

A diagram has an `alt` text, nodes that stand `at = [column, row]`, and edges between them; every text is given
as `zh` and `en`. `bend` lifts an edge off the straight line (in pixels, to the left of its direction).
The SVG needs no script and takes its colours and font from the page.
"""

import tomllib
from html import escape
from math import hypot
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

DIAGRAMS = Path(__file__).parents[1] / "diagrams"
COLUMN, ROW, WIDTH, HEIGHT, MARGIN = 190, 96, 132, 48, 26


def centre(node: dict) -> tuple[float, float]:
    column, row = node["at"]
    return MARGIN + WIDTH / 2 + column * COLUMN, MARGIN + HEIGHT / 2 + row * ROW


def border(box: tuple[float, float], towards: tuple[float, float], gap: float) -> tuple[float, float]:
    """The point where the ray from a box's centre leaves the box, `gap` pixels further out."""
    dx, dy = towards[0] - box[0], towards[1] - box[1]
    reach = min(WIDTH / 2 / abs(dx) if dx else 1e9, HEIGHT / 2 / abs(dy) if dy else 1e9)
    reach += gap / hypot(dx, dy)
    return box[0] + dx * reach, box[1] + dy * reach


def edge_svg(edge: dict, boxes: dict[str, tuple[float, float]], lang: str) -> str:
    start, end = boxes[edge["from"]], boxes[edge["to"]]
    dx, dy = end[0] - start[0], end[1] - start[1]
    bend, length = edge.get("bend", 0), hypot(dx, dy)
    lift = dy / length * bend, -dx / length * bend
    middle = (start[0] + end[0]) / 2 + lift[0], (start[1] + end[1]) / 2 + lift[1]
    # the control point of a quadratic curve through `middle` lies twice as far from the chord
    control = middle[0] + lift[0], middle[1] + lift[1]
    (x1, y1), (x2, y2) = border(start, control, 2), border(end, control, 9)
    path = f'<path d="M{x1:.0f} {y1:.0f}Q{control[0]:.0f} {control[1]:.0f} {x2:.0f} {y2:.0f}" '
    path += 'class="edge" marker-end="url(#arrow)"/>'
    label, middle = escape(edge.get(lang, "")), ((x1 + 2 * control[0] + x2) / 4, (y1 + 2 * control[1] + y2) / 4)
    below = 17 if lift[1] > 0 else -7  # the label stands on the outer side of a bent edge
    return path + f'<text x="{middle[0]:.0f}" y="{middle[1]:.0f}" dy="{below}" class="label">{label}</text>'


def node_svg(node: dict, lang: str) -> str:
    x, y = centre(node)
    style = f"box {node.get('kind', '')}".strip()
    return (
        f'<rect x="{x - WIDTH / 2:.0f}" y="{y - HEIGHT / 2:.0f}" width="{WIDTH}" height="{HEIGHT}" rx="8" '
        f'class="{style}"/><text x="{x:.0f}" y="{y:.0f}" dy="5">{escape(node[lang])}</text>'
    )


def svg(diagram: dict, lang: str) -> str:
    """The diagram in one language as an SVG element of its natural size that shrinks with the page."""
    boxes = {node["id"]: centre(node) for node in diagram["node"]}
    width = max(x for x, _ in boxes.values()) + WIDTH / 2 + MARGIN
    height = max(y for _, y in boxes.values()) + HEIGHT / 2 + MARGIN
    parts = [edge_svg(edge, boxes, lang) for edge in diagram["edge"]]
    parts += [node_svg(node, lang) for node in diagram["node"]]
    arrow = (
        '<marker id="arrow" viewBox="0 0 8 8" refX="1" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z"/></marker>'
    )
    return (
        f'<svg class="concept-graph" role="img" aria-label="{escape(diagram["alt"][lang])}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}">{arrow}{"".join(parts)}</svg>'
    )


class ConceptGraph(SphinxDirective):
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        path = DIAGRAMS / f"{self.arguments[0]}.toml"
        self.env.note_dependency(str(path))
        lang = self.config.language[:2]
        return [nodes.raw("", svg(tomllib.loads(path.read_text("utf-8")), lang), format="html")]


def setup(app):
    app.add_directive("concept-graph", ConceptGraph)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
