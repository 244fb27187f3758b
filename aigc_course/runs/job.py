"""What a recipe hands over to be trained from the command line: a `Family` says what there is, a `Job` is one of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from aigc_course.compute import Compute
from aigc_course.train import Batches, Run


@dataclass
class Job:
    """A run that is ready for its first round, and what people look at while it runs and afterwards."""

    run: Run
    batches: Batches
    """A pure function of the step; on the device of the run."""
    unit: str
    """What the rate counts: "images", "tokens" (padding included), "sentences"."""
    count: Callable[[Any], int]
    """Units in a batch, read off the shapes: it must not wait for the device."""
    samples: Callable[[], Tensor | list[str]]
    """What the nets make now: images (N, 1 or 3, H, W) in [0, 1], points (N, 2), or texts. Draws aside."""
    measure: Callable[[], Mapping[str, float]]
    """Quality on data that was not trained on, name -> value, for the card; the names say the unit. Draws aside."""
    save: Callable[[Path], None]
    """Writes the trained weights into a folder, in the format in which the course loads them."""
    hot: Sequence[nn.Module]
    """The modules that the objective calls, the ones that `--compile` compiles in place."""


@dataclass(frozen=True)
class Family:
    """One kind of model that `aigc train NAME` trains."""

    name: str
    title: str
    """One line, for the list of families."""
    presets: Mapping[str, Any]
    """"laptop" and "gpu" -> a frozen config dataclass with at least `steps` and `seed`; both of one type."""
    data: Mapping[str, str]
    """Name of a data set, or "FILE" for the learner's own -> what it is, one line; the first one is the default."""
    job: Callable[[Any, str, Compute], Job]
    """(config, one of `data` or a path, compute) -> a job. Raises: CourseError for data that cannot be had."""
