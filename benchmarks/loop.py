"""What the packaged loop costs against a hand-written one: the same nets, noise and batches, nine interleaved runs.

    python benchmarks/loop.py [--steps N] [--runs N]

The two loops make bit-identical updates (tests/core/test_train.py); here they are only timed. Within a run they take
turns every few steps (A B B A …) in one process, and CPU time is counted, so that a machine whose speed drifts slows
both alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial

import torch
from report import middle, write

from aigc_course.compute import seed_all
from aigc_course.data.batches import Batches
from aigc_course.models.images import dcgan, gan
from aigc_course.models.inputs import latent
from aigc_course.models.parameters import frozen
from aigc_course.train import Learner, Run, train

MINUTES = 6
TABLES = {
    "loop": "our time over that by hand: {ratio @ MLP GAN 100-128-784} (perceptrons), {ratio @ DCGAN 28×28} (DCGAN)",
}
BATCH = 64
CHUNK = 5
"""Steps that one loop makes before the other has its turn."""


def adam(net: torch.nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999))


def by_hand(g, d, opt_g, opt_d, batches, steps: range) -> None:
    """Algorithm 1 written out, as one would without the package."""
    for step in steps:
        (x,) = batches[step]
        fake = g(latent(g, len(x))).detach()
        loss_d = gan.d_cross_entropy(d(x), d(fake))
        opt_d.zero_grad()
        loss_d.backward()
        opt_d.step()
        with frozen(d):
            loss_g = gan.g_non_saturating(d(g(latent(g, len(x)))))
        opt_g.zero_grad()
        loss_g.backward()
        opt_g.step()


def packaged(run: Run, batches, steps: range) -> None:
    for _ in train(run, batches, steps.stop):
        pass


def one_run(build: Callable, batches, steps: int) -> tuple[float, float]:
    """CPU seconds of `steps` packaged and of `steps` hand-written steps, taken in turn a few at a time."""
    seed_all(0)
    games = [build() for _ in range(2)]
    optimisers = [[adam(net) for net in nets] for nets in games]
    learners = {name: Learner(net, opt) for name, net, opt in zip("gd", games[0], optimisers[0], strict=True)}
    run = Run(gan.gan_turns, learners)
    loops = partial(packaged, run, batches), partial(by_hand, *games[1], *optimisers[1], batches)
    spent = [0.0, 0.0]
    for start in range(0, steps + CHUNK, CHUNK):
        for which in (0, 1) if start % (2 * CHUNK) else (1, 0):
            begun = time.process_time()
            loops[which](range(start, start + CHUNK))
            if start:                                  # the first steps make buffers
                spent[which] += time.process_time() - begun
    return spent[0], spent[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=200, help="steps of the DCGAN; the MLP takes ten times as many")
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    torch.set_num_threads(1)

    batches = Batches((torch.rand(4096, 1, 28, 28) * 2 - 1,), BATCH)
    cases = {
        "MLP GAN 100-128-784": (lambda: (gan.MLPGenerator(), gan.MLPDiscriminator()), 10 * options.steps, 1.10),
        "DCGAN 28×28": (lambda: (dcgan.Generator(), dcgan.Discriminator()), options.steps, 1.05),
    }
    rows = []
    for name, (build, steps, bar) in cases.items():
        pairs = [one_run(build, batches, steps) for _ in range(options.runs)]
        ours, hand = zip(*pairs, strict=True)
        per_step = [middle([1e3 * t / steps for t in times], 3) for times in (ours, hand)]
        rows.append([name, steps, *per_step, middle([a / b for a, b in pairs], 3), f"≤ {bar:.2f}"])
    write("loop", "Our training loop against a hand-written one (batch 64)",
          ["model", "steps", "packaged, CPU ms/step", "by hand, CPU ms/step", "ratio", "bar"], rows,
          f"Medians (and ranges) of {options.runs} interleaved pairs; the ratio is taken pair by pair.")


if __name__ == "__main__":
    main()
