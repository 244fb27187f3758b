"""DCGAN for 28×28 grey images, class-conditional if asked; WGAN-GP and hinge + spectral norm as small diffs of it.

Radford et al. 2015, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
https://arxiv.org/abs/1511.06434: strided convolutions instead of pooling, batch normalisation, ReLU in the
generator, LeakyReLU(0.2) in the discriminator, tanh at the end.

Legend
    B  examples in a batch      Z  latent dimensions      E  dimensions of the class embedding
    W  width: channels of the largest feature maps (2W at a quarter of the image's size)
    z (B, Z)    y (B,) class labels, only where `classes` is set    x (B, 1, H, W) images in (−1, 1)

The objective is `gan.gan_turns`, the same for every variant:

    DCGAN            d_norm="batch"       gan_turns
    hinge GAN        d_norm="spectral"    partial(gan_turns, losses=HINGE)
    WGAN-GP          d_norm="none"        partial(gan_turns, losses=WASSERSTEIN, penalty=gradient_penalty)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from aigc_course.errors import CourseError
from aigc_course.models.images.gan import HINGE, NON_SATURATING, WASSERSTEIN, gan_turns, gradient_penalty
from aigc_course.models.inputs import require_labels
from aigc_course.ranges import Size
from aigc_course.resources import resource
from aigc_course.weights import load_weights

WEIGHTS = "models/ink_dcgan.safetensors"


@dataclass(frozen=True)
class DCGANConfig:
    """The two nets. `size` must be a multiple of four: 28 starts from 7×7, the real 8×8 digits from 2×2."""

    size: Size = 28
    """Height and width of the images in pixels."""
    z_dim: Size = 32
    """Numbers of noise from which an image is made."""
    width: Size = 16
    """Channels of the largest feature maps; the smaller ones have twice as many."""
    classes: Size | None = None
    """How many classes the nets are told of; None: they know of none."""
    embedding: Size = 16
    """Numbers that stand for a class beside the noise."""
    d_norm: Literal["batch", "spectral", "none"] = "batch"
    """The discriminator's normalisation: "batch" (DCGAN), "spectral" (Miyato et al. 2018) or "none" (WGAN-GP)."""

    def __post_init__(self):
        if self.size % 4 or self.size < 8:
            raise CourseError(f"DCGAN doubles its feature maps twice, so a size of {self.size} is impossible: "
                              "choose a multiple of 4 from 8 up, or pad the images.")
        if self.d_norm not in ("batch", "spectral", "none"):
            raise CourseError(f"d_norm is {self.d_norm!r}: choose 'batch', 'spectral' or 'none'.")


TRAINED = DCGANConfig(width=24, classes=10)
"""The nets behind the weights that come with the course."""


class Generator(nn.Module):
    """z (B, Z)[, y (B,)] -> images (B, 1, H, W) in (−1, 1)."""

    def __init__(self, config: DCGANConfig = DCGANConfig()):
        super().__init__()
        width, self.side, self.z_dim = config.width, config.size // 4, config.z_dim
        self.embed = nn.Embedding(config.classes, config.embedding) if config.classes else None
        fan_in = config.z_dim + (config.embedding if config.classes else 0)
        self.project = nn.Linear(fan_in, 2 * width * self.side**2, bias=False)
        self.norm1 = nn.BatchNorm2d(2 * width)                     # its shift makes the layer's own bias redundant
        self.up1 = nn.ConvTranspose2d(2 * width, width, kernel_size=4, stride=2, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.up2 = nn.ConvTranspose2d(width, 1, kernel_size=4, stride=2, padding=1)
        for layer in (self.up1, self.up2):
            nn.init.normal_(layer.weight, std=0.02)                # section 3 of the paper

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        require_labels(y, wanted=self.embed is not None)
        if self.embed is not None:
            z = torch.cat([z, self.embed(y)], dim=1)                              # (B, Z + E)
        h = self.project(z).unflatten(1, (-1, self.side, self.side))              # (B, 2W, H/4, W/4)
        h = F.relu(self.norm1(h))
        h = F.relu(self.norm2(self.up1(h)))                                       # (B, W, H/2, W/2)
        return self.up2(h).tanh()                                                 # (B, 1, H, W)


class Discriminator(nn.Module):
    """x (B, 1, H, W)[, y (B,)] -> logits (B,).

    The class enters by projection (Miyato & Koyama 2018, https://arxiv.org/abs/1802.05637, equation 3):
    d(x, y) = w·φ(x) + v_y·φ(x), one vector v_y per class over the same features φ.
    """

    def __init__(self, config: DCGANConfig = DCGANConfig()):
        super().__init__()
        width, features = config.width, 2 * config.width * (config.size // 4) ** 2
        constrain = spectral_norm if config.d_norm == "spectral" else lambda layer: layer
        self.down1 = constrain(nn.Conv2d(1, width, kernel_size=4, stride=2, padding=1))
        self.down2 = constrain(nn.Conv2d(width, 2 * width, kernel_size=4, stride=2, padding=1))
        self.norm2 = nn.BatchNorm2d(2 * width) if config.d_norm == "batch" else nn.Identity()
        self.score = constrain(nn.Linear(features, 1))
        self.class_score = None
        if config.classes:
            table = nn.Embedding(config.classes, features)
            nn.init.normal_(table.weight, std=0.01)                # at first the class says nothing
            self.class_score = constrain(table)

    def features(self, x: Tensor) -> Tensor:
        """φ(x), shape (B, 2W·H/4·W/4): what the paper feeds to a linear classifier."""
        h = F.leaky_relu(self.down1(x), 0.2)                       # (B, W, H/2, W/2)
        return F.leaky_relu(self.norm2(self.down2(h)), 0.2).flatten(1)            # (B, 2W, H/4, W/4) -> rows

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        require_labels(y, wanted=self.class_score is not None)
        h = self.features(x)
        logit = self.score(h).squeeze(1)
        return logit if self.class_score is None else logit + (self.class_score(y) * h).sum(dim=1)


# --- the variants ----------------------------------------------------------------------------------------------------

VARIANTS = {
    "dcgan": (partial(gan_turns, losses=NON_SATURATING), "batch"),
    "hinge": (partial(gan_turns, losses=HINGE), "spectral"),
    "wgan-gp": (partial(gan_turns, losses=WASSERSTEIN, penalty=gradient_penalty, weight=10.0, d_steps=3), "none"),
}
"""Objective and `d_norm` of each variant. WGAN-GP's paper gives the critic five moves to one of the generator."""


def load_generator(path: Path | None = None, config: DCGANConfig = TRAINED) -> Generator:
    """The generator of ink digits that comes with the course (data/models/ink_dcgan.md), in evaluation mode, frozen.

    path: weights saved by the recipe; None takes the course's own. Raises: CourseError when the file is missing,
    damaged, or holds another net.
    """
    return load_weights(Generator(config), path or resource(WEIGHTS), "the course's digit generator",
                        "aigc train dcgan --preset course")
