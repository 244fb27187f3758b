"""Wrappers of the log stream: a bar, a history, an autosave. Wrap them in any order; none changes a bit of the run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tqdm.auto import tqdm

from ..checkpoint import save
from ..distributed import world
from ..train import Log, Run

REFRESH = 20
"""Rounds between two readings of the losses: reading one waits for the device, so not every round does."""


def is_static() -> bool:
    """Whether notebooks run unwatched (authoring, tests): bars stay silent and live plots draw once, at the end."""
    return os.environ.get("AIGC_STATIC") == "1"


def scalars(log: Log) -> dict[str, float]:
    """The log's losses as floats, without the step."""
    return {key: float(value) for key, value in log.items() if key != "step"}


def progress(logs: Iterable[Log], steps: int, label: str = "") -> Iterator[Log]:
    """A bar with rate, time left and the current losses; `steps` is the round at which the run ends."""
    with tqdm(total=steps, desc=label, unit="step", disable=is_static(), mininterval=0.3) as bar:
        for log in logs:
            bar.update(log["step"] - bar.n)
            if not bar.disable and log["step"] % REFRESH == 0:
                bar.set_postfix({key: f"{value:.3f}" for key, value in scalars(log).items()}, refresh=False)
            yield log


def finish(logs: Iterable[Log], steps: int, label: str = "") -> None:
    """Take the whole run under a bar, and print the CPU seconds that it took."""
    begun = time.process_time()
    for _ in progress(logs, steps, label):
        pass
    print(f"{label or 'training'}: {time.process_time() - begun:.0f} CPU seconds")


def history(logs: Iterable[Log], into: dict[str, list[tuple[int, float]]], every: int = 1) -> Iterator[Log]:
    """Append `(step, value)` of every scalar to `into[name]`, each `every`-th round."""
    for log in logs:
        if log["step"] % every == 0:
            for key, value in scalars(log).items():
                into.setdefault(key, []).append((log["step"], value))
        yield log


def autosave(logs: Iterable[Log], run: Run, path: str | Path, every: int = 500) -> Iterator[Log]:
    """Save the run each `every`-th round, and once more when the loop ends, breaks or is interrupted.

    Several processes may be interrupted in different rounds, and can only save together: they do so when the loop ends.
    """
    saved, is_over = None, False
    try:
        for log in logs:
            if run.step % every == 0:
                save(run, path)
                saved = run.step
            yield log
        is_over = True
    finally:
        # An interrupt (Ctrl-C) inside a round leaves nets half moved: only a whole round is worth keeping.
        if saved != run.step and run.is_whole and (is_over or world() == 1):
            save(run, path)
