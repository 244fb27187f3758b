"""The course's graph of concepts, data/concepts.toml, as a drawing."""

from __future__ import annotations

import tomllib
from typing import Any

import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from aigc_course.resources import resource
from aigc_course.show.plots import BLUE, ORANGE

STYLES: dict[str, dict[str, Any]] = {  # kind of edge: how its arrow looks
    "contains": {"color": "0.45", "linestyle": "-"},
    "uses": {"color": BLUE, "linestyle": ":"},
    "descends from": {"color": ORANGE, "linestyle": "--"},
}


def load_concepts() -> dict:
    """The graph: `node`, a list of tables with id, zh, en and at; `edges`, kind -> pairs of ids (from, to)."""
    return tomllib.loads(resource("concepts.toml").read_text("utf-8"))


def show_concepts(graph: dict, ax: Axes | None = None) -> Axes:
    """Draw every node, and every edge as one arrow; the arrow's gid is its kind and ends, `uses: CV > CNN`."""
    ax = ax or plt.subplots(figsize=(9, 4.6), layout="constrained")[1]
    place = {node["id"]: node["at"] for node in graph["node"]}
    boxes = {name: ax.text(x, y, name, ha="center", va="center", fontsize=9,
                           bbox={"boxstyle": "round", "facecolor": "white", "edgecolor": "0.6"})
             for name, (x, y) in place.items()}
    for kind, pairs in graph["edges"].items():
        ax.plot([], [], label=kind, **STYLES[kind])
        for start, end in pairs:
            ends = {"patchA": boxes[start].get_bbox_patch(), "patchB": boxes[end].get_bbox_patch()}
            arrow = ax.annotate("", place[end], place[start],
                                arrowprops={"arrowstyle": "->", "shrinkA": 1, "shrinkB": 1, **ends, **STYLES[kind]})
            arrow.set_gid(f"{kind}: {start} > {end}")
    ax.legend(loc="upper right", fontsize=8)
    ax.set(xlim=(-0.7, 9.4), ylim=(0, 5.3))
    ax.set_axis_off()
    return ax
