"""Contestants that take turns, so that all meet the same load of the machine; times are CPU seconds by default."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from aigc_course.train import Run, train

TURN = 2.0
"""CPU seconds until the next racer has its turn."""


def interleaved(contestants: Mapping[str, Callable], runs: int, clock: Callable[[], float] = time.process_time,
                ) -> tuple[dict[str, list[float]], dict[str, object]]:
    """Seconds of every contestant in each run, after one that is not counted, and what each returned last.

    clock: the time in seconds; for a GPU one that waits until the device has done all it was given.
    """
    spent, results = {name: [] for name in contestants}, {}
    for run in range(runs + 1):
        for name in list(contestants)[:: -1 if run % 2 else 1]:
            begun = clock()
            results[name] = contestants[name]()
            if run:
                spent[name].append(clock() - begun)
    return spent, results


class Racer:
    """A run with a budget of CPU seconds; a learning rate that changes with the rounds changes with the seconds.

    rate: share of the budget that is spent, 0..1 -> learning rate of every learner; None leaves their own.
    """

    def __init__(self, run: Run, batches, seconds: float, rate: Callable[[float], float] | None = None):
        self.run, self.seconds, self.spent, self.log = run, seconds, 0.0, {}
        self.logs = train(run, batches, steps=10**9)
        if rate is not None:
            for learner in run.learners.values():
                learner.lr = lambda step: rate(min(1.0, self.spent / seconds))

    def advance(self, seconds: float) -> None:
        """Train for so many CPU seconds more, at most until the budget is spent."""
        goal = min(self.spent + seconds, self.seconds)
        while self.spent < goal:
            begun = time.process_time()
            self.log = next(self.logs)
            self.spent += time.process_time() - begun


def race(racers: Sequence[Racer]) -> None:
    """Let all spend their budgets, in turns."""
    while any(racer.spent < racer.seconds for racer in racers):
        for racer in racers:
            racer.advance(TURN)
        print(f"{racers[0].spent:.0f} of {racers[0].seconds:.0f} CPU seconds each", end="\r", flush=True)
    print()
