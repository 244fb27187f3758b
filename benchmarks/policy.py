"""Threads and precision of a CPU: every choice measured at length, against what trying it for seconds chooses.

    python benchmarks/policy.py [--runs N] [--tries N]

The default is torch's own, all cores and fp32. Times are the clock's, for threads share the work: on a machine that
others use, a thread more is worth less. The choices take turns in one process.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections import Counter

import loops
import torch
from report import middle, write

from aigc_course.data.batches import Batches
from aigc_course.models.images.dcgan import DCGANConfig
from aigc_course.models.images.vae import VAEConfig
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.policy import Choice, choose_policy
from aigc_course.train import Run

MINUTES = 10
TABLES = {
    "policy":
        "time of what was chosen, of the default's, at worst {chosen, at worst @ all}; of the fastest choice's at "
        "worst {chosen, of the fastest @ all}",
}
BAR = 1.05
"""What was chosen may take so many times the default's time."""
SMALL = DCGANConfig(), VAEConfig(), GPTConfig(3000, 64, 128, 3, 4, dropout=0.0)
LARGE = DCGANConfig(width=64), VAEConfig(hidden=(256,), width=32), GPTConfig(3000, 256, 256, 4, 4, dropout=0.0)
BATCH = {"DCGAN": 64, "VAE": 128, "GPT": 16}


def runs_to_try() -> dict[str, tuple[Run, Batches]]:
    """Small and larger nets of three families, those of the course's notebooks and several times their work."""
    found = {}
    for size, nets in (("small", SMALL), ("larger", LARGE)):
        text = nets[2]
        for name, model in loops.models(*nets).items():
            examples = (torch.randint(4, text.vocab, (512, text.context + 1)) if name == "GPT"
                        else torch.rand(512, 1, 28, 28))
            batch = BATCH[name] // 4 if (name, size) == ("GPT", "larger") else BATCH[name]
            found[f"{name}, {size}"] = loops.packaged(model, examples, batch)
    return found


def turn(run: Run, batches: Batches, choice: Choice, seconds: float = 0.3) -> float:
    """Seconds of a round, the mean of a turn."""
    choice.apply(run)
    begun, rounds = time.perf_counter(), 0
    while (spent := time.perf_counter() - begun) < seconds or rounds < 2:
        loops.more(run, batches, 1)
        rounds += 1
    return spent / rounds


def at_length(run: Run, batches: Batches, choices: list[Choice], runs: int) -> dict[Choice, list[float]]:
    """Seconds of a round under each choice in every run but the first."""
    times: dict[Choice, list[float]] = {choice: [] for choice in choices}
    for number in range(runs + 1):
        for choice in choices[:: -1 if number % 2 else 1]:
            taken = turn(run, batches, choice)
            if number:
                times[choice].append(taken)
    return times


def load() -> str:
    """Processes that want to run, the mean of the last minute; Windows does not say."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def ratio(mine: list[float], other: list[float]) -> list[float]:
    return [a / b for a, b in zip(mine, other, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--tries", type=int, default=3, help="how often the automatic choice is made")
    options = parser.parse_args()
    torch.manual_seed(0)
    before = load()
    cores = os.cpu_count()
    default = Choice(cores, "fp32")
    threads = sorted({cores, *(2**i for i in range(16) if 2**i < cores)})
    choices = [default, *(one for n in threads for name in ("fp32", "bf16") if (one := Choice(n, name)) != default)]
    rows, worst, behind = [], [], []
    for name, (run, batches) in runs_to_try().items():
        chosen = []
        for _ in range(options.tries):
            default.apply(run)
            chosen.append(choose_policy(run, batches).choice)
        times = at_length(run, batches, choices, options.runs)
        fastest = min(choices, key=lambda choice: statistics.median(times[choice]))
        against = max((ratio(times[one], times[default]) for one in chosen), key=statistics.median)
        short = max((ratio(times[one], times[fastest]) for one in chosen), key=statistics.median)
        worst.append(statistics.median(against))
        behind.append(statistics.median(short))
        rows.append([name, middle([1e3 * t for t in times[default]], 1),
                     "; ".join(f"{one}: {statistics.median(ratio(times[one], times[default])):.2f}"
                               for one in choices[1:]),
                     "; ".join(f"{one} ({n}×)" for one, n in Counter(chosen).items()), middle(against), middle(short)])
        print(rows[-1], flush=True)
    rows.append(["all", "", "", "", f"{max(worst):.2f}", f"{max(behind):.2f}"])
    torch.set_num_threads(cores)
    write("policy", "Threads and precision: what trying chooses, against every choice measured at length",
          ["model", f"default ({default}), ms a round", "each choice, of the default", "chosen", "chosen, at worst",
           "chosen, of the fastest"], rows,
          f"Seconds of the clock; medians (and ranges) of {options.runs} interleaved turns of 0.3 s or more, ratios "
          f"turn by turn. The choice was made {options.tries} times by trying for some 5 s; where it differed, the "
          f"last two columns are those of the worst one. Bar: at most {BAR} of the default's time. "
          f"Load of the machine, in processes that want to run: {before} at the start, {load()} at the end.")


if __name__ == "__main__":
    main()
