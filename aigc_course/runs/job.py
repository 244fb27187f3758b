"""What a recipe hands over to be trained from the command line: a `Family` says what there is, a `Job` is one of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

from torch import Tensor, nn

from aigc_course.compute import Compute
from aigc_course.errors import CourseError
from aigc_course.runs.options import Options
from aigc_course.train import BatchSource, Run


@dataclass
class Job:
    """A run that is ready for its first round, and what people look at while it runs and afterwards."""

    run: Run
    batches: BatchSource
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
    """Writes the trained weights to a path, a file or a folder, in the format in which the course loads them."""
    hot: Sequence[nn.Module]
    """The modules that the objective calls, the ones that `--compile` compiles in place."""


class Shipped(NamedTuple):
    """Weights that come with the course, and what their preset sets besides the config."""

    file: str
    """Their name in data/models: NAME.safetensors, or a folder."""
    data: str
    precision: Literal["fp32", "bf16"] = "fp32"


@dataclass(frozen=True)
class Family:
    """One kind of model that `aigc train NAME` trains."""

    name: str
    title: str
    """One line, for the list of families."""
    presets: Mapping[str, Any]
    """Name -> a frozen config dataclass with at least `steps` and `seed`, all of one type; the first is the default."""
    data: Mapping[str, str]
    """Name of a data set, or "FILE" or "FOLDER" for the learner's own -> what it is, one line; the first one is the
    default."""
    job: Callable[[Any, str, Compute], Job]
    """(config, one of `data` or a path, compute) -> a job. Raises: CourseError for data that cannot be had."""
    load: Callable[[Path], tuple]
    """What a job saved to a path: the net, frozen, then its vocabularies where it has any. Raises: CourseError."""
    file: str
    """The name of the weights in a run's folder weights/; "." is that folder itself."""
    course: Mapping[str, Shipped] = field(default_factory=dict)
    """The presets that make the weights which come with the course once more."""

    def options(self, preset: str) -> Options:
        """What a preset says of the options of every family; the course's weights are made on one core of a CPU."""
        if preset not in self.course:
            return Options(data=next(iter(self.data)))
        return Options(data=self.course[preset].data, device="cpu", precision=self.course[preset].precision, threads=1)

    def weights(self, preset: str) -> str:
        """The name of what a run of a preset saves."""
        return self.course[preset].file if preset in self.course else self.file

    def require(self, preset: str, data: str) -> None:
        """Raises: CourseError unless there is such a preset, and such data or room for a learner's own."""
        for one, known, own in ((preset, self.presets, False), (data, self.data, {"FILE", "FOLDER"} & {*self.data})):
            if one not in known and not own:
                raise CourseError(f"{self.name} knows no {one!r}: choose one of {', '.join(known)}.")
