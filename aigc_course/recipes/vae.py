"""Trained autoencoders of handwriting: plain, denoising, variational, conditional, and the latent map.

    config = VAERecipe()
    run = build(config)
    for log in train(run, batches(config, drawn.images), config.steps): ...
    images = samples(run.nets["vae"], 100, seed=0)

`python -m aigc_course.recipes.vae` trains the weights that come with the course.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data import Batches, ink
from aigc_course.errors import CourseError
from aigc_course.metrics.fidelity import class_accuracy, report
from aigc_course.models.classifier import load_classifier
from aigc_course.models.gan import latent
from aigc_course.models.vae import (
    MAP_WEIGHTS,
    TRAINED,
    TRAINED_MAP,
    VAE,
    WEIGHTS,
    VAEConfig,
    active_units,
    add_noise,
    ae_turns,
    elbo,
    encode,
    load_vae,
    sample,
    vae_turns,
    warm_up,
)
from aigc_course.recipes.classifier import one_cycle
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Run, train
from aigc_course.weights import save_weights


@dataclass(frozen=True)
class VAERecipe:
    """The defaults are the plain 784-400-20 Bernoulli VAE that the benchmark measures others against."""

    net: VAEConfig = VAEConfig()
    steps: int = 2000
    batch: int = 128
    lr: float = 1e-3
    cycle: bool = False
    """Whether the learning rate climbs to `lr` and falls to nothing (one cycle) instead of staying at it."""
    beta: float = 1.0
    warm_up: int = 0
    """Rounds in which β climbs from 0."""
    free_bits: float = 0.0
    seed: int = 0


CONDITIONAL = VAERecipe(net=TRAINED, steps=5000, batch=64, lr=4e-3, cycle=True, beta=3.0)
"""The run behind the conditional weights that come with the course.

At β = 1 each class leaves parts of the prior empty, and what is decoded there is often no digit; β = 3 pulls the codes
together, which costs some 8 nats of −ELBO (data/models/ink_vae.md has both).
"""
MAP = VAERecipe(net=TRAINED_MAP, steps=10_000, batch=128, lr=3e-3, cycle=True)
"""The run behind the weights of the latent map."""
REAL = VAERecipe(net=VAEConfig(z_dim=24, hidden=(128,), width=16, activation="gelu"), steps=6000, batch=32, lr=4e-3,
                 cycle=True)
"""For some thousand real digits, which a net without convolutions soon knows by heart: about a minute of one core."""


def build(config: VAERecipe = VAERecipe(), compute: Compute = Compute()) -> Run:
    """A variational autoencoder as learner "vae"; train with `batches(config, images[, labels])`."""
    beta = warm_up(config.warm_up, config.beta) if config.warm_up else config.beta
    return _run(config, compute, partial(vae_turns, beta=beta, free_bits=config.free_bits))


def build_plain(config: VAERecipe = VAERecipe(), compute: Compute = Compute(), noise: float = 0.0) -> Run:
    """A plain autoencoder; with `noise`, the standard deviation of what is added to its input, a denoising one."""
    return _run(config, compute, partial(ae_turns, corrupt=partial(add_noise, sd=noise)) if noise else ae_turns)


def _run(config: VAERecipe, compute: Compute, objective) -> Run:
    seed_all(config.seed)
    net = VAE(config.net).to(compute.device)
    opt = torch.optim.Adam(net.parameters(), config.lr, fused=True)
    lr = partial(one_cycle, steps=config.steps, peak=config.lr) if config.cycle else None
    return Run(objective, {"vae": Learner(net, opt, lr=lr)}, compute)


def batches(config: VAERecipe, images: Tensor, labels: Tensor | None = None) -> Batches:
    """Batches for a recipe: (images,) or (images, labels).

    Raises CourseError when images for Bernoulli pixels leave [0, 1].
    """
    if config.net.likelihood == "bernoulli" and (images.min() < 0 or images.max() > 1):
        raise CourseError(f"Bernoulli pixels lie in [0, 1], these from {images.min():.2f} to {images.max():.2f}: "
                          "rescale the images, or choose likelihood='gaussian'.")
    return Batches((images,) if labels is None else (images, labels), config.batch, config.seed)


def samples(net: VAE, n: int, seed: int = 0, classes: Tensor | None = None) -> Tensor:
    """n images (n, *shape) decoded from samples of the prior, with random numbers of their own.

    classes: (n,) labels for a conditional net; None asks for 0, 1, …, K−1 in turn.
    """
    if classes is None and net.classes:
        classes = torch.arange(n) % net.classes
    with aside(seed):
        z = latent(net, n)
    return sample(net, z, None if classes is None else classes.to(z.device))


def held_out_loss(net: VAE, x: Tensor, y: Tensor | None = None, draws: int = 10, seed: int = 0) -> tuple[float, float]:
    """−ELBO and KL, nats per image, averaged over the images and `draws` samples of z for each."""
    with aside(seed):
        terms = [elbo(net, x, y) for _ in range(draws)]
    kl = terms[0][1].sum(dim=1).mean().item()
    return sum(rec.mean().item() for rec, _ in terms) / draws + kl, kl


def main(
    which: Annotated[str, typer.Argument(help="conditional, map or both")] = "both",
    seed: int = 0,
    folder: Annotated[Path, typer.Option(help="Where to write the weights.")] = resource_root(),
) -> None:
    """Train the course's VAEs on ink digits, report their quality, write their weights."""
    for name, recipe, weights in (("conditional", CONDITIONAL, WEIGHTS), ("map", MAP, MAP_WEIGHTS)):
        if which in (name, "both"):
            _train_and_report(replace(recipe, seed=seed), folder / weights)


def _train_and_report(config: VAERecipe, out: Path) -> None:
    drawn, unseen, other = ink(20_000, seed=1 + config.seed), ink(2000, seed=101), ink(2000, seed=102)

    def given(data) -> tuple[Tensor, ...]:
        return (data.images, data.labels) if config.net.classes else (data.images,)

    run = build(config, Compute.best())
    finish(train(run, batches(config, *given(drawn)), config.steps), config.steps, "vae")
    out.parent.mkdir(parents=True, exist_ok=True)
    save_weights(run.nets["vae"].cpu(), out)
    print(f"wrote {out.name} ({out.stat().st_size / 1024:.0f} KiB)")

    net, judge = load_vae(out, config.net), load_classifier()               # what is reported is what others load
    loss, kl = held_out_loss(net, *given(unseen))
    active = int(active_units(encode(net, *given(unseen))[0]).sum())
    print(f"unseen ink: -ELBO {loss:.2f} nats, of which KL {kl:.2f}; {active} of {net.z_dim} units active")
    images = samples(net, 2000)
    with torch.no_grad():
        print(report(unseen.images, other.images, images, judge.features, "course classifier"))
        if net.classes:
            right = class_accuracy(judge(images).argmax(1), torch.arange(2000) % net.classes)
            print(f"read as the class asked for: {right:.2%}")


if __name__ == "__main__":
    typer.run(main)
