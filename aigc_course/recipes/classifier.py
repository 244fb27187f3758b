"""Train the digit classifier on `ink` alone: `python -m aigc_course.recipes.classifier`.

No real handwriting takes part in training. The settings were chosen on the first 5,000 MNIST test images;
the last 5,000 are for reporting only. `aigc train classifier` trains others, on real handwriting or your own pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_course.compute import Compute, seed_all
from aigc_course.data import Batches, ink, mnist
from aigc_course.models.classifier import WEIGHTS, Classifier, load_classifier
from aigc_course.recipes.learning import one_cycle
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Run, Turn, train
from aigc_course.weights import save_weights


@dataclass(frozen=True)
class ClassifierRecipe:
    epochs: int = 20
    """How often it sees so many images."""
    images: int = 10_000
    """Digits in an epoch; drawn ones are fresh in every epoch."""
    batch: int = 100
    """Images of a round."""
    peak: float = 4e-3
    """Highest learning rate of one cycle."""
    decay: float = 0.01
    """AdamW's weight decay."""
    smoothing: float = 0.05
    """Share of the target that is spread over the wrong classes."""
    seed: int = 0
    """Of the weights, of the order of the data, and of the digits that are drawn."""

    @property
    def steps(self) -> int:
        """Rounds of training."""
        return self.epochs * (self.images // self.batch)


@dataclass(frozen=True)
class FreshInk:
    """Batches of ink digits, drawn anew for every epoch, and still a pure function of (seed, step)."""

    images: int
    size: int
    seed: int = 0

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        epoch, place = divmod(step, self.images // self.size)
        return _epoch(self.images, self.size, self.seed, epoch)[place]


@lru_cache(maxsize=1)
def _epoch(images: int, size: int, seed: int, epoch: int) -> Batches:
    drawn = ink(images, seed=1000 * (seed + 1) + epoch)  # small seeds stay free for tests
    return Batches((drawn.images, drawn.labels), size, seed)


def build(config: ClassifierRecipe = ClassifierRecipe(), compute: Compute = Compute()) -> Run:
    """The run that trains the classifier; advance it with `train(run, FreshInk(...), config.steps)`."""
    seed_all(config.seed)
    net = Classifier().to(compute.device)

    def objective(nets: Mapping[str, nn.Module], batch: tuple[Tensor, Tensor], step: int) -> Iterator[Turn]:
        images, labels = (part.to(compute.device) for part in batch)
        logits = nets["classifier"](images)
        yield Turn("classifier", F.cross_entropy(logits, labels, label_smoothing=config.smoothing))

    opt = torch.optim.AdamW(net.parameters(), weight_decay=config.decay)
    return Run(
        objective,
        {"classifier": Learner(net, opt, lr=lambda step: one_cycle(step, config.steps, config.peak))},
        compute,
    )


@torch.no_grad()
def accuracy(net: nn.Module, images: Tensor, labels: Tensor, size: int = 1000) -> float:
    """Share of images (N, 1, 28, 28) whose likeliest class is the label, the net being in evaluation mode."""
    net.eval()
    right = [net(x).argmax(1) == y for x, y in zip(images.split(size), labels.split(size), strict=True)]
    return torch.cat(right).float().mean().item()


def main(
    out: Annotated[Path | None, typer.Option(help="Where to write the weights; default: the course's own.")] = None,
    seed: int = ClassifierRecipe.seed,
    epochs: int = ClassifierRecipe.epochs,
    real: Annotated[bool, typer.Option(help="Report the accuracy on real MNIST as well.")] = False,
) -> None:
    """Train the classifier and report its accuracy on digits that it has not seen."""
    config = ClassifierRecipe(seed=seed, epochs=epochs)
    run = build(config, Compute.best())
    given = FreshInk(config.images, config.batch, config.seed)
    finish(train(run, given, config.steps), config.steps, "classifier")

    out = out or resource_root() / WEIGHTS
    out.parent.mkdir(parents=True, exist_ok=True)
    save_weights(run.nets["classifier"].cpu(), out)
    print(f"wrote {out.name} ({out.stat().st_size / 1024:.0f} KiB)")

    net = load_classifier(out)  # what is reported is what others will load
    held_out = ink(10_000, seed=0)
    print(f"unseen ink: {accuracy(net, held_out.images, held_out.labels):.2%}")
    if real:
        images, labels = mnist("test")
        print(f"MNIST test, first 5,000: {accuracy(net, images[:5000], labels[:5000]):.2%}")
        print(f"MNIST test, last 5,000: {accuracy(net, images[5000:], labels[5000:]):.2%}")


if __name__ == "__main__":
    typer.run(main)
