"""Each option of a training step on and off: what it saves of time and of memory for a DCGAN, a VAE and a GPT.

    python benchmarks/options.py [--runs N] [--device cpu|cuda] [--tiny]

Off is the plain step: fp32, as written, the optimiser's loop over parameters, images row by row. All variants of a
model are in one process and take turns. On a CPU its time is counted, on a GPU that of the clock when it has finished.
Memory is what autograd keeps for the backward pass, counted in bytes.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass, replace

import loops
import torch
from race import interleaved
from report import middle, write

from aigc_course.compute import Compute, tf32
from aigc_course.costs.memory import saved_for_backward
from aigc_course.models.images.dcgan import DCGANConfig
from aigc_course.models.images.vae import VAEConfig
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.speed import Speed, compiler_trouble, speed_up
from aigc_course.train import Run

MINUTES = 5
TABLES = {
    "options":
        "time of a step with the option, of that without: compiled DCGAN {time @ DCGAN, compile}, VAE "
        "{time @ VAE, compile}, GPT {time @ GPT, compile}; in bf16 DCGAN {time @ DCGAN, bf16}, VAE "
        "{time @ VAE, bf16}, GPT {time @ GPT, bf16}; blocks of a GPT computed again {time @ GPT, recompute}, with "
        "{memory @ GPT, recompute} of the memory",
    "options_gpu":
        "on a CUDA card, time of a step with the option, of that without: compiled, bf16 DCGAN "
        "{time @ DCGAN, compile, bf16}, VAE {time @ VAE, compile, bf16}, GPT {time @ GPT, compile, bf16}",
}
PAYS = {"time": 0.95, "memory": 0.8}
"""An option pays when it brings one of the two to this share …"""
COSTS = {"time": 1.5, "memory": 1.05}
"""… and the other to no more than this."""


@dataclass(frozen=True)
class Case:
    """Sizes that are a tenth of a second on one core, or what a large card is for."""

    images: DCGANConfig
    codes: VAEConfig
    text: GPTConfig
    batch: dict[str, int]
    steps: int


CASES = {
    "cpu": Case(DCGANConfig(), VAEConfig(hidden=(128,), width=16), GPTConfig(3000, 64, 128, 3, 4, dropout=0.1),
                {"DCGAN": 64, "VAE": 64, "GPT": 16}, 6),
    "cuda": Case(DCGANConfig(width=64, z_dim=100), VAEConfig(hidden=(512,), width=64), GPTConfig(dropout=0.0),
                 {"DCGAN": 1024, "VAE": 1024, "GPT": 8}, 20),
    "tiny": Case(DCGANConfig(size=8, width=4, z_dim=4), VAEConfig(shape=(1, 8, 8), hidden=(8,), width=4),
                 GPTConfig(40, 16, 16, 2, 2, dropout=0.1), {"DCGAN": 8, "VAE": 8, "GPT": 4}, 2),
}
PLAIN = Speed(fused=False, tf32=False)


def variants(name: str, device: str, compiles: bool) -> dict[str, tuple[str, Speed]]:
    """Option -> (precision, Speed); the first is without any."""
    found = {"none": ("fp32", PLAIN), "fused": ("fp32", replace(PLAIN, fused=True)),
             "bf16": ("bf16", PLAIN), "fp16 with loss scaling": ("fp16", PLAIN)}
    if name == "GPT":
        found["recompute"] = "fp32", replace(PLAIN, recompute=True)
    else:
        found["channels last"] = "fp32", replace(PLAIN, channels_last=True)
        found["channels last, bf16"] = "bf16", replace(PLAIN, channels_last=True)
    if compiles:
        found["compile"] = "fp32", replace(PLAIN, compile=True)
        found["compile, bf16"] = "bf16", replace(PLAIN, compile=True)
        found["fused, compile, bf16"] = "bf16", replace(PLAIN, fused=True, compile=True)
    if device == "cuda":
        found["TF32"] = "fp32", replace(PLAIN, tf32=True)
        if compiles:
            found["CUDA graphs, bf16"] = "bf16", replace(PLAIN, graphs=True)
    return found


class Contestant:
    """A run with its options; `play()` makes a turn of steps."""

    def __init__(self, model: loops.Model, examples: torch.Tensor, size: int, steps: int, compute: Compute,
                 speed: Speed):
        self.run, self.batches = loops.packaged(model, examples, size, compute)
        for learner in self.run.learners.values():
            learner.opt = model.optimiser(learner.net.parameters())              # `loops` has them fused
        speed_up(self.run, hot(self.run), speed)
        self.steps, self.tf32 = steps, speed.tf32
        begun = time.perf_counter()
        self.play(1)
        self.first = time.perf_counter() - begun
        with saved_for_backward(*self.run.nets.values()) as saved:
            self.play(1)
        self.kept = saved.peak

    def play(self, steps: int | None = None) -> None:
        tf32(self.tf32)                                                          # one switch for the whole process
        loops.more(self.run, self.batches, steps or self.steps)
        self.run.compute.wait()


def hot(run: Run) -> list[torch.nn.Module]:
    """What the objectives call: of a VAE its parts, else the nets."""
    if "vae" in run.nets:
        net = run.nets["vae"]
        return [net.stem, net.encoder, net.decoder]
    return list(run.nets.values())


def verdict(ratios: dict[str, float]) -> str:
    """Whether an option pays, and in what."""
    gains = [what for what, ratio in ratios.items() if ratio < PAYS[what]]
    pays = gains and all(ratio < COSTS[what] for what, ratio in ratios.items())
    return f"yes: {' and '.join(gains)}" if pays else "no"


def measure(case: Case, device: str, runs: int) -> list[list[str]]:
    images = torch.rand(2048, *case.codes.shape)
    windows = torch.randint(4, case.text.vocab, (2048 if device == "cpu" else 256, case.text.context + 1))
    compiles = not compiler_trouble(device)
    torch._dynamo.config.recompile_limit = 100           # the variants share the code of a class
    rows = []
    for name, model in loops.models(case.images, case.codes, case.text).items():
        racers = {}
        for option, (precision, speed) in variants(name, device, compiles).items():
            examples = windows if name == "GPT" else images
            racers[option] = Contestant(model, examples, case.batch[name], case.steps,
                                        Compute.choose(device, precision), speed)
        clock = time.process_time if device == "cpu" else time.perf_counter
        spent, _ = interleaved({option: racer.play for option, racer in racers.items()}, runs, clock)
        for option, times in spent.items():
            ratios = [mine / plain for mine, plain in zip(times, spent["none"], strict=True)]
            memory = racers[option].kept / racers["none"].kept
            rows.append([name, option, middle(ratios), middle([1e3 * t / case.steps for t in times], 1),
                         f"{memory:.2f}", f"{racers[option].kept / 1e6:.2f}", f"{racers[option].first:.1f}",
                         "" if option == "none" else verdict({"time": statistics.median(ratios), "memory": memory})])
            print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--tiny", action="store_true", help="the smallest sizes, nothing is written")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    case = CASES["tiny" if options.tiny else options.device]
    rows = measure(case, options.device, options.runs)
    if options.tiny:
        return
    trouble = compiler_trouble(options.device)
    write("options" if options.device == "cpu" else "options_gpu", f"Options of a training step, on {options.device}",
          ["model", "option", "time", f"{'CPU ' if options.device == 'cpu' else ''}ms a step", "memory",
           "kept for backward, MB", "first round, s", "pays"], rows,
          f"Time and memory as shares of those of `none`: medians (and ranges) of {options.runs} interleaved runs of "
          f"{case.steps} steps, run by run. An option pays that brings time below {PAYS['time']} or memory below "
          f"{PAYS['memory']}, and time to at most {COSTS['time']} and memory to at most {COSTS['memory']}. Batches: "
          + ", ".join(f"{name} {size}" for name, size in case.batch.items())
          + f"; {case.images}; {case.codes}; {case.text}. The first round, by the clock on the wall, includes "
          "compilation, where the machine has no cache of it. "
          + (f"torch.compile does not work on this machine ({trouble}). " if trouble else "")
          + ("CUDA graphs and TF32 need a CUDA card." if options.device == "cpu" else ""))


if __name__ == "__main__":
    main()
