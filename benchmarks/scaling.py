"""How time and memory of a training step grow with the batch, the length of the sequences and the size of the model.

    python benchmarks/scaling.py [time] [memory] [--runs N]

time:   CPU time of a step, the sizes in turns; y = a·x^p is fitted to the logarithms, and R² says how well it fits.
memory: bytes kept for the backward pass, counted (the same on every machine): attention by the formula and by the
        kernel against the length; a whole GPT and a DCGAN.
"""

from __future__ import annotations

import argparse
import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import loops
import torch
from race import interleaved
from report import middle, parse, write
from torch import Tensor

from aigc_course.costs.memory import saved_for_backward
from aigc_course.data.batches import Batches
from aigc_course.models.attention import attention, use_attention
from aigc_course.models.images.dcgan import DCGANConfig
from aigc_course.models.images.vae import VAEConfig
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.train import Run

MINUTES = 1
TABLES = {
    "scaling_time":
        "exponents of the time: GPT with the batch {exponent @ GPT, batch}, with the length {exponent @ GPT, length}, "
        "with the parameters {exponent @ GPT, parameters of the blocks}",
    "scaling_memory":
        "attention's bytes grow with the length to the power {exponent @ attention, the formula, length} by the "
        "formula, {exponent @ attention, the kernel, length} with the kernel",
}
TEXT = GPTConfig(vocab=512, context=1024, width=128, layers=2, heads=4, dropout=0.0)
IMAGES = DCGANConfig()


def exponent(sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
    """(p, R²) of the least-squares line through (log x, log y)."""
    x, y = [math.log(size) for size in sizes], [math.log(value) for value in values]
    return statistics.linear_regression(x, y).slope, statistics.correlation(x, y) ** 2


def gpt(batch: int, length: int, config: GPTConfig = TEXT, how: str = "auto") -> tuple[Run, Batches]:
    tokens = torch.randint(4, config.vocab, (batch, length + 1))
    run, batches = loops.packaged(loops.models(IMAGES, VAEConfig(), config)["GPT"], tokens, batch)
    use_attention(run.nets["gpt"], how)
    return run, batches


def pictures(name: str, batch: int, images: DCGANConfig = IMAGES) -> tuple[Run, Batches]:
    return loops.packaged(loops.models(images, VAEConfig(), TEXT)[name], torch.rand(batch, 1, 28, 28), batch)


def blocks(run: Run) -> int:
    """Parameters of a GPT's blocks, without embeddings."""
    return sum(p.numel() for p in run.nets["gpt"].blocks.parameters())


def times(runs: int) -> list[list[str]]:
    widths = (64, 128, 256, 512)
    cases: dict[tuple[str, str], dict[int, tuple[Run, Batches]]] = {
        ("DCGAN", "batch"): {n: pictures("DCGAN", n) for n in (8, 16, 32, 64, 128)},
        ("VAE", "batch"): {n: pictures("VAE", n) for n in (16, 32, 64, 128, 256, 512)},
        ("GPT", "batch"): {n: gpt(n, 64) for n in (1, 2, 4, 8, 16)},
        ("GPT", "length"): {n: gpt(2, n) for n in (32, 64, 128, 256, 512, 1024)},
        ("GPT, formula", "length"): {n: gpt(2, n, how="plain") for n in (32, 64, 128, 256, 512, 1024)},
        ("GPT", "parameters of the blocks"): {
            blocks(one[0]): one for one in (gpt(4, 64, replace(TEXT, width=width)) for width in widths)},
    }
    rows = []
    for (model, grows), made in cases.items():
        often = {size: max(1, max(made) // size // 4) for size in made}          # as long in a turn as the clock needs
        spent, _ = interleaved({size: partial(loops.more, *one, often[size]) for size, one in made.items()}, runs)
        steps = {size: [t / often[size] for t in taken] for size, taken in spent.items()}
        fits = [exponent(list(steps), run) for run in zip(*steps.values(), strict=True)]
        last = [math.log(b / a) / math.log(y / x) for (x, y) in [sorted(steps)[-2:]]
                for a, b in zip(steps[x], steps[y], strict=True)]
        rows.append([model, grows, ", ".join(f"{size:,}" for size in steps),
                     ", ".join(f"{1e3 * statistics.median(taken):.3g}" for taken in steps.values()),
                     middle([p for p, _ in fits]), middle([r2 for _, r2 in fits], 3), middle(last)])
        print(rows[-1], flush=True)
    return rows


def kept_by(run: Run, batches: Batches) -> int:
    """Bytes kept for the backward pass of a step, at the most."""
    with saved_for_backward(*run.nets.values()) as saved:
        loops.more(run, batches, 1)
    return saved.peak


def kept_by_attention(length: int, how: str) -> int:
    q, k, v = (torch.randn(1, 4, length, 32, requires_grad=True) for _ in range(3))
    with saved_for_backward() as saved:
        out: Tensor = attention(q, k, v, causal=True, how=how)
        kept = saved.now
    del out
    return kept


def memory() -> list[list[str]]:
    lengths, few = (256, 512, 1024, 2048, 4096), (128, 256, 512, 1024)
    cases: dict[tuple[str, str], tuple[Sequence[int], Callable[[int], int]]] = {
        ("attention, the formula", "length"): (lengths, partial(kept_by_attention, how="plain")),
        ("attention, the kernel", "length"): (lengths, partial(kept_by_attention, how="fused")),
        ("GPT, the formula", "length"): (few, lambda n: kept_by(*gpt(2, n, how="plain"))),
        ("GPT, the kernel", "length"): (few, lambda n: kept_by(*gpt(2, n, how="fused"))),
        ("GPT", "batch"): ((1, 2, 4, 8), lambda n: kept_by(*gpt(n, 64))),
        ("GPT", "width"): ((64, 128, 256, 512), lambda n: kept_by(*gpt(4, 64, replace(TEXT, width=n)))),
        ("GPT", "layers"): ((2, 4, 8, 16), lambda n: kept_by(*gpt(4, 64, replace(TEXT, layers=n)))),
        ("DCGAN", "batch"): ((8, 16, 32, 64), lambda n: kept_by(*pictures("DCGAN", n))),
        ("DCGAN", "channels"): ((8, 16, 32, 64), lambda n: kept_by(*pictures("DCGAN", 16, DCGANConfig(width=n)))),
    }
    rows = []
    for (model, grows), (sizes, kept) in cases.items():
        found = [kept(size) for size in sizes]
        slope, r2 = exponent(sizes, found)
        rows.append([model, grows, ", ".join(f"{size:,}" for size in sizes),
                     ", ".join(f"{one / 2**20:.3g}" for one in found), f"{slope:.2f}", f"{r2:.4f}",
                     f"{math.log(found[-1] / found[-2], sizes[-1] / sizes[-2]):.2f}"])
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=15)
    options = parse(parser, ["time", "memory"])
    torch.set_num_threads(1)
    size = "GPT: 2 layers, 128 wide, 4 heads, vocabulary 512, no dropout, fp32, and where it is not what grows "
    if "memory" in options.parts:
        write("scaling_memory", "How the memory of a training step grows",
              ["model", "what grows", "from … to", "MiB kept for the backward pass", "exponent", "R²",
               "exponent at the end"], memory(),
              f"Bytes of all tensors that autograd keeps, without the parameters; exact, the same on every machine. "
              f"{size}4 windows of 64 (2 windows against the length). Attention alone: 4 heads of 32, one sequence. "
              "The exponent is fitted to all sizes; the one at the end is that of the last step. tests/metrics/"
              "test_memory_saved.py holds attention's exponents to 2 and 1.")
    if "time" in options.parts:
        write("scaling_time", "How the time of a training step grows",
              ["model", "what grows", "from … to", "CPU ms a step", "exponent", "R²", "exponent at the end"],
              times(options.runs),
              f"Medians (and ranges) of {options.runs} runs, in each of which the sizes take turns; fitted run by run. "
              f"{size}4 windows of 64 (2 windows against the length, 64 positions against the batch); attention by "
              "the kernel unless the row says formula. The embeddings are no part of the parameters that grow. "
              "Exponents below 1 at small sizes are what every step costs however little it computes.")


if __name__ == "__main__":
    main()
