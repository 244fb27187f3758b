"""Autoencoders: plain, denoising, variational, β-, and class-conditional.

Kingma & Welling 2013, "Auto-Encoding Variational Bayes", https://arxiv.org/abs/1312.6114
Rezende et al. 2014, "Stochastic Backpropagation and Approximate Inference", https://arxiv.org/abs/1401.4082

    log p(x) ≥ ELBO(x) = E_{z ~ q(z|x)} log p(x|z) − KL( q(z|x) ‖ p(z) )                        (their equation 3)

The gap is KL(q(z|x) ‖ p(z|x)): the bound is tight where the encoder finds the exact posterior. The loss is −ELBO.

Legend
    B   examples in a batch        Z  latent dimensions        K  classes        S  samples of z for one example
    x   (B, *shape) examples       y  (B,) class labels, only where `classes` is set
    z   (B, Z), a priori p(z) = N(0, I)
    q(z|x) = N(mean, diag exp(log_var)): the encoder gives mean and log_var, each (B, Z)
    p(x|z): the decoder gives logits of Bernoulli pixels, or means of Gaussian ones, (B, *shape)

All terms are in nats per example: summed over pixels and latent dimensions, averaged over the batch alone. A mean over
pixels would weigh the KL 784 times too heavily.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.errors import CourseError
from aigc_course.models.inputs import require_labels
from aigc_course.models.perceptron import mlp
from aigc_course.ranges import Size
from aigc_course.resources import resource
from aigc_course.train import Nets, Turn
from aigc_course.weights import load_weights

WEIGHTS = "models/ink_vae.safetensors"
MAP_WEIGHTS = "models/ink_vae_map.safetensors"

# --- distributions: log-densities and divergences in nats -------------------------------------------------------------


def kl_to_prior(mean: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(mean, exp(log_var)) ‖ N(0, 1)) of each example and dimension, (B, Z), never negative (appendix B)."""
    return (mean.square() + log_var.exp() - 1 - log_var) / 2


def reparameterise(mean: Tensor, log_var: Tensor) -> Tensor:
    """z = mean + sd·ε with ε ~ N(0, I): a sample of q through which gradients reach the encoder (section 2.4)."""
    return mean + (log_var / 2).exp() * torch.randn_like(mean)


def log_normal(x: Tensor, mean: Tensor | float, log_var: Tensor) -> Tensor:
    """log N(x; mean, exp(log_var)) of every number in x: its normaliser is 1/√(2πσ²)."""
    return -((x - mean).square() / log_var.exp() + log_var + math.log(2 * math.pi)) / 2


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """x log p + (1 − x) log(1 − p) of every pixel, with p = sigmoid(logits).

    The log-probability of a pixel that is 0 or 1. For grey levels it is minus a cross-entropy, which even a perfect
    decoder leaves above 0: compare such nats only with nats from the same images.
    """
    return x * logits - F.softplus(logits)


# --- the net ----------------------------------------------------------------------------------------------------------


ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU}


@dataclass(frozen=True)
class VAEConfig:
    """Encoder and decoder, mirror images of each other. `hidden=()` makes both linear."""

    shape: tuple[Size, ...] = (1, 28, 28)
    """Of an image: channels, height and width in pixels."""
    z_dim: Size = 20
    """Numbers of the code z of an image."""
    hidden: tuple[Size, ...] = (400,)
    """Widths of the fully connected layers, from the pixels (or the feature maps) to z."""
    width: Size | None = None
    """Channels of two convolutions that each halve the image; None has no convolutions."""
    classes: Size | None = None
    """How many classes the net is told of; None: it knows of none."""
    likelihood: Literal["bernoulli", "gaussian"] = "bernoulli"
    """p(x|z): "bernoulli" for pixels in [0, 1], or "gaussian" with one learnt variance for all pixels."""
    activation: Literal["relu", "gelu"] = "relu"
    """Between layers: "relu" or "gelu" (Hendrycks & Gimpel 2016), smooth at 0."""

    def __post_init__(self):
        if self.likelihood not in ("bernoulli", "gaussian"):
            raise CourseError(f"likelihood is {self.likelihood!r}: choose 'bernoulli' or 'gaussian'.")
        if self.activation not in ACTIVATIONS:
            raise CourseError(f"activation is {self.activation!r}: choose {' or '.join(map(repr, ACTIVATIONS))}.")
        if self.width and (len(self.shape) != 3 or self.shape[1] % 4 or self.shape[2] % 4):
            raise CourseError(f"Two convolutions halve the image twice, so the shape {self.shape} is impossible: "
                              "give (channels, height, width) in multiples of 4, or set width=None.")


TRAINED = VAEConfig(z_dim=10, hidden=(128,), width=16, classes=10)
"""The conditional net behind the weights that come with the course."""
TRAINED_MAP = VAEConfig(z_dim=2, hidden=(64, 64))
"""The net of the latent map, whose decoder is small enough to run in a web page."""


class VAE(nn.Module):
    """Encoder q(z|x[, y]) and decoder p(x|z[, y]); the class enters both as a one-hot vector (Kingma et al. 2014)."""

    def __init__(self, config: VAEConfig = VAEConfig()):
        super().__init__()
        self.config, self.z_dim, self.classes = config, config.z_dim, config.classes
        activation = ACTIVATIONS[config.activation]
        if config.width:
            channels, height, width = config.shape
            maps = (2 * config.width, height // 4, width // 4)
            stem = [nn.Conv2d(channels, config.width, kernel_size=4, stride=2, padding=1), activation(),
                    nn.Conv2d(config.width, maps[0], kernel_size=4, stride=2, padding=1), activation()]
            top = [activation(), nn.Unflatten(1, maps),
                   nn.ConvTranspose2d(maps[0], config.width, kernel_size=4, stride=2, padding=1), activation(),
                   nn.ConvTranspose2d(config.width, channels, kernel_size=4, stride=2, padding=1)]
        else:
            maps, stem, top = config.shape, [], [nn.Unflatten(1, config.shape)]
        features, known = math.prod(maps), config.classes or 0
        self.stem = nn.Sequential(*stem, nn.Flatten())
        self.encoder = mlp(features + known, *config.hidden, 2 * config.z_dim, activation=activation)
        back = mlp(config.z_dim + known, *config.hidden[::-1], features, activation=activation)
        self.decoder = nn.Sequential(*back, *top)
        if config.likelihood == "gaussian":
            self.log_var = nn.Parameter(torch.zeros(()))           # of the pixels: σ-VAE (arXiv 2006.13202)

    def encode(self, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of q(z|x[, y]), each (B, Z)."""
        mean, log_var = self.encoder(self.with_class(self.stem(x), y)).chunk(2, dim=1)
        return mean, log_var

    def decode(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """z (B, Z) -> logits of Bernoulli pixels or means of Gaussian ones, (B, *shape)."""
        return self.decoder(self.with_class(z, y))

    def with_class(self, h: Tensor, y: Tensor | None) -> Tensor:
        require_labels(y, wanted=self.classes is not None)
        return h if y is None or self.classes is None else torch.cat([h, F.one_hot(y, self.classes).to(h.dtype)], dim=1)

    def log_likelihood(self, x: Tensor, decoded: Tensor) -> Tensor:
        """log p(x|z) in nats, (B,), from what `decode` gave."""
        if self.config.likelihood == "gaussian":
            return log_normal(x, decoded, self.log_var).flatten(1).sum(dim=1)
        return log_bernoulli(x, decoded).flatten(1).sum(dim=1)

    def expected(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        """E[x|z], the image to show: probabilities in (0, 1) or Gaussian means, (B, *shape)."""
        decoded = self.decode(z, y)
        return decoded if self.config.likelihood == "gaussian" else decoded.sigmoid()


# --- objectives -------------------------------------------------------------------------------------------------------


def elbo_terms(net: VAE, x: Tensor, y: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """(−log p(x|z) for one sample z of q, KL of each dimension): nats, (B,) and (B, Z); −ELBO is first + sum of second.

    Works in two steps: encode and *sample*, decode the sample. Fed with the mean instead, the decoder would never see
    the noise that it must bear when it is asked to decode samples of the prior.
    """
    mean, log_var = net.encode(x, y)
    z = reparameterise(mean, log_var)
    return -net.log_likelihood(x, net.decode(z, y)), kl_to_prior(mean, log_var)


def vae_turns(nets: Nets, batch: Sequence[Tensor], step: int, *,
              beta: float | Callable[[int], float] = 1.0, free_bits: float = 0.0) -> Iterator[Turn]:
    """−ELBO as the one turn of `aigc_course.train.train`; logs "rec" and "kl", both in nats per example.

    nets: "vae". batch: (x,) or, for a conditional net, (x, y).
    beta: weight of the KL (β-VAE: Higgins et al. 2017); a function of the step, such as
        `partial(schedules.warm_up, steps=1000, peak=1)`, anneals it (Bowman et al. 2016, arXiv 1511.06349). At 1 the
        loss is −ELBO.
    free_bits: nats below which the KL of a dimension, averaged over the batch, costs a constant, so that nothing
        pushes it to 0 (Kingma et al. 2016, arXiv 1606.04934, appendix C.8). "kl" is always the true divergence.
    """
    rec, kl = elbo_terms(nets["vae"], *batch)
    weight = beta(step) if callable(beta) else beta
    rec, kl = rec.mean(), kl.mean(dim=0)                           # (), (Z,)
    yield Turn("vae", rec + weight * kl.clamp(min=free_bits).sum(), {"rec": rec, "kl": kl.sum()})


def ae_turns(nets: Nets, batch: Sequence[Tensor], step: int, *,
             corrupt: Callable[[Tensor], Tensor] | None = None) -> Iterator[Turn]:
    """The plain autoencoder: decode the mean, nothing holds the codes near the prior, so it cannot be sampled from.

    corrupt: spoils what the encoder sees, never the target: a denoising autoencoder (Vincent et al. 2008).
    """
    net, (x, *y) = nets["vae"], batch
    mean, _ = net.encode(x if corrupt is None else corrupt(x), *y)
    rec = -net.log_likelihood(x, net.decode(mean, *y)).mean()
    yield Turn("vae", rec, {"rec": rec})


def add_noise(x: Tensor, sd: float = 0.3) -> Tensor:
    """Pixels in [0, 1] with Gaussian noise of standard deviation `sd`, clipped to [0, 1]."""
    return (x + sd * torch.randn_like(x)).clamp(0, 1)


# --- looking at a trained net -----------------------------------------------------------------------------------------


@torch.no_grad()
def elbo(net: VAE, x: Tensor, y: Tensor | None = None, size: int = 500) -> tuple[Tensor, Tensor]:
    """`elbo_terms` of a whole data set, `size` examples at a time: (N,) and (N, Z), one sample of z each."""
    parts = [elbo_terms(net, *rows) for rows in in_parts(size, x, y)]
    return torch.cat([rec for rec, _ in parts]), torch.cat([kl for _, kl in parts])


@torch.no_grad()
def importance_weighted_bound(net: VAE, x: Tensor, y: Tensor | None = None, samples: int = 5000,
                              rows: int = 2000) -> Tensor:
    """log (1/S) Σ_s p(x, z_s) / q(z_s|x), z_s ~ q: nats, (N,), ELBO at S = 1 and log p(x) as S grows.

    Burda et al. 2015, https://arxiv.org/abs/1509.00519, equation 8. At most `rows` images are decoded at a time and
    only their running log-sum is kept, so memory does not grow with `samples`. Raises: CourseError for samples < 1.
    """
    if samples < 1:
        raise CourseError(f"The bound was asked for {samples} samples: it needs at least 1.")
    bounds = []
    for x_part, *y_part in in_parts(rows, x, y):
        mean, log_var = net.encode(x_part, *y_part)
        at_once = max(1, rows // len(x_part))
        total = torch.full((len(x_part),), -math.inf, device=x.device)
        for start in range(0, samples, at_once):
            s = min(at_once, samples - start)
            z = reparameterise(mean.repeat(s, 1), log_var.repeat(s, 1))                   # (S·B, Z)
            decoded = net.decode(z, *[labels.repeat(s) for labels in y_part])
            log_p = net.log_likelihood(x_part.repeat(s, *[1] * (x.ndim - 1)), decoded)
            log_prior = log_normal(z, 0.0, torch.zeros_like(z)).sum(dim=1)
            log_q = log_normal(z, mean.repeat(s, 1), log_var.repeat(s, 1)).sum(dim=1)
            weights = (log_p + log_prior - log_q).unflatten(0, (s, -1))                   # (S, B), logarithms
            total = torch.logaddexp(total, weights.logsumexp(dim=0))
        bounds.append(total - math.log(samples))
    return torch.cat(bounds)


@torch.no_grad()
def encode(net: VAE, x: Tensor, y: Tensor | None = None, size: int = 500) -> tuple[Tensor, Tensor]:
    """Mean and log-variance of q(z|x[, y]) for a whole data set, each (N, Z)."""
    parts = [net.encode(*rows) for rows in in_parts(size, x, y)]
    return torch.cat([mean for mean, _ in parts]), torch.cat([log_var for _, log_var in parts])


@torch.no_grad()
def sample(net: VAE, z: Tensor, y: Tensor | None = None, size: int = 500) -> Tensor:
    """The images E[x|z[, y]], (N, *shape); z from `latent(net, n)` are samples of the prior."""
    return torch.cat([net.expected(*rows) for rows in in_parts(size, z, y)])


def reconstruct(net: VAE, x: Tensor, y: Tensor | None = None) -> Tensor:
    """The images decoded from the mean code of each x, (N, *shape)."""
    return sample(net, encode(net, x, y)[0], y)


def active_units(mean: Tensor, at_least: float = 0.01) -> Tensor:
    """Which latent dimensions answer to the data, (Z,) bool: Var_x(mean) > 0.01 (Burda et al. 2015, section 5.2).

    mean: (N, Z) from `encode`. None active is posterior collapse: the decoder ignores z, and the KL is near 0.
    """
    return mean.var(dim=0) > at_least


def in_parts(size: int, *tensors: Tensor | None) -> Iterator[tuple[Tensor, ...]]:
    """The tensors that are there, `size` rows of each at a time."""
    return zip(*[t.split(size) for t in tensors if t is not None], strict=True)


def load_vae(path: Path | None = None, config: VAEConfig = TRAINED) -> VAE:
    """A VAE of ink digits that comes with the course (data/models/ink_vae.md), in evaluation mode, frozen.

    path: weights saved by the recipe; None takes the course's own, those of the map for `config=TRAINED_MAP`.
    Raises: CourseError when the file is missing, damaged, or holds another net.
    """
    path = path or resource(MAP_WEIGHTS if config == TRAINED_MAP else WEIGHTS)
    preset = "course-map" if config == TRAINED_MAP else "course"
    return load_weights(VAE(config), path, "the course's VAE", f"aigc train vae --preset {preset}")
