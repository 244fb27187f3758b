"""Trained autoencoders of handwriting: plain, denoising, variational, conditional, and the latent map.

    config = VAERecipe()
    run = build(config)
    for log in train(run, batches(config, drawn.images), config.steps): ...
    images = samples(run.nets["vae"], 100, seed=0)

`aigc train vae --preset course` and `--preset course-map` train the weights that come with the course; `aigc train vae`
trains any other.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import partial

import torch
from torch import Tensor

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.batches import Batches
from aigc_course.errors import CourseError
from aigc_course.models.images.vae import (
    TRAINED,
    TRAINED_MAP,
    VAE,
    VAEConfig,
    active_units,
    add_noise,
    ae_turns,
    elbo,
    encode,
    sample,
    vae_turns,
)
from aigc_course.models.inputs import latent
from aigc_course.ranges import Count, Many, Rate, Seed, Weight, Whole
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.images.pictures import DATA, held_out, likeness, to_learn
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.schedules import one_cycle, warm_up
from aigc_course.train import Learner, Run
from aigc_course.weights import load_saved, save_weights

FILE = "vae.safetensors"
"""The name of the weights in a run's folder."""


@dataclass(frozen=True)
class VAERecipe:
    """The defaults are the plain 784-400-20 Bernoulli VAE that the benchmark measures others against."""

    net: VAEConfig = VAEConfig()
    steps: Count = 2000
    """Rounds of training."""
    batch: Many = 128
    """Images of a round."""
    lr: Rate = 1e-3
    """Learning rate of Adam, the highest with `cycle`."""
    cycle: bool = False
    """Whether the learning rate climbs to `lr` and falls to nothing (one cycle) instead of staying at it."""
    beta: Weight = 1.0
    """Weight of the KL in the loss; 1 is the ELBO."""
    warm_up: Whole = 0
    """Rounds in which β climbs from 0."""
    free_bits: Weight = 0.0
    """Nats below which the KL of a latent dimension costs nothing."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the digits that are drawn."""
    examples: Many = 20_000
    """How many digits are drawn to learn from; real data is taken as it is."""


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
LARGE = VAERecipe(VAEConfig(z_dim=16, hidden=(1024,), width=128, classes=10, activation="gelu"), steps=10_000,
                  batch=1024, lr=2e-3, cycle=True, beta=3.0)
"""For a GPU, which a batch of 64 small images would leave idle."""


def build(config: VAERecipe = VAERecipe(), compute: Compute = Compute()) -> Run:
    """A variational autoencoder as learner "vae"; train with `batches(config, images[, labels])`."""
    beta = partial(warm_up, steps=config.warm_up, peak=config.beta) if config.warm_up else config.beta
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

    Raises: CourseError when images for Bernoulli pixels leave [0, 1].
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


def quality(net: VAE, data: str) -> dict[str, float]:
    """How well a net models held-out pictures of this data, and how like them its samples are: name -> value."""
    unseen, _ = held_out(data, net.config.shape)
    x, *labels = unseen.tensors(net.classes is not None, next(net.parameters()).device)
    y = labels[0] if labels else None
    loss, kl = held_out_loss(net, x, y)
    return {"-ELBO (nats per image)": loss, "KL (nats per image)": kl,
            f"active units (of {net.z_dim})": int(active_units(encode(net, x, y)[0]).sum()),
            **likeness(data, samples(net, 2000), asked=net.classes is not None)}


def job(config: VAERecipe, data: str, compute: Compute) -> Job:
    """A VAE of the pictures of `data`: conditional where the config asks for classes and the data has them."""
    shown = to_learn(data, config.net.shape, config.examples, config.seed)
    net = replace(config.net, classes=shown.classes if config.net.classes else None)
    config = replace(config, net=net)
    run = build(config, compute)
    given = batches(config, *shown.tensors(net.classes is not None, compute.device))
    vae = run.nets["vae"]
    return Job(run, given, "images", count=lambda batch: len(batch[0]), samples=partial(samples, vae, 100),
               measure=partial(quality, vae, data), save=lambda path: save_weights(vae, path, {"config": asdict(net)}),
               hot=[vae.stem, vae.encoder, vae.decoder])


FAMILY = Family(
    "vae", FAMILIES["vae"].title, {"laptop": CONDITIONAL, "gpu": LARGE, "course": CONDITIONAL, "course-map": MAP}, DATA,
    job, lambda path: (load_saved(VAE, VAEConfig, path, "a VAE", "aigc train vae"),), FILE,
    {"course": Shipped("ink_vae.safetensors", "ink"), "course-map": Shipped("ink_vae_map.safetensors", "ink")})
