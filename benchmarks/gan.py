"""The quality bars of the GAN chapter, over five seeds: median and range.

    python benchmarks/gan.py [ring] [ink] [mnist] [--seeds 5]

ring: Adam's defaults against the recipe, on eight Gaussians, and what each single change does.
ink:  the conditional DCGAN against the documents' perceptron GAN (repaired) at equal CPU seconds.
mnist: the same recipes unchanged on 9,000 real digits, judged on the other 1,000 (needs AIGC_DATA_MIRROR or a network).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict, replace

import torch
from report import middle, parse, write

from aigc_course.data import toy
from aigc_course.data.images import ink, mnist
from aigc_course.metrics.fidelity import class_accuracy, report
from aigc_course.metrics.toy import modes
from aigc_course.models.images.classifier import load_classifier
from aigc_course.recipes.images.gan import (
    VANILLA_RING,
    DCGANRecipe,
    MLPRecipe,
    RingRecipe,
    batches,
    dcgan,
    mlp_gan,
    ring_gan,
    samples,
)
from aigc_course.train import train

MINUTES = 10
TABLES = {
    "gan_ring":
        "modes, each seed: {modes covered of 8, each seed @ vanilla: Adam's default momentum 0.9, constant rate} "
        "of 8 with Adam's defaults, {modes covered of 8, each seed @ remedy: no momentum, rate falling from 0.002 "
        "to nothing} with the recipe",
    "gan_ink":
        "Fréchet distance: DCGAN {Fréchet distance @ conditional DCGAN}, MLP {Fréchet distance @ MLP GAN "
        "100-128-784}",
    "gan_mnist":
        "Fréchet distance: DCGAN {Fréchet distance @ conditional DCGAN}, MLP {Fréchet distance @ MLP GAN "
        "100-128-784}",
}
POINTS = 5000
JUDGE = "course classifier"


def ring(seeds: range) -> None:
    rows = []
    for name, base in {
        "vanilla: Adam's default momentum 0.9, constant rate": VANILLA_RING,
        "vanilla + rate falling to nothing": replace(VANILLA_RING, decay=True),
        "vanilla without momentum": replace(VANILLA_RING, beta1=0.0),
        "remedy: no momentum, rate falling from 0.002 to nothing": RingRecipe(),
    }.items():
        covered, quality, spent = zip(*[one_ring(replace(base, seed=seed)) for seed in seeds], strict=True)
        print(name, covered, quality, flush=True)
        rows.append([name, " ".join(map(str, covered)), middle(quality, 3), middle(spent, 1)])
    write("gan_ring", f"Modes of the ring of eight Gaussians, {len(seeds)} seeds",
          ["recipe", "modes covered of 8, each seed", "high-quality share", "CPU seconds"], rows,
          f"{VANILLA_RING.steps} rounds of batch {VANILLA_RING.batch}; {POINTS} generated points. High quality: within "
          f"3 sigma of a mode. Covered: at least {POINTS // 100} high-quality points (1 %; a fair share is 12.5 %).")


def one_ring(recipe: RingRecipe) -> tuple[int, float, float]:
    """Modes covered, high-quality share, CPU seconds of one run."""
    run, data = ring_gan(recipe), batches(recipe, toy.ring(20_000, seed=1))
    start = time.process_time()
    play(run, data, recipe.steps)
    spent = time.process_time() - start
    found = modes(samples(run, POINTS), toy.RING.centres, toy.RING.sigma, at_least=POINTS // 100)
    return found.covered, found.high_quality, spent


def play(run, data, steps: int) -> None:
    for _ in train(run, data, steps):
        pass


def images(name: str, seeds: range, data: tuple, real: torch.Tensor, other: torch.Tensor) -> None:
    """Train both recipes on data = (images, labels); judge against `real`, with `other` as the floor."""
    results: dict[str, list[dict]] = {"conditional DCGAN": [], "MLP GAN 100-128-784": []}
    for seed in seeds:
        start = time.process_time()
        recipe = DCGANRecipe(seed=seed)
        run = dcgan(recipe)
        play(run, batches(recipe, *data), recipe.steps)
        spent = time.process_time() - start
        results["conditional DCGAN"].append(judge(run, real, other, recipe.steps, spent))
        results["MLP GAN 100-128-784"].append(perceptrons(seed, spent, data[0], real, other))
        print(name, seed, {key: rows[-1] for key, rows in results.items()}, flush=True)
    rows = [[key, *[middle([row[k] for row in found], digits) for k, digits in COLUMNS.values()]]
            for key, found in results.items()]
    floor = results["conditional DCGAN"][0]["floor"]
    distances = [f"{floor[k]:.3f}" for k, _ in list(COLUMNS.values())[3:]]
    rows.append(["other real images (the floor)", "", "", "", *distances])
    ratio = [a["frechet"] / b["frechet"] for a, b in zip(*results.values(), strict=True)]
    write(f"gan_{name}", f"GANs on {name}, {len(seeds)} seeds, equal CPU seconds", ["generator", *COLUMNS], rows,
          f"Distances in the features of the {JUDGE}, {len(real)} generated against {len(real)} held-out real images. "
          f"Fréchet distance, DCGAN over MLP: {middle(ratio, 3)}. The MLP GAN knows no classes: it is read as asked "
          "by chance.")


COLUMNS = {"steps": ("steps", 0), "CPU seconds": ("spent", 0), "read as asked": ("right", 3),
           "Fréchet distance": ("frechet", 2), "kernel distance": ("kernel", 3), "density": ("density", 3),
           "coverage": ("coverage", 3)}


def perceptrons(seed: int, seconds: float, x: torch.Tensor, real: torch.Tensor, other: torch.Tensor) -> dict:
    """The MLP GAN, given as many rounds as fit into `seconds` at the rate of its first 300."""
    recipe = MLPRecipe(seed=seed)
    start = time.process_time()
    play(mlp_gan(recipe), batches(recipe, x), 300)
    recipe = replace(recipe, steps=int(300 * seconds / (time.process_time() - start)))
    start = time.process_time()
    run = mlp_gan(recipe)
    play(run, batches(recipe, x), recipe.steps)
    return judge(run, real, other, recipe.steps, time.process_time() - start)


@torch.no_grad()
def judge(run, real: torch.Tensor, other: torch.Tensor, steps: int, spent: float) -> dict:
    net, fake = load_classifier(), samples(run, len(real))
    found = report(real, other, fake, net.features, JUDGE)
    right = class_accuracy(net(fake).argmax(1), torch.arange(len(fake)) % 10)
    return {"steps": steps, "spent": spent, "right": right, **asdict(found.fake), "floor": asdict(found.floor)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    options = parse(parser, ["ring", "ink", "mnist"], ["ring", "ink"])
    torch.set_num_threads(1)
    seeds = range(options.seeds)
    if "ring" in options.parts:
        ring(seeds)
    if "ink" in options.parts:
        drawn = ink(10_000, seed=1)
        images("ink", seeds, (drawn.images, drawn.labels), ink(2000, seed=101).images, ink(2000, seed=102).images)
    if "mnist" in options.parts:
        x, y = mnist("test")
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
        train_rows, held_out = order[:9000], order[9000:]
        images("mnist", seeds, (x[train_rows], y[train_rows]), x[held_out], x[train_rows[:1000]])


if __name__ == "__main__":
    main()
