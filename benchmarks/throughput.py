"""Images and tokens per CPU second: our loop, a careful and a naive one by hand, and `transformers` for GPT.

    python benchmarks/throughput.py [--runs N]

All train the same nets on one core in fp32; in every run each makes a few steps in turn. What the naive loop does is in
benchmarks/loops.py. On a CPU `.item()` waits for nothing: what it costs on a GPU is measured in benchmarks/gpu.py.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial

import loops
import torch
from decoding import gpt2
from race import interleaved
from report import middle, write

from aigc_course.models.images.dcgan import DCGANConfig
from aigc_course.models.images.vae import VAEConfig
from aigc_course.models.text.gpt import GPT, GPTConfig

MINUTES = 1
TABLES = {
    "throughput":
        "ours against the naive loop: DCGAN {ours against it @ DCGAN, naive}, VAE {ours against it @ VAE, naive}, GPT "
        "{ours against it @ GPT, naive}; GPT against transformers {ours against it @ GPT, transformers, by hand}",
}
TEXT = GPTConfig(vocab=3000, context=64, width=128, layers=3, heads=4, dropout=0.0)
SIZES = {"DCGAN": 64, "VAE": 128, "GPT": 16}
"""Examples in a batch."""
STEPS = {"DCGAN": 10, "VAE": 40, "GPT": 5}
"""Steps in a turn."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images, windows = torch.rand(4096, 1, 28, 28), torch.randint(4, TEXT.vocab, (4096, TEXT.context + 1))
    models = loops.models(DCGANConfig(), VAEConfig(), TEXT)
    theirs = replace(models["GPT"], nets=lambda: {"gpt": gpt2(GPT(TEXT), "sdpa").train()}, step=loops.transformers_step)
    rows = []
    for name, model in models.items():
        examples, size, steps = windows if name == "GPT" else images, SIZES[name], STEPS[name]
        contestants = {"ours": partial(loops.more, *loops.packaged(model, examples, size)),
                       "by hand": loops.by_hand(model, examples, size), "naive": loops.naive(model, examples, size)}
        if name == "GPT":
            contestants["transformers, by hand"] = loops.by_hand(theirs, examples, size)
        spent, _ = interleaved({who: partial(play, steps) for who, play in contestants.items()}, options.runs)
        units = steps * size * (TEXT.context if name == "GPT" else 1)
        for who, times in spent.items():
            ratios = [other / mine for other, mine in zip(times, spent["ours"], strict=True)]
            rows.append([name, who, "tokens" if name == "GPT" else "images", middle([units / t for t in times], 0),
                         middle(ratios)])
            print(rows[-1], flush=True)
    write("throughput", "Training: images and tokens per CPU second",
          ["model", "loop", "unit", "per CPU second", "ours against it"], rows,
          f"Medians (and ranges) of {options.runs} interleaved runs, ratios run by run, above 1 means that ours is "
          "faster. fp32. DCGAN 28×28, 16 wide, batch 64; VAE 784-400-20, batch 128; GPT of 3 layers, 128 wide, "
          "vocabulary 3,000, 16 windows of 64, no dropout. By hand: data in memory, fused optimiser. Naive: DataLoader "
          "without workers, the optimiser's defaults, `.item()` after every step. Both let autograd compute what D's "
          "weights are owed in G's move, which nobody uses; ours does not. transformers: "
          "`GPT2LMHeadModel`, sdpa attention, the same loop by hand.")


if __name__ == "__main__":
    main()
