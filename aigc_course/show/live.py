"""A figure that grows while a run runs, and stays as one static figure when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

import matplotlib.pyplot as plt
from IPython.display import clear_output, display
from matplotlib.axes import Axes

from ..compute import aside
from ..train import Log
from .plots import show_curves
from .progress import is_static, scalars


def live_plot(logs: Iterable[Log], steps: int, draw: Callable[[Axes], None] | None = None, every: int = 50,
              names: Sequence[str] = (), seconds: float = 1.0) -> Iterator[Log]:
    """Plot the losses, and whatever `draw(axes)` draws (samples, say), while the run runs.

    Reads the losses each `every`-th round, redraws at most once per `seconds`, and at the end — also after `break` or
    an interrupt — leaves one figure. `draw` is called with the random streams set aside, so it may sample.
    """
    seen: dict[str, list[tuple[int, float]]] = {}
    drawn = time.monotonic()
    try:
        for log in logs:
            if log["step"] % every == 0 or log["step"] == steps:
                for key, value in scalars(log).items():
                    seen.setdefault(key, []).append((log["step"], value))
                if not is_static() and time.monotonic() - drawn > seconds and log["step"] < steps:
                    _redraw(seen, names, draw, f"step {log['step']} of {steps}")
                    drawn = time.monotonic()
            yield log
    finally:
        if seen:
            _redraw(seen, names, draw, "")


def _redraw(seen: dict, names: Sequence[str], draw: Callable[[Axes], None] | None, title: str) -> None:
    count = 2 if draw else 1
    figure, axes = plt.subplots(1, count, figsize=(4.2 * count, 3.4), layout="constrained", squeeze=False)
    show_curves(seen, axes[0, 0], names)
    if draw:
        with aside():
            draw(axes[0, 1])
    figure.suptitle(title)
    if not is_static():
        clear_output(wait=True)
    display(figure)
    plt.close(figure)
