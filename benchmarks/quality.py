"""How long each family trains until it reaches a stated quality on unseen data: CPU seconds of one core, several seeds.

    python benchmarks/quality.py [FAMILY ...] [--seeds 3] [--whole]

The families, data and measures are those of `aigc train NAME`, the settings its preset for laptops on a shorter
schedule. Quality is measured every so many rounds, on the side: only training counts. The first time it is good enough
ends the run (`--whole` goes on to the end of the schedule and writes no table).
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from report import middle, parse, write

from aigc_course.compute import Compute
from aigc_course.errors import CourseError
from aigc_course.recipes.catalogue import family
from aigc_course.train import train

MINUTES = 17
TABLES = {
    "quality":
        "CPU seconds to the goal: DCGAN {CPU seconds to the goal @ dcgan}, VAE {CPU seconds to the goal @ vae}, LSTM "
        "{CPU seconds to the goal @ lstm}, GPT {CPU seconds to the goal @ gpt}, Transformer "
        "{CPU seconds to the goal @ transformer}",
}


@dataclass(frozen=True)
class Goal:
    data: str
    measure: str
    """The beginning of its name in `Job.measure`."""
    enough: float
    steps: int
    """Rounds of the schedule."""
    every: int
    """Rounds between two looks."""
    low: bool = False
    """Whether less is better."""
    net: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the net that the preset has otherwise."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Other such settings."""

    def reached(self, value: float) -> bool:
        return value <= self.enough if self.low else value >= self.enough


GOALS = {
    "gan": Goal("ring", "modes covered", 8, steps=4000, every=200, net={"z_dim": 2, "hidden": (64, 64, 64)},
                more={"batch": 128, "lr": 2e-3, "beta1": 0.0, "beta2": 0.99, "ema": None}),
    "dcgan": Goal("ink", "read as the class", 0.8, steps=1000, every=200),
    "vae": Goal("ink", "read as the class", 0.9, steps=1500, every=300),
    "classifier": Goal("ink", "unseen ink read right", 0.95, steps=300, every=50),
    "lstm": Goal("verse", "perplexity", 8, steps=2000, every=250, low=True),
    "seq2seq": Goal("reversal", "unseen words", 0.9, steps=1000, every=100),
    "transformer": Goal("reversal", "unseen words", 0.9, steps=800, every=100),
    "translate": Goal("tatoeba", "nats per character", 3.5, steps=400, every=100, low=True),
    "gpt": Goal("verse", "perplexity", 7, steps=1000, every=200, low=True),
    "bert": Goal("verse", "hidden characters", 0.2, steps=750, every=125),
}
"""Set after one look at seed 100, which is not among the seeds measured."""


def seconds(name: str, goal: Goal, seed: int, whole: bool) -> tuple[float | None, float]:
    """CPU seconds of training until the goal, None if the schedule ends before, and the last value measured."""
    found = family(name)
    config = replace(found.presets["laptop"], steps=goal.steps, seed=seed, **goal.more)
    if goal.net:
        config = replace(config, net=replace(config.net, **goal.net))
    job = found.job(config, goal.data, Compute())
    spent, reached, rounds = 0.0, None, train(job.run, job.batches, goal.steps)
    while job.run.step < goal.steps:
        begun = time.process_time()
        for _ in range(goal.every):
            next(rounds)
        spent += time.process_time() - begun
        (value,) = [value for measure, value in job.measure().items() if measure.startswith(goal.measure)]
        print(f"{name}, seed {seed}: {goal.measure} {value:.3f} after {job.run.step} rounds, {spent:.1f} s", flush=True)
        if reached is None and goal.reached(value):
            reached = spent
            if not whole:
                break
    return reached, value


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--whole", action="store_true", help="look at one other seed to the end, and keep nothing")
    options = parse(parser, list(GOALS))
    torch.set_num_threads(1)
    if options.whole:
        for name in options.parts:
            seconds(name, GOALS[name], 100, whole=True)
        return
    rows = []
    for name, goal in GOALS.items():
        if name not in options.parts:
            rows.append([name, goal.data, "not measured", "", "", "", ""])
            continue
        try:
            taken, values = zip(*(seconds(name, goal, seed, False) for seed in range(options.seeds)), strict=True)
        except CourseError as error:                                   # real data that is not there
            print(error, flush=True)
            rows.append([name, goal.data, "the data could not be had", "", "", "", ""])
            continue
        there = [t for t in taken if t is not None]
        rows.append([name, goal.data, f"{goal.measure} {'≤' if goal.low else '≥'} {goal.enough:g}",
                     middle(there, 1) if there else "not reached", f"{len(there)} of {len(taken)}",
                     f"{statistics.median(values):.3g}", goal.steps])
    write("quality", "CPU seconds of training to a stated quality on unseen data",
          ["family", "data", "goal", "CPU seconds to the goal", "seeds that reached it", "last value, median",
           "rounds"],
          rows,
          f"Medians (and ranges) of the seeds, of {options.seeds}, that reached the goal. `aigc train FAMILY --preset "
          "laptop` with as many rounds as the last column says; quality is measured "
          + ", ".join(f"every {goal.every} rounds ({name})" for name, goal in GOALS.items()) + ", which is how finely "
          "time is known, and not counted. The goals were set after one look at another seed.")


if __name__ == "__main__":
    main()
