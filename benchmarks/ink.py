"""How long `ink` takes for 10,000 images on one core, and how alike ink and real MNIST are for the classifier."""

from __future__ import annotations

import os
import time

import torch
from report import middle, write

from aigc_course.data.download import MIRROR
from aigc_course.data.images import ALL, CHARACTERS, DIGITS, ink, mnist
from aigc_course.models.images.classifier import load_classifier
from aigc_course.recipes.images.classifier import accuracy

MINUTES = 0.5
TABLES = {
    "ink": "10,000 digits in {CPU seconds @ 10,000 images of digits (10 classes)} s",
}
IMAGES = 10_000


def seconds(classes: tuple[str, ...], seed: int) -> float:
    """CPU seconds for 10,000 images."""
    start = time.process_time()
    ink(IMAGES, seed=seed, classes=classes)
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    ink(10, classes=ALL)  # reads the stroke models
    rows = []
    for name, classes in (("digits", DIGITS), ("characters", CHARACTERS), ("both", ALL)):
        times = [seconds(classes, seed) for seed in range(5)]
        per_second = f"{IMAGES / sorted(times)[2]:,.0f}"
        rows.append([f"{IMAGES:,} images of {name} ({len(classes)} classes)", middle(times), per_second, "≤ 2 s"])

    net, drawn = load_classifier(), ink(IMAGES, seed=0)
    note = f"The committed classifier, trained on ink digits alone, reads {share(net, drawn.images, drawn.labels)} "
    note += f"of {IMAGES:,} unseen ink digits"
    if os.environ.get(MIRROR):
        images, labels = mnist("test")
        first, last = share(net, images[:5000], labels[:5000]), share(net, images[5000:], labels[5000:])
        note += f", {last} of the last 5,000 MNIST test images (and {first} of the first 5,000, used for tuning)"
    write("ink", "Drawing handwriting", ["what", "CPU seconds", "images per second", "bar"], rows, note + ".")


def share(net: torch.nn.Module, images: torch.Tensor, labels: torch.Tensor) -> str:
    return f"{accuracy(net, images, labels):.2%}"


if __name__ == "__main__":
    main()
