"""How many threads and which precision a run should have on this machine: tried on a throw-away copy of it."""

from __future__ import annotations

import copy
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from .compute import PRECISIONS, aside
from .distributed import is_joined
from .train import BatchSource, Run, train

MARGIN = 0.05
"""Another choice than the default must save this share of a round's time, more than clocks on a busy machine err."""


@dataclass(frozen=True)
class Choice:
    threads: int
    """Threads of the CPU's kernels."""
    precision: str
    """A name of `PRECISIONS`."""

    def apply(self, run: Run) -> None:
        """Give this process these threads, and the run this precision."""
        torch.set_num_threads(self.threads)
        run.compute = replace(run.compute, dtype=PRECISIONS[self.precision])

    def __str__(self) -> str:
        return f"{self.threads} thread{'s' if self.threads > 1 else ''}, {self.precision}"


@dataclass(frozen=True)
class Policy:
    """What was chosen, and why."""

    choice: Choice
    ratios: dict[Choice, float]
    """Time of a round over that of the default, which comes first with 1; only itself where nothing was tried."""

    def __str__(self) -> str:
        tried = "; ".join(f"{choice}: {ratio:.2f}" for choice, ratio in self.ratios.items())
        return f"{self.choice} (time of a round, of the first as 1: {tried})"


def choose_policy(run: Run, batches: BatchSource, accumulate: int = 1, *, threads: Sequence[int] | None = None,
                  precisions: Sequence[str] | None = None, seconds: float = 5.0) -> Policy:
    """The fastest of `threads` × `precisions` for this run, tried for about `seconds`, three rounds each at least.

    The default, threads and precision as they are now, is kept unless another choice saves more than `MARGIN`. Rounds
    are played on a copy: neither the run, nor a random stream, nor the number of threads changes; `choice.apply(run)`
    does that. Call it before the run is compiled, and write the choice down: another day may choose otherwise, and only
    the same choice continues a run bit for bit.

    threads: None tries 1, 2, 4 … up to the present number on a CPU (so `OMP_NUM_THREADS` is a bound).
    precisions: None tries fp32 and bf16 on a CPU when the run is in fp32. A GPU's are not tried unless named.
    Several processes would choose differently, so with `torch.distributed` the default is kept.
    """
    default = Choice(torch.get_num_threads(), run.compute.precision)
    on_cpu = run.compute.device.type == "cpu"
    if threads is None:
        threads = [2**i for i in range(16) if 2**i < default.threads] if on_cpu else []
    if precisions is None:
        precisions = ["fp32", "bf16"] if on_cpu and default.precision == "fp32" else []
    choices = [Choice(n, name) for n in {*threads, default.threads} for name in {*precisions, default.precision}]
    choices = [default, *sorted(set(choices) - {default}, key=str)]
    if len(choices) == 1 or is_joined():
        return Policy(default, {default: 1.0})
    times = try_out(run, batches, accumulate, choices, seconds)
    ratios = {choice: statistics.median(a / b for a, b in zip(taken, times[default], strict=False))
              for choice, taken in times.items()}
    best = min(ratios, key=ratios.__getitem__)
    return Policy(best if ratios[best] < 1 - MARGIN else default, ratios)


def try_out(run: Run, batches: BatchSource, accumulate: int, choices: Sequence[Choice],
            seconds: float) -> dict[Choice, list[float]]:
    """Seconds of each of the same rounds under every choice, which take turns; hopeless ones are left out early."""
    times: dict[Choice, list[float]] = {choice: [] for choice in choices}
    before = torch.get_num_threads()
    with aside():
        tried = copy.deepcopy(run)
        try:
            begun, at = time.perf_counter(), -1                  # round −1 makes buffers and is not counted
            while at < 2 or time.perf_counter() - begun < seconds:
                for choice in list(times)[:: -1 if at % 2 else 1]:
                    choice.apply(tried)
                    tried.step = run.step + max(at, 0)
                    taken = clock(tried, batches, accumulate)
                    if at >= 0:
                        times[choice].append(taken)
                at += 1
                if at == 1:
                    bar = 1.5 * min(map(min, times.values()))
                    times = {one: taken for one, taken in times.items() if one == choices[0] or min(taken) < bar}
        finally:
            torch.set_num_threads(before)
    return times


def clock(run: Run, batches: BatchSource, accumulate: int) -> float:
    """Seconds of the run's next round."""
    run.compute.wait()
    begun = time.perf_counter()
    for _ in train(run, batches, run.step + 1, accumulate):
        run.compute.wait()
    return time.perf_counter() - begun
