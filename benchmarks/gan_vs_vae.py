"""GAN against VAE: the course's conditional recipes on the same digits, given the same CPU seconds, in turns.

    python benchmarks/gan_vs_vae.py [ink] [mnist] [--seeds 5] [--seconds 33]

ink:   10,000 drawn digits, judged against 2,000 unseen ones. Also keeps what the lesson 02/04 shows:
       data/comparison/gan_vs_vae.json (every seed's numbers) and .png (samples of seed 0).
mnist: 9,000 real digits, judged against the other 1,000 (needs AIGC_DATA_MIRROR or a network).

A seed has failed when its samples are not finite, fewer than 90 % of them are read as the class that was asked for, or
their coverage is below 0.5. The limits were set before the first run.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace

import numpy as np
import torch
from PIL import Image
from race import Racer, race
from report import machine, middle, parse, write
from torch import Tensor

from aigc_course.data.images import ink, mnist
from aigc_course.errors import CourseError
from aigc_course.files import write_whole, writing
from aigc_course.metrics.fidelity import Fidelity, class_accuracy, report
from aigc_course.metrics.images.sharpness import laplacian_variance
from aigc_course.models.images.classifier import load_classifier
from aigc_course.models.images.vae import importance_weighted_bound
from aigc_course.recipes.images import gan, vae
from aigc_course.resources import resource_root
from aigc_course.schedules import one_cycle

MINUTES = 10
TABLES = {
    "gan_vs_vae_ink":
        "coverage: GAN {coverage @ GAN}, VAE {coverage @ VAE, β = 3}; sharpness {sharpness @ GAN} and {sharpness "
        "@ VAE, β = 3}",
    "gan_vs_vae_mnist":
        "coverage: GAN {coverage @ GAN}, VAE {coverage @ VAE, β = 3}; sharpness {sharpness @ GAN} and {sharpness "
        "@ VAE, β = 3}",
}
MODELS = ("GAN", "VAE, β = 3", "VAE, β = 1")
RIGHT, COVERAGE = 0.9, 0.5
"""A seed below one of them has failed."""
KEPT = 200
"""Samples of each model that the lesson shows and measures again."""
COLUMNS = {"read as asked": ("right", 3), "Fréchet distance": ("frechet", 2), "density": ("density", 2),
           "coverage": ("coverage", 3), "sharpness": ("sharpness", 2), "−ELBO": ("loss", 2), "bound": ("bound", 2),
           "CPU seconds": ("spent", 1), "rounds": ("rounds", 0)}
NOTE = ("Samples: as many as held-out images, equally many of each class; distances in the features of the course's "
        "classifier. Sharpness: mean variance of the Laplacian, over that of the held-out images; 1 is as sharp as "
        "they are. −ELBO in nats per held-out image (grey-level cross-entropy, 10 samples of z), bound: minus the "
        "importance-weighted bound with 200 samples, first 100 images. A GAN has neither: it defines no density that "
        "could be evaluated. Estimates from its samples (Parzen windows) rank models wrongly, see lesson 02/04. "
        f"Failed: samples not finite, read as asked below {RIGHT:.0%}, or coverage below {COVERAGE}.")


def gan_racer(data: tuple, seed: int, seconds: float) -> Racer:
    recipe = gan.DCGANRecipe(seed=seed)
    return Racer(gan.dcgan(recipe), gan.batches(recipe, *data), seconds, lambda share: recipe.lr * (1 - share))


def vae_racer(data: tuple, seed: int, seconds: float, beta: float) -> Racer:
    recipe = replace(vae.CONDITIONAL, seed=seed, beta=beta)
    return Racer(vae.build(recipe), vae.batches(recipe, *data), seconds,
                 lambda share: one_cycle(share * seconds, seconds, recipe.lr))


@torch.no_grad()
def judged(racer: Racer, fake: Tensor, real: Tensor, labels: Tensor, other: Tensor) -> dict:
    """All numbers of one trained model; `fake` are its samples of the classes 0, 1, …, 9 in turn."""
    judge = load_classifier()
    row = {"spent": racer.spent, "rounds": racer.run.step}
    if "vae" in racer.run.nets:
        net = racer.run.nets["vae"]
        row["loss"] = vae.held_out_loss(net, real, labels)[0]
        row["bound"] = -importance_weighted_bound(net, real[:100], labels[:100], samples=200).mean().item()
    try:
        found = report(real, other, fake, judge.features, "course classifier").fake
    except CourseError:                                             # not finite
        found = Fidelity(*[float("nan")] * 4)
    row |= {"right": class_accuracy(judge(fake).argmax(1), torch.arange(len(fake)) % 10), "frechet": found.frechet,
            "density": found.density, "coverage": found.coverage}
    row["sharpness"] = (laplacian_variance(fake).mean() / laplacian_variance(real).mean()).item()
    row["failed"] = not (row["right"] >= RIGHT and row["coverage"] >= COVERAGE)          # NaN fails as well
    return row


def compare(name: str, seeds: range, seconds: float, known: tuple, unseen: tuple, other: Tensor) -> None:
    """Train all on known = (images, labels), judge them on `unseen`, with `other` in the fakes' place as the floor."""
    results: dict[str, list[dict]] = {model: [] for model in MODELS}
    kept = {}
    for seed in seeds:
        racers = [gan_racer(known, seed, seconds), *[vae_racer(known, seed, seconds, beta) for beta in (3.0, 1.0)]]
        sizes = {model: {part: sum(p.numel() for p in net.parameters()) for part, net in racer.run.nets.items()}
                 for model, racer in zip(MODELS, racers, strict=True)}
        race(racers)
        fakes = [gan.samples(racers[0].run, len(unseen[0])),
                 *[vae.samples(racer.run.nets["vae"], len(unseen[0])) for racer in racers[1:]]]
        for model, racer, fake in zip(MODELS, racers, fakes, strict=True):
            results[model].append(judged(racer, fake, *unseen, other))
            kept.setdefault(model, fake[:KEPT])
            print(name, seed, model, results[model][-1], flush=True)
    judge = load_classifier()
    with torch.no_grad():
        floor = report(unseen[0], other, other, judge.features, "course classifier").fake
        right = class_accuracy(judge(unseen[0]).argmax(1), unseen[1])
    rows = [[model, *[middle([run[key] for run in runs], digits) if key in runs[0] else "none"
                      for key, digits in COLUMNS.values()], f"{sum(run['failed'] for run in runs)} of {len(runs)}"]
            for model, runs in results.items()]
    sharpness = (laplacian_variance(other).mean() / laplacian_variance(unseen[0]).mean()).item()
    rows.append(["other real images (the floor)", f"{right:.3f}", f"{floor.frechet:.2f}", f"{floor.density:.2f}",
                 f"{floor.coverage:.3f}", f"{sharpness:.2f}", *[""] * 5])
    weights = "; ".join(f"{model}: " + ", ".join(f"{part} {n:,}" for part, n in parts.items())
                        for model, parts in sizes.items())
    write(f"gan_vs_vae_{name}", f"GAN against VAE on {name}, {len(seeds)} seeds, equal CPU seconds in turns",
          ["model", *COLUMNS, "failed seeds"], rows, f"{NOTE} Parameters: {weights}.")
    if name == "ink":
        keep({"machine": machine(), "seconds": seconds, "limits": {"right": RIGHT, "coverage": COVERAGE},
              "parameters": sizes, "runs": results,
              "floor": {"right": right, "frechet": floor.frechet, "density": floor.density,
                        "coverage": floor.coverage, "sharpness": sharpness}}, kept)


def keep(summary: dict, samples: dict[str, Tensor]) -> None:
    """The numbers as JSON, and the samples as one picture: a row of 28×28 tiles for each model, in its order."""
    folder = resource_root() / "comparison"
    folder.mkdir(parents=True, exist_ok=True)
    strips = torch.stack([images[:, 0] for images in samples.values()])                 # (models, KEPT, 28, 28)
    pixels = strips.transpose(1, 2).flatten(2).flatten(0, 1).mul(255).round().numpy().astype(np.uint8)
    write_whole(folder / "gan_vs_vae.json", json.dumps(summary, indent=1, ensure_ascii=False) + "\n")
    with writing(folder / "gan_vs_vae.png") as partial:
        Image.fromarray(pixels).save(partial, "PNG", optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=33.0)
    options = parse(parser, ["ink", "mnist"], ["ink"])
    torch.set_num_threads(1)
    seeds = range(options.seeds)
    if "ink" in options.parts:
        known, unseen = ink(10_000, seed=1), ink(2000, seed=101)
        compare("ink", seeds, options.seconds, (known.images, known.labels), (unseen.images, unseen.labels),
                ink(2000, seed=102).images)
    if "mnist" in options.parts:
        x, y = mnist("test")
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
        known, unseen = order[:9000], order[9000:]
        compare("mnist", seeds, options.seconds, (x[known], y[known]), (x[unseen], y[unseen]), x[known[:1000]])


if __name__ == "__main__":
    main()
