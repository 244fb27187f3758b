"""A small convolutional reader of digits: it judges generated handwriting and lends the metrics its features.

Letters: N images, C channels, D features, K classes.
The committed weights were trained on `ink` digits alone (aigc_course/recipes/images/classifier.py);
data/models/ink_classifier.md is their card. A distance measured in these features is not the FID of the
literature, whose features are those of an Inception network.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from aigc_course.errors import CourseError
from aigc_course.ranges import Share, Size
from aigc_course.resources import resource
from aigc_course.weights import load_weights

WEIGHTS = "models/ink_classifier.safetensors"


@dataclass(frozen=True)
class ClassifierConfig:
    channels: tuple[Size, Size, Size] = (24, 48, 96)
    """Of the three convolutions, each of which halves the image."""
    features: Size = 64
    """D: few, so that a covariance of them can be estimated from some thousand images."""
    classes: Size = 10
    """K, filled in from the data where it has others."""
    dropout: Share = 0.3
    """Share of the inputs of the last layers that training sets to 0."""


class Classifier(nn.Module):
    """28×28 images in [0, 1] to the logits of K classes."""

    def __init__(self, config: ClassifierConfig = ClassifierConfig()):
        super().__init__()
        self.config = config
        first, second, third = config.channels
        self.body = nn.Sequential(
            _block(1, first, kernel=5),  # (N, 24, 14, 14)
            _block(first, second, kernel=3),  # (N, 48, 7, 7)
            _block(second, third, kernel=3),  # (N, 96, 3, 3)
            nn.Flatten(),  # (N, 864)
            nn.Dropout(config.dropout),
            nn.Linear(third * 3 * 3, config.features),
            nn.ReLU(),  # (N, D)
        )
        self.head = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(config.features, config.classes))

    def features(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] to what the last layer decides from: (N, D), not negative.

        Raises: CourseError for images of another shape.
        """
        if x.ndim != 4 or x.shape[1:] != (1, 28, 28):
            raise CourseError(
                f"The classifier reads images (N, 1, 28, 28) in [0, 1], not {tuple(x.shape)}: "
                "reshape them, and scale those in [-1, 1] by (x + 1) / 2."
            )
        return self.body(x)

    def forward(self, x: Tensor) -> Tensor:
        """Images (N, 1, 28, 28) in [0, 1] to logits (N, K)."""
        return self.head(self.features(x))


def _block(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Convolution, normalisation, ReLU, and half the height and width."""
    return nn.Sequential(
        nn.Conv2d(
            inputs, outputs, kernel, padding=kernel // 2, bias=False
        ),  # the normalisation brings a bias
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


def load_classifier(path: Path | None = None, config: ClassifierConfig = ClassifierConfig()) -> Classifier:
    """The trained classifier of digits, in evaluation mode on the CPU, its parameters frozen.

    Args:
        path: weights saved by the recipe; None takes those that come with the course.
        config: of the net that was saved.
    Raises:
        CourseError: the file is missing, damaged, or holds another network.
    """
    return load_weights(Classifier(config), path or resource(WEIGHTS), "the course's digit classifier",
                        "aigc train classifier --preset course")
