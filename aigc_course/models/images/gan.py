"""Generative adversarial networks: two nets, two losses, turns.

Goodfellow et al. 2014, "Generative Adversarial Nets", https://arxiv.org/abs/1406.2661

    min_G max_D  V(D, G) = E_{x ~ p_data} log D(x) + E_{z ~ N(0, I)} log(1 − D(G(z)))          (their equation 1)

Legend
    B    examples in a batch                       z    (B, Z) noise, standard normal
    x    (B, ...) real examples                    y    (B,) class labels, where a net is conditional
    g    z[, y] -> (B, ...) a fake example         d    x[, y] -> (B,) the *logit* of "x is real": D(x) = sigmoid(d(x))

The discriminator never applies the sigmoid. Every loss below is computed from logits, with
−log D = softplus(−d) and −log(1 − D) = softplus(d): exact where sigmoid would round to 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.models.inputs import latent
from aigc_course.models.parameters import frozen
from aigc_course.models.perceptron import mlp
from aigc_course.ranges import Size
from aigc_course.train import Nets, Turn

# --- losses: scalars, all to be minimised ----------------------------------------------------------------------------


def d_cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """−V(D, G): the cross-entropy of telling real (label 1) from fake (label 0), summed over the two halves."""
    return F.softplus(-real).mean() + F.softplus(fake).mean()


def g_saturating(fake: Tensor) -> Tensor:
    """E log(1 − D(G(z))), G's half of the minimax game (Goodfellow et al. 2014, equation 1).

    Its slope in the logit is −D(G(z)): it vanishes when the discriminator is sure of a fake, which is when
    the generator most needs to learn.
    """
    return -F.softplus(fake).mean()


def g_non_saturating(fake: Tensor) -> Tensor:
    """−E log D(G(z)), the repair proposed in section 3 of the same paper; its slope is D(G(z)) − 1."""
    return F.softplus(-fake).mean()


def d_wasserstein(real: Tensor, fake: Tensor) -> Tensor:
    """E f(G(z)) − E f(x) for a critic f that should be 1-Lipschitz (Arjovsky et al. 2017, arXiv 1701.07875)."""
    return fake.mean() - real.mean()


def g_wasserstein(fake: Tensor) -> Tensor:
    """−E f(G(z)); also the generator's loss of the hinge GAN."""
    return -fake.mean()


def d_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """E max(0, 1 − d(x)) + E max(0, 1 + d(G(z))) (Lim & Ye 2017, arXiv 1705.02894; Miyato et al. 2018, eq. 16)."""
    return F.relu(1 - real).mean() + F.relu(1 + fake).mean()


class Losses(NamedTuple):
    """A discriminator's and a generator's loss that belong together; each takes logits (B,)."""

    d: Callable[[Tensor, Tensor], Tensor]
    g: Callable[[Tensor], Tensor]


MINIMAX = Losses(d_cross_entropy, g_saturating)
NON_SATURATING = Losses(d_cross_entropy, g_non_saturating)
WASSERSTEIN = Losses(d_wasserstein, g_wasserstein)
HINGE = Losses(d_hinge, g_wasserstein)

# --- penalties on the discriminator's slope --------------------------------------------------------------------------


def slope(d: nn.Module, x: Tensor, y: Sequence[Tensor] = ()) -> Tensor:
    """‖∇ₓ d(x)‖₂ of each example, shape (B,); can itself be differentiated."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(d(x, *y).sum(), x, create_graph=True)
    return gradient.flatten(1).norm(dim=1)


def gradient_penalty(d: nn.Module, real: Tensor, fake: Tensor, y: Sequence[Tensor] = ()) -> Tensor:
    """E (‖∇ d(x̂)‖ − 1)² at random points x̂ between a real and a fake example.

    The critic's Lipschitz condition as a soft constraint (WGAN-GP: Gulrajani et al. 2017, arXiv 1704.00028, eq. 3).
    Use it with a discriminator without batch normalisation: the slope is meant per example.
    """
    share = torch.rand(len(real), *[1] * (real.ndim - 1), device=real.device)
    return (slope(d, torch.lerp(real, fake, share), y) - 1).square().mean()


def zero_centred_penalty(d: nn.Module, real: Tensor, fake: Tensor, y: Sequence[Tensor] = ()) -> Tensor:
    """½ E ‖∇ d(x)‖² + ½ E ‖∇ d(G(z))‖²: R1 and R2 of Mescheder et al. 2018 (arXiv 1801.04406, eq. 9 and 10).

    A discriminator that is flat at the equilibrium stops pushing there, so the game settles instead of circling.
    """
    return (slope(d, real, y).square().mean() + slope(d, fake, y).square().mean()) / 2


# --- the game --------------------------------------------------------------------------------------------------------


def gan_turns(nets: Nets, batch: Sequence[Tensor], step: int, *, losses: Losses = NON_SATURATING,
              penalty: Callable[..., Tensor] | None = None, weight: float = 10.0, d_steps: int = 1) -> Iterator[Turn]:
    """Algorithm 1 of Goodfellow et al. 2014 as turns of `aigc_course.train.train`.

    nets: "g" with a `z_dim`, and "d". batch: (x,) or, for conditional nets, (x, y).
    penalty: added to D's loss, times `weight`. d_steps: the paper's k; G moves in every k-th round.

    Noise is drawn afresh for G's move, as in Algorithm 1, which samples a second minibatch for it. Reusing the
    fakes that D has just been trained on would save one pass through G, but then G is scored by a discriminator
    that has already seen exactly these fakes.
    """
    g, d, (x, *y) = nets["g"], nets["d"], batch
    fake = g(latent(g, len(x)), *y).detach()                     # D's move must not reach G
    loss, log = losses.d(d(x, *y), d(fake, *y)), {}
    if penalty is not None:
        log["penalty"] = penalty(d, x, fake, y)
        loss = loss + weight * log["penalty"]
    yield Turn("d", loss, log)
    if (step + 1) % d_steps == 0:
        with frozen(d):                                          # G's move needs no gradient of D's weights
            score = d(g(latent(g, len(x)), *y), *y)
        yield Turn("g", losses.g(score))


@torch.no_grad()
def sample(g: nn.Module, z: Tensor, y: Tensor | None = None, size: int = 500) -> Tensor:
    """g(z[, y]) in evaluation mode, `size` examples at a time; leaves the net in the mode it was in.

    z: (N, Z). y: (N,) labels for a conditional generator. Returns (N, ...).
    """
    was_training = g.training
    g.eval()
    parts = [g(*rows) for rows in zip(*[t.split(size) for t in (z, y) if t is not None], strict=True)]
    g.train(was_training)
    return torch.cat(parts)


def optimal_discriminator(p_data: Tensor, p_g: Tensor) -> Tensor:
    """D*(x) = p_data(x) / (p_data(x) + p_g(x)), the best answer to a fixed generator (their Proposition 1).

    Both densities at the same points, any shape, not negative; NaN where both are zero, where D is free.
    """
    return p_data / (p_data + p_g)


# --- multilayer perceptrons ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MLPConfig:
    """The two nets of a GAN without convolutions. `shape` (2,) for points in the plane, (1, 28, 28) for images."""

    shape: tuple[Size, ...] = (1, 28, 28)
    """Of an example: 2 coordinates, or channels, height and width in pixels."""
    z_dim: Size = 100
    """Numbers of noise from which an example is made."""
    hidden: tuple[Size, ...] = (128,)
    """Widths of the layers between, in both nets."""


class MLPGenerator(nn.Module):
    """z (B, Z) -> (B, *shape): pixels in (−1, 1) by tanh for images, unbounded coordinates for points."""

    def __init__(self, config: MLPConfig = MLPConfig()):
        super().__init__()
        self.z_dim, self.shape = config.z_dim, config.shape
        self.net = mlp(config.z_dim, *config.hidden, math.prod(config.shape))

    def forward(self, z: Tensor) -> Tensor:
        x = self.net(z).unflatten(1, self.shape)
        return x.tanh() if len(self.shape) == 3 else x


class MLPDiscriminator(nn.Module):
    """x (B, *shape) -> logits (B,)."""

    def __init__(self, config: MLPConfig = MLPConfig()):
        super().__init__()
        self.net = mlp(math.prod(config.shape), *config.hidden, 1, activation=lambda: nn.LeakyReLU(0.2))

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x.flatten(1)).squeeze(1)
