"""The digit classifier, trained on `ink` alone: `aigc train classifier --preset course`.

No real handwriting takes part in training. The settings were chosen on the first 5,000 MNIST test images;
the last 5,000 are for reporting only. `aigc train classifier` trains others, on real handwriting or your own pictures.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from aigc_course.compute import Compute, seed_all
from aigc_course.data.batches import Batches
from aigc_course.data.download import locate
from aigc_course.data.images import ink, mnist
from aigc_course.data.registry import dataset
from aigc_course.errors import CourseError
from aigc_course.models.images.classifier import Classifier, ClassifierConfig
from aigc_course.ranges import Count, Many, Rate, Seed, Share, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.images.pictures import DATA, held_out, to_learn
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.schedules import one_cycle
from aigc_course.train import Learner, Nets, Run, Turn
from aigc_course.weights import load_saved, save_weights


@dataclass(frozen=True)
class ClassifierRecipe:
    steps: Count = 2000
    """Rounds of training."""
    images: Many = 10_000
    """Digits that are drawn at a time; when all have been seen, fresh ones are drawn. Real data is taken as it is."""
    batch: Many = 100
    """Images of a round."""
    lr: Rate = 4e-3
    """Highest learning rate of one cycle."""
    decay: Weight = 0.01
    """AdamW's weight decay."""
    smoothing: Share = 0.05
    """Share of the target that is spread over the wrong classes."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the digits that are drawn."""
    net: ClassifierConfig = ClassifierConfig()


COURSE = ClassifierRecipe()
"""The run behind the weights that come with the course."""
LAPTOP = ClassifierRecipe(steps=1000)
"""Half the run behind the weights that come with the course: under two minutes of one core."""
LARGE = ClassifierRecipe(steps=4000, images=50_000, batch=1000,
                         net=ClassifierConfig(channels=(64, 128, 256), features=256))
"""For a GPU."""
FILE = "classifier.safetensors"
"""The name of the weights in a run's folder."""


@dataclass(frozen=True)
class FreshInk:
    """Batches of ink digits, drawn anew for every epoch, and still a pure function of (seed, step)."""

    images: int
    size: int
    seed: int = 0

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        epoch, place = divmod(step, self.images // self.size)
        images, labels = _epoch(self.images, self.size, self.seed, epoch)[place]
        return images, labels


@lru_cache(maxsize=1)
def _epoch(images: int, size: int, seed: int, epoch: int) -> Batches:
    drawn = ink(images, seed=1000 * (seed + 1) + epoch)  # small seeds stay free for tests
    return Batches((drawn.images, drawn.labels), size, seed)


def build(config: ClassifierRecipe = ClassifierRecipe(), compute: Compute = Compute()) -> Run:
    """The run that trains the classifier; advance it with `train(run, FreshInk(...), config.steps)`."""
    seed_all(config.seed)
    net = Classifier(config.net).to(compute.device)

    def objective(nets: Nets, batch: tuple[Tensor, Tensor], step: int) -> Iterator[Turn]:
        images, labels = (part.to(compute.device) for part in batch)
        logits = nets["classifier"](images)
        yield Turn("classifier", F.cross_entropy(logits, labels, label_smoothing=config.smoothing))

    opt = torch.optim.AdamW(net.parameters(), weight_decay=config.decay)
    return Run(
        objective,
        {"classifier": Learner(net, opt, lr=partial(one_cycle, steps=config.steps, peak=config.lr))},
        compute,
    )


@torch.no_grad()
def accuracy(net: nn.Module, images: Tensor, labels: Tensor, size: int = 1000) -> float:
    """Share of images (N, 1, 28, 28) whose likeliest class is the label, the net being in evaluation mode."""
    net.eval()
    right = [net(x).argmax(1) == y for x, y in zip(images.split(size), labels.split(size), strict=True)]
    return torch.cat(right).float().mean().item()


def quality(net: nn.Module, data: str) -> dict[str, float]:
    """The share of held-out pictures of this data that are read right: name -> value."""
    device = next(net.parameters()).device
    if data == "ink":
        unseen = ink(10_000, seed=0)
        sets = {"unseen ink": (unseen.images, unseen.labels)}
        if all(locate("mnist", file) for file in dataset("mnist").sha256):
            pixels, digits = mnist("test")
            sets |= {"first 5,000 of MNIST's test": (pixels[:5000], digits[:5000]),
                     "last 5,000 of MNIST's test": (pixels[5000:], digits[5000:])}
        return {f"{name} read right (0 to 1)": accuracy(net, images.to(device), labels.to(device))
                for name, (images, labels) in sets.items()}
    images, labels = (torch.cat(both).to(device) for both in
                      zip(*(part.tensors(labelled=True) for part in held_out(data)), strict=True))
    return {"unseen pictures read right (0 to 1)": accuracy(net, images, labels)}


@torch.no_grad()
def readings(net: nn.Module, data: str, n: int = 20) -> list[str]:
    """What the net reads n held-out pictures as, and how sure it is."""
    images, labels = (part[:n].to(next(net.parameters()).device) for part in held_out(data)[0].tensors(labelled=True))
    sure, read = net.eval()(images).softmax(dim=1).max(dim=1)
    return [f"{wanted} read as {said}, {share:.0%} sure"
            for wanted, said, share in zip(labels.tolist(), read.tolist(), sure.tolist(), strict=True)]


def job(config: ClassifierRecipe, data: str, compute: Compute) -> Job:
    """A classifier of drawn digits, fresh ones in every epoch, or of real pictures."""
    if data == "ink":
        given = FreshInk(config.images, config.batch, config.seed)
    else:
        shown = to_learn(data, seed=config.seed)
        if shown.classes is None:
            raise CourseError(f"The pictures in {data} have no classes: sort them into one subfolder for each class.")
        config = replace(config, net=replace(config.net, classes=shown.classes))
        given = Batches(shown.tensors(labelled=True, device=compute.device), config.batch, config.seed)
    run = build(config, compute)
    net = run.nets["classifier"]
    return Job(run, given, "images", count=lambda batch: len(batch[0]), samples=partial(readings, net, data), hot=[net],
               measure=partial(quality, net, data),
               save=lambda path: save_weights(net, path, {"config": asdict(net.config)}))


FAMILY = Family(
    "classifier", FAMILIES["classifier"].title, {"laptop": LAPTOP, "gpu": LARGE, "course": COURSE}, DATA, job,
    lambda path: (load_saved(Classifier, ClassifierConfig, path, "a classifier", "aigc train classifier"),), FILE,
    {"course": Shipped("ink_classifier.safetensors", "ink")})
