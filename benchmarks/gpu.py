"""What one large CUDA card makes of the course's training: matrix peak, MFU, images/s, resuming, fp16, decoding.

    python benchmarks/gpu.py [PART ...] [--tiny] [--out FOLDER]         (PYTHONPATH=. where the course is not installed)

About ten minutes on an H200, torch 2.11 or newer. Every part runs in a process of its own, so that none inherits
another's memory or settings, and a part that fails is a row of the table. Without CUDA the table says that nothing was
measured. `--tiny` runs every line in miniature on a CPU, prints what it finds and keeps nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import gpu_parts
import torch
from report import RESULTS, parse, write

from aigc_course.compute import Compute

MINUTES = 10
TABLES = {
    "gpu":
        "matrix peak {measured @ peak}; GPT-2 124M {measured @ gpt} of it; against the naive loop "
        "{measured @ pictures}; decoding against transformers {measured @ decoding}",
}


class Part(NamedTuple):
    question: str
    bar: str
    work: Callable[[gpu_parts.Sizes, Compute], gpu_parts.Rows]


PARTS = {
    "peak": Part("the largest rate of bf16 matrix products", "", gpu_parts.peak),
    "gpt": Part("GPT-2 124M: share of that rate (MFU), the best variant", "≥ 45 %", gpu_parts.gpt),
    "pictures": Part("images/s against the naive loop, the best variant", "≥ 10 × each", gpu_parts.pictures),
    "resume": Part("is a resumed run bit-exact with deterministic algorithms?", "yes", gpu_parts.resume),
    "fp16": Part("fp16 with loss scaling for 2,000 rounds", "all finite", gpu_parts.fp16),
    "decoding": Part("decoding with the cache at batch 1 against transformers", "≥ 2 ×", gpu_parts.decoding),
}


def measured(name: str, tiny: bool) -> list[tuple[str, str]]:
    """All rows of a part as far as it got; a failure is the last one."""
    if tiny:
        torch.set_num_threads(1)
    compute = Compute(torch.device("cpu" if tiny else "cuda"), torch.bfloat16)
    rows = []
    try:
        for row in PARTS[name].work(gpu_parts.TINY if tiny else gpu_parts.Sizes(), compute):
            rows.append(row)
            print(name, *row, flush=True)
    except Exception as error:                                         # whatever it is, the other parts go on
        rows.append(("", f"FAILED: {gpu_parts.told(error)}"))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tiny", action="store_true", help="in miniature on a CPU, keeping nothing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the table gpu.md")
    options = parse(parser, list(PARTS))
    chosen, table = options.parts, {name: [("", "not measured")] for name in PARTS}
    there = torch.cuda.is_available()

    def keep() -> None:
        rows = [[name, (what or part.question), result, "" if what else part.bar]
                for name, part in PARTS.items() for what, result in reversed(table[name])]
        write("gpu", "What one large CUDA card makes of it", ["part", "what", "measured", "bar"], rows,
              "The first row of a part is its answer. Medians (and ranges) of interleaved turns by the clock, the "
              "device idle at both ends. MFU: 6 · N FLOP a token, N without the positions, and causal attention, over "
              "the bf16 matrix rate measured before and after. Naive: benchmarks/loops.py.", options.out)

    if not there and not options.tiny:
        print("There is no CUDA card here: nothing is measured, and no table that a card has filled is touched.")
        if not (options.out / "gpu.md").exists():
            keep()
        return
    for name in chosen:
        if options.tiny:
            table[name] = measured(name, tiny=True)
            continue
        with ProcessPoolExecutor(1, get_context("spawn")) as pool:
            table[name] = pool.submit(measured, name, False).result()
        keep()
    failed = [name for name in chosen if "FAILED" in table[name][-1][1]]
    if failed:
        sys.exit("Failed: " + "; ".join(f"{name} ({table[name][-1][1]})" for name in failed))


if __name__ == "__main__":
    main()
