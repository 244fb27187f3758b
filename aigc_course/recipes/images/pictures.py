"""Pictures to learn from, by name or from a folder, and how close generated ones come to those held out.

Pictures are float32 (N, C, H, W) in [0, 1], 1 is ink. Digits are judged in the features of the course's classifier;
other pictures in their own coarse pixels, since that classifier has never seen anything but digits.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import Tensor

from aigc_course.data.images import ink, mnist
from aigc_course.data.seeds import training_seed
from aigc_course.errors import CourseError
from aigc_course.metrics.fidelity import class_accuracy, report
from aigc_course.models.images.classifier import load_classifier

DIGITS = {
    "ink": "handwritten digits that the course draws itself, 28×28 pixels, ten classes",
    "mnist": "real handwritten digits, 28×28 pixels, ten classes",
}
DATA = DIGITS | {"FOLDER": "pictures of your own, cut to the net's size; each subfolder is a class"}
SHAPE = (1, 28, 28)
"""Of digits."""
SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff")
HELD_OUT = 10
"""Every tenth picture of a folder is not trained on."""
COARSE = 7
"""Pictures of a folder are compared at 7×7 grey pixels."""


class Pictures(NamedTuple):
    """images (N, C, H, W) in [0, 1]; labels int64 (N,), None where the data has no classes; how many classes."""

    images: Tensor
    labels: Tensor | None
    classes: int | None

    def tensors(self, labelled: bool, device: torch.device | str = "cpu") -> tuple[Tensor, ...]:
        """(images, labels) on the device, or (images,) for a net that knows no classes."""
        return tuple(part.to(device) for part in (self.images, self.labels if labelled else None) if part is not None)


def to_learn(data: str, shape: tuple[int, ...] = SHAPE, examples: int = 20_000, seed: int = 0) -> Pictures:
    """The pictures to train on: `examples` drawn ones, or all that there are of real ones.

    data: "ink", "mnist", or a folder. shape: (C, H, W) that a folder's pictures are cut to; C is 1 or 3.
    Raises: CourseError for data that cannot be had, and for digits in another shape than theirs.
    """
    require_shape(data, shape)
    if data == "ink":
        drawn = ink(examples, seed=training_seed(1 + seed))
        return Pictures(drawn.images, drawn.labels, 10)
    if data == "mnist":
        return Pictures(*mnist("train"), 10)
    everything = folder(Path(data), shape)
    return part(everything, torch.arange(len(everything.images)) % HELD_OUT > 0)


@lru_cache(maxsize=2)
def held_out(data: str, shape: tuple[int, ...] = SHAPE) -> tuple[Pictures, Pictures]:
    """Two sets that nothing was trained on: one to compare with, the other to know how close real ones come to it."""
    require_shape(data, shape)
    if data == "ink":
        drawn = ink(2000, seed=101), ink(2000, seed=102)
        first, second = (Pictures(some.images, some.labels, 10) for some in drawn)
        return first, second
    if data == "mnist":
        both = Pictures(*mnist("test"), 10)
        return part(both, torch.arange(10_000) < 5000), part(both, torch.arange(10_000) >= 5000)
    everything = folder(Path(data), shape)
    number = torch.arange(len(everything.images))
    first, second = (part(everything, number % (2 * HELD_OUT) == half) for half in (0, HELD_OUT))
    return first, second


def part(pictures: Pictures, chosen: Tensor) -> Pictures:
    labels = pictures.labels
    return pictures._replace(images=pictures.images[chosen], labels=None if labels is None else labels[chosen])


def require_shape(data: str, shape: tuple[int, ...]) -> None:
    """Raises: CourseError unless the pictures of this data can have this shape."""
    if data in DIGITS and tuple(shape) != SHAPE:
        raise CourseError(f"{data} has pictures of the shape {SHAPE} (channels, height, width), and the net is made "
                          f"for {tuple(shape)}: leave its shape as it is, or give a folder of pictures of your own.")
    if len(shape) != 3 or shape[0] not in (1, 3):
        raise CourseError(f"Pictures cannot have the shape {tuple(shape)}: give 1 (grey) or 3 (colour) channels, "
                          "height and width.")


@lru_cache(maxsize=1)
def folder(path: Path, shape: tuple[int, ...]) -> Pictures:
    """Every picture below a folder, cut to (C, H, W) at its middle, in an order drawn once and for all.

    Subfolders, where there are any, are the classes, in the order of their names. Raises: CourseError for a folder
    that is missing or has too few pictures or some beside its classes, and for a damaged file, which it names.
    """
    if not path.is_dir():
        raise CourseError(f"There is no folder {path}: give {', '.join(DIGITS)}, "
                          "or a folder that holds pictures.")
    files = files_of(path)
    if len(files) < 2 * HELD_OUT:
        raise CourseError(f"{path} holds {len(files)} pictures ({', '.join(SUFFIXES)}): give a folder with "
                          f"{2 * HELD_OUT} of them or more.")
    names = [file.relative_to(path).parts[0] if file.parent != path else "" for file in files]
    classes = sorted(set(names))
    if len(classes) > 1 and not classes[0]:
        raise CourseError(f"{files[names.index('')]} lies beside the subfolders of {path}, which are its classes: move "
                          "it, and whatever lies there, into one of them or out of the folder.")
    images, labels = torch.stack([picture(file, shape) for file in files]), torch.tensor([*map(classes.index, names)])
    order = torch.from_numpy(np.random.default_rng(0).permutation(len(files)))
    everything = Pictures(images[order], labels[order], len(classes))
    return everything if len(classes) > 1 else everything._replace(labels=None, classes=None)


def files_of(path: Path) -> list[Path]:
    """The pictures below a folder, in the order of their paths; what is hidden there is an editor's or a system's."""
    return sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file()
                  and not any(part.startswith(".") for part in file.relative_to(path).parts))


def picture(file: Path, shape: tuple[int, ...]) -> Tensor:
    """One picture as (C, H, W) in [0, 1], the right way up, its first frame; what is transparent becomes white.

    Raises: CourseError that names a file which is none, or has too many pixels.
    """
    channels, height, width = shape
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file) as opened:
                fitted = ImageOps.fit(plain(ImageOps.exif_transpose(opened), channels), (width, height))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise CourseError(f"{file} has more than {Image.MAX_IMAGE_PIXELS:,} pixels: make it smaller or take it "
                          "away.") from error
    except (OSError, EOFError, SyntaxError, ValueError, struct.error) as error:   # what Pillow says of damaged files
        raise CourseError(f"{file} is no picture that can be read ({error}): repair it or take it away.") from error
    pixels = torch.from_numpy(np.array(fitted, np.float32) / 255).reshape(height, width, -1).permute(2, 0, 1)
    return pixels.clamp(0, 1).expand(shape).contiguous()


def plain(image: Image.Image, channels: int) -> Image.Image:
    """Any picture with values from 0 to 255: of mode L or RGB, or F where it has more than 8 bits for a grey.

    Greys of 16 bits are divided by 65,535. Other whole numbers and floats have no range that all agree on: floats
    within 0 … 1 are taken as they are, whatever else is stretched from its least to its largest value.
    """
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, np.float32)
        if not np.isfinite(values).all():
            raise ValueError("it has values that are no numbers")
        least, most = float(values.min()), float(values.max())
        limit = 1 if image.mode == "F" else 65_535
        if least < 0 or most > limit:
            values, limit = values - least, most - least or 1
        return Image.fromarray(values * (255 / limit))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    return image.convert("L" if channels == 1 else "RGB")


# --- judging ----------------------------------------------------------------------------------------------------------


def likeness(data: str, images: Tensor, asked: bool) -> dict[str, float]:
    """How close generated images (N, C, H, W) come to held-out ones: name -> value, for a run's card.

    The floor of a distance is what other held-out pictures score in the place of generated ones. asked: whether the
    images were drawn as the classes 0, 1, …, K−1, 0, 1, …; of digits it is then said how many are read as such. Empty
    for data with so few held-out pictures that a covariance of their features says nothing.
    """
    images = images.cpu()
    real, other = held_out(data, tuple(images.shape[1:]))
    features, name = judge(data)
    if min(len(real.images), len(other.images)) <= features(images[:1]).shape[1]:
        return {}
    found = report(real.images, other.images, images, features, name)
    named = {f"Fréchet distance ({name} features, n = {found.n})": found.fake.frechet,
             "floor of the Fréchet distance": found.floor.frechet, "coverage (0 to 1)": found.fake.coverage}
    if asked and data in DIGITS:
        with torch.no_grad():
            read = load_classifier()(images).argmax(dim=1)
        named["read as the class asked for (0 to 1)"] = class_accuracy(read, torch.arange(len(images)) % 10)
    return named


def judge(data: str) -> tuple[Callable[[Tensor], Tensor], str]:
    """The features in which pictures of this data are compared, (N, C, H, W) -> (N, F), and whose they are."""
    if data in DIGITS:
        return torch.no_grad()(load_classifier().features), "course classifier"
    return lambda x: F.adaptive_avg_pool2d(x.mean(dim=1), COARSE).flatten(1), f"{COARSE}×{COARSE} pixel"
