"""Trained GANs: on the ring of eight Gaussians, with perceptrons on images, and DCGAN.

    config = DCGANRecipe()
    run = dcgan(config)
    for log in train(run, batches(config, drawn.images, drawn.labels), config.steps): ...
    images = samples(run, 100, seed=0)

`python -m aigc_course.recipes.gan` trains the generator whose weights come with the course.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
import typer
from torch import Tensor, nn

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data import Batches, ink
from aigc_course.errors import CourseError
from aigc_course.metrics.fidelity import class_accuracy, report
from aigc_course.models.classifier import load_classifier
from aigc_course.models.dcgan import TRAINED, VARIANTS, WEIGHTS, DCGANConfig, Discriminator, Generator, moving_average
from aigc_course.models.gan import (
    MLPConfig,
    MLPDiscriminator,
    MLPGenerator,
    gan_turns,
    latent,
    sample,
    zero_centred_penalty,
)
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Objective, Run, train
from aigc_course.weights import save_weights


@dataclass(frozen=True)
class RingRecipe:
    """Perceptrons on the ring. The defaults cover all eight modes; `VANILLA_RING` is Adam as most people call it."""

    net: MLPConfig = MLPConfig(shape=(2,), z_dim=2, hidden=(64, 64, 64))
    steps: int = 4000
    batch: int = 128
    lr: float = 2e-3
    beta1: float = 0.0  # momentum turns the game's spiral outwards (Gidel et al. 2019, arXiv 1807.04740)
    beta2: float = 0.99
    decay: bool = True  # lower the learning rate linearly to nothing
    ema: float | None = None
    penalty: float = 0.0  # weight of the zero-centred gradient penalty
    seed: int = 0


VANILLA_RING = RingRecipe(lr=1e-3, beta1=0.9, beta2=0.999, decay=False)


@dataclass(frozen=True)
class MLPRecipe:
    """The documents' 100-128-784 GAN, repaired: two optimisers, alternating moves, tanh for pixels in (−1, 1)."""

    net: MLPConfig = MLPConfig(shape=(1, 28, 28), z_dim=100, hidden=(128,))
    steps: int = 8000
    batch: int = 64
    lr: float = 2e-4
    beta1: float = 0.5
    beta2: float = 0.999
    decay: bool = True
    ema: float = 0.99
    seed: int = 0


@dataclass(frozen=True)
class DCGANRecipe:
    """Convolutional, class-conditional. Many small steps beat few large ones on one core: narrow nets, small batch."""

    net: DCGANConfig = DCGANConfig(classes=10)
    variant: str = "dcgan"  # "hinge" and "wgan-gp": see VARIANTS; set net.d_norm to match
    steps: int = 1500
    batch: int = 32
    lr: float = 4e-3
    beta1: float = 0.5
    beta2: float = 0.99
    decay: bool = True
    ema: float = 0.99
    seed: int = 0


FULL = DCGANRecipe(net=TRAINED, steps=8000, lr=2e-3, ema=0.999)
"""The run behind the weights that come with the course."""


def ring_gan(config: RingRecipe = RingRecipe(), compute: Compute = Compute()) -> Run:
    """Perceptrons on points in the plane; train with `batches(config, toy.ring(20_000))`."""
    penalty = partial(gan_turns, penalty=zero_centred_penalty, weight=config.penalty)
    return _game(config, compute, MLPGenerator, MLPDiscriminator, penalty if config.penalty else gan_turns)


def mlp_gan(config: MLPRecipe = MLPRecipe(), compute: Compute = Compute()) -> Run:
    """Perceptrons on 28×28 images; train with `batches(config, images)`."""
    return _game(config, compute, MLPGenerator, MLPDiscriminator, gan_turns)


def dcgan(config: DCGANRecipe = DCGANRecipe(), compute: Compute = Compute()) -> Run:
    """Convolutions on images; train with `batches(config, images, labels)`, without labels if `net.classes` is None.

    Raises CourseError when `net.d_norm` is not the one that the variant needs.
    """
    objective, norm = VARIANTS[config.variant]
    if config.net.d_norm != norm:
        raise CourseError(f"The variant {config.variant!r} needs DCGANConfig(d_norm={norm!r}), "
                          f"not {config.net.d_norm!r}: change one of the two.")
    return _game(config, compute, Generator, Discriminator, objective)


def _game(config, compute: Compute, generator: Callable, discriminator: Callable, objective: Objective) -> Run:
    """Both nets, seeded, with an optimiser each."""
    seed_all(config.seed)
    g, d = generator(config.net).to(compute.device), discriminator(config.net).to(compute.device)

    def learner(net: nn.Module, **options) -> Learner:
        opt = torch.optim.Adam(net.parameters(), config.lr, (config.beta1, config.beta2), fused=True)
        return Learner(net, opt, lr=partial(linear_decay, config.lr, config.steps) if config.decay else None, **options)

    ema = moving_average(g, config.ema) if config.ema else None
    return Run(objective, {"g": learner(g, ema=ema), "d": learner(d)}, compute)


def linear_decay(peak: float, steps: int, step: int) -> float:
    """Learning rate of round `step` (from 0): from `peak` in a straight line to nothing at `steps`."""
    return peak * max(0.0, 1 - step / steps)


def batches(config, examples: Tensor, labels: Tensor | None = None) -> Batches:
    """Batches for a recipe: images in [0, 1] become (−1, 1), the generator's range; points stay as they are."""
    scaled = examples * 2 - 1 if examples.ndim == 4 else examples
    return Batches((scaled,) if labels is None else (scaled, labels), config.batch, config.seed)


def samples(run: Run, n: int, seed: int = 0, classes: Tensor | None = None) -> Tensor:
    """n examples of the run's generator: points (n, 2), or images (n, 1, H, W) in [0, 1].

    Taken from the moving average where there is one, in evaluation mode and with random numbers of their own, so
    that looking changes nothing of the run. classes: (n,) labels for a conditional generator; None asks for
    0, 1, …, K−1 in turn.
    """
    learner = run.learners["g"]
    return generate(learner.net if learner.ema is None else learner.ema.module, n, seed, classes)


def generate(g: nn.Module, n: int, seed: int = 0, classes: Tensor | None = None) -> Tensor:
    """The same for a generator alone, such as `load_generator()`."""
    table = getattr(g, "embed", None)
    if classes is None and table is not None:
        classes = torch.arange(n) % table.num_embeddings
    with aside(seed):
        z = latent(g, n)
    x = sample(g, z, None if classes is None else classes.to(z.device))
    return (x + 1) / 2 if x.ndim == 4 else x


def main(
    out: Path = typer.Option(resource_root() / WEIGHTS, help="Where to write the weights."),
    seed: int = FULL.seed,
    steps: int = FULL.steps,
) -> None:
    """Train the conditional DCGAN on ink digits, report its quality, write the moving average's weights."""
    config = replace(FULL, seed=seed, steps=steps)
    run = dcgan(config, Compute.best())
    drawn = ink(20_000, seed=1 + seed)
    finish(train(run, batches(config, drawn.images, drawn.labels), steps), steps, "gan")
    out.parent.mkdir(parents=True, exist_ok=True)
    save_weights(run.learners["g"].ema.module.cpu(), out)
    print(f"wrote {out} ({out.stat().st_size / 1024:.0f} KiB)")
    judge = load_classifier()
    images, real, other = samples(run, 2000).cpu(), ink(2000, seed=101).images, ink(2000, seed=102).images
    with torch.no_grad():
        right = class_accuracy(judge(images).argmax(1), torch.arange(2000) % 10)
        print(report(real, other, images, judge.features, "course classifier"))
    print(f"read as the class asked for: {right:.2%}")


if __name__ == "__main__":
    typer.run(main)
