"""Trained GANs: on the ring of eight Gaussians, with perceptrons on images, and DCGAN.

    config = DCGANRecipe()
    run = dcgan(config)
    for log in train(run, batches(config, drawn.images, drawn.labels), config.steps): ...
    images = samples(run, 100, seed=0)

`aigc train dcgan --preset course` trains the generator whose weights come with the course; `aigc train gan` and
`aigc train dcgan` train any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data import toy
from aigc_course.data.batches import Batches
from aigc_course.errors import CourseError
from aigc_course.metrics.toy import modes
from aigc_course.models.images.dcgan import TRAINED, VARIANTS, DCGANConfig, Discriminator, Generator
from aigc_course.models.images.gan import (
    MLPConfig,
    MLPDiscriminator,
    MLPGenerator,
    gan_turns,
    sample,
    zero_centred_penalty,
)
from aigc_course.models.inputs import latent
from aigc_course.models.parameters import moving_average
from aigc_course.ranges import Count, Many, Rate, Seed, Share, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.images.pictures import DATA, likeness, to_learn
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.schedules import linear
from aigc_course.train import Learner, Objective, Run
from aigc_course.weights import load_saved, save_weights


@dataclass(frozen=True)
class RingRecipe:
    """Perceptrons on the ring. The defaults cover all eight modes; `VANILLA_RING` is Adam as most people call it."""

    net: MLPConfig = MLPConfig(shape=(2,), z_dim=2, hidden=(64, 64, 64))
    steps: Count = 4000
    """Rounds: a move of each net."""
    batch: Many = 128
    """Points of a round."""
    lr: Rate = 2e-3
    """Adam's learning rate, at first."""
    beta1: Share = 0.0
    """Adam's momentum; any turns the game's spiral outwards (Gidel et al. 2019, arXiv 1807.04740)."""
    beta2: Share = 0.99
    """How slowly Adam forgets the size of past gradients, 0 to 1."""
    decay: bool = True
    """Whether the learning rate falls in a straight line to nothing."""
    ema: Share | None = None
    """How slowly the average of the generator's weights, from which samples are drawn, follows them; None: none."""
    penalty: Weight = 0.0
    """Weight of the zero-centred gradient penalty."""
    seed: Seed = 0
    """Of the weights and of the order of the data."""


VANILLA_RING = RingRecipe(lr=1e-3, beta1=0.9, beta2=0.999, decay=False)


@dataclass(frozen=True)
class MLPRecipe:
    """The documents' 100-128-784 GAN, repaired: two optimisers, alternating moves, tanh for pixels in (−1, 1)."""

    net: MLPConfig = MLPConfig(shape=(1, 28, 28), z_dim=100, hidden=(128,))
    steps: Count = 8000
    """Rounds: a move of each net."""
    batch: Many = 64
    """Examples of a round."""
    lr: Rate = 2e-4
    """Adam's learning rate, at first."""
    beta1: Share = 0.5
    """Adam's momentum, 0 to 1."""
    beta2: Share = 0.999
    """How slowly Adam forgets the size of past gradients, 0 to 1."""
    decay: bool = True
    """Whether the learning rate falls in a straight line to nothing."""
    ema: Share = 0.99
    """How slowly the average of the generator's weights, from which samples are drawn, follows them; 0: none."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of what is drawn."""
    examples: Many = 20_000
    """How many digits or points are drawn to learn from; real data is taken as it is."""


@dataclass(frozen=True)
class DCGANRecipe:
    """Convolutional, class-conditional. Many small steps beat few large ones on one core: narrow nets, small batch."""

    net: DCGANConfig = DCGANConfig(classes=10)
    variant: Literal["dcgan", "hinge", "wgan-gp"] = "dcgan"
    """The losses: "dcgan", "hinge" (needs net.d_norm "spectral") or "wgan-gp" (needs net.d_norm "none")."""
    steps: Count = 1500
    """Rounds: a move of each net."""
    batch: Many = 32
    """Images of a round."""
    lr: Rate = 4e-3
    """Adam's learning rate, at first."""
    beta1: Share = 0.5
    """Adam's momentum, 0 to 1."""
    beta2: Share = 0.99
    """How slowly Adam forgets the size of past gradients, 0 to 1."""
    decay: bool = True
    """Whether the learning rate falls in a straight line to nothing."""
    ema: Share = 0.99
    """How slowly the average of the generator's weights, from which samples are drawn, follows them; 0: none."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the digits that are drawn."""
    examples: Many = 20_000
    """How many digits are drawn to learn from; real data is taken as it is."""


FULL = DCGANRecipe(net=TRAINED, steps=8000, lr=2e-3, ema=0.999)
"""The run behind the weights that come with the course."""
LAPTOP = replace(FULL, steps=3000, ema=0.995)
"""The same within two minutes of one core."""
LARGE = DCGANRecipe(net=DCGANConfig(z_dim=64, width=128, classes=10), steps=20_000, batch=512, lr=5e-4, ema=0.999)
"""For a GPU, which a batch of 32 small images would leave idle."""
LARGE_MLP = MLPRecipe(net=MLPConfig(hidden=(1024, 1024)), steps=20_000, batch=1024)
POINTS = {"ring": toy.RING, "grid": toy.GRID}
FILE = "generator.safetensors"
"""The name of the weights in a run's folder."""


def ring_gan(config: RingRecipe = RingRecipe(), compute: Compute = Compute()) -> Run:
    """Perceptrons on points in the plane; train with `batches(config, toy.ring(20_000))`."""
    penalty = partial(gan_turns, penalty=zero_centred_penalty, weight=config.penalty)
    return _game(config, compute, MLPGenerator, MLPDiscriminator, penalty if config.penalty else gan_turns)


def mlp_gan(config: MLPRecipe = MLPRecipe(), compute: Compute = Compute()) -> Run:
    """Perceptrons on 28×28 images; train with `batches(config, images)`."""
    return _game(config, compute, MLPGenerator, MLPDiscriminator, gan_turns)


def dcgan(config: DCGANRecipe = DCGANRecipe(), compute: Compute = Compute()) -> Run:
    """Convolutions on images; train with `batches(config, images, labels)`, without labels if `net.classes` is None.

    Raises: CourseError when `net.d_norm` is not the one that the variant needs.
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
        lr = partial(linear, steps=config.steps, peak=config.lr) if config.decay else None
        return Learner(net, opt, lr=lr, **options)

    ema = moving_average(g, config.ema) if config.ema else None
    return Run(objective, {"g": learner(g, ema=ema), "d": learner(d)}, compute)


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
    return generate(final(run), n, seed, classes)


def final(run: Run) -> nn.Module:
    """The generator to keep: the moving average where there is one."""
    learner = run.learners["g"]
    return learner.net if learner.ema is None else learner.ema.module


def generate(g: nn.Module, n: int, seed: int = 0, classes: Tensor | None = None) -> Tensor:
    """The same for a generator alone, such as `load_generator()`."""
    table = getattr(g, "embed", None)
    if classes is None and table is not None:
        classes = torch.arange(n) % table.num_embeddings
    with aside(seed):
        z = latent(g, n)
    x = sample(g, z, None if classes is None else classes.to(z.device))
    return (x + 1) / 2 if x.ndim == 4 else x


def quality(run: Run, data: str) -> dict[str, float]:
    """How like held-out data what the run generates is: name -> value."""
    images = samples(run, 2000)
    if data not in POINTS:
        return likeness(data, images, asked=getattr(final(run), "embed", None) is not None)
    found = modes(images.cpu(), POINTS[data].centres, POINTS[data].sigma, at_least=20)
    return {f"modes covered (of {len(POINTS[data].centres)})": found.covered,
            "points of high quality (0 to 1)": found.high_quality}


def mlp_job(config: MLPRecipe, data: str, compute: Compute) -> Job:
    """Perceptrons on pictures, or on points in the plane."""
    if data in POINTS:
        config = replace(config, net=replace(config.net, shape=(2,)))
        shown = POINTS[data].sample(config.examples, 1 + config.seed)
    else:
        shown = to_learn(data, config.net.shape, config.examples, config.seed).images
    return game_job(mlp_gan(config, compute), config.net, batches(config, shown.to(compute.device)), data)


def dcgan_job(config: DCGANRecipe, data: str, compute: Compute) -> Job:
    """Convolutions on grey pictures: conditional where the config asks for classes and the data has them."""
    shown = to_learn(data, (1, config.net.size, config.net.size), config.examples, config.seed)
    config = replace(config, net=replace(config.net, classes=shown.classes if config.net.classes else None))
    run = dcgan(config, compute)
    given = batches(config, *shown.tensors(config.net.classes is not None, compute.device))
    return game_job(run, config.net, given, data, twice=config.variant == "wgan-gp")


def game_job(run: Run, net: MLPConfig | DCGANConfig, given: Batches, data: str, twice: bool = False) -> Job:
    """twice: whether the discriminator's slope is part of a loss; torch.compile has no second derivatives."""
    return Job(run, given, "examples" if data in POINTS else "images", count=lambda batch: len(batch[0]),
               samples=partial(samples, run, 1000 if data in POINTS else 100), measure=partial(quality, run, data),
               save=lambda path: save_weights(final(run), path, {"config": asdict(net)}),
               hot=[one for name, one in run.nets.items() if name == "g" or not twice])


GAN = Family(
    "gan", FAMILIES["gan"].title, {"laptop": MLPRecipe(), "gpu": LARGE_MLP},
    DATA | {"ring": "eight Gaussians on a circle (try --steps 4000 --net.z-dim 2 --net.hidden 64,64,64 "
                    "--batch 128 --lr 0.002 --beta1 0 --beta2 0.99 --ema 0)",
            "grid": "25 Gaussians on a grid"}, mlp_job,
    lambda path: (load_saved(MLPGenerator, MLPConfig, path, "a generator", "aigc train gan"),), FILE)
DCGAN = Family(
    "dcgan", FAMILIES["dcgan"].title, {"laptop": LAPTOP, "gpu": LARGE, "course": FULL}, DATA, dcgan_job,
    lambda path: (load_saved(Generator, DCGANConfig, path, "a generator", "aigc train dcgan"),), FILE,
    {"course": Shipped("ink_dcgan.safetensors", "ink")})
