"""What a run leaves in its folder while it goes: log.jsonl, samples/, and both for TensorBoard."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from aigc_course.distributed import world
from aigc_course.runs.folder import Folder
from aigc_course.runs.samples import picture, png
from aigc_course.runs.tensorboard import Events
from aigc_course.train import BatchSource, Log


@dataclass
class Trace:
    """The open files of a run that has played `step` rounds; what the nets make after none of them belongs to it."""

    folder: Folder
    step: int

    def __enter__(self) -> Trace:
        self.stack = ExitStack()
        self.log = self.stack.enter_context(open(self.folder.path / "log.jsonl", "a", encoding="utf-8"))
        self.events = self.stack.enter_context(Events(self.folder.path, self.step + 1 if self.step else 0))
        return self

    def __exit__(self, *error) -> None:
        self.stack.__exit__(*error)

    def scalars(self, line: Mapping[str, float]) -> None:
        """One line of the log: `step`, and whatever else there is a number for."""
        self.log.write(json.dumps(line) + "\n")
        self.log.flush()
        self.events.scalars(int(line["step"]), {name: value for name, value in line.items() if name != "step"})
        self.events.flush()

    def samples(self, step: int, samples: Tensor | list[str]) -> None:
        """A picture or a text file of what the nets make after round `step`."""
        if isinstance(samples, Tensor):
            pixels = picture(samples)
            self.folder.write(f"samples/{step:07}.png", png(pixels))
            self.events.image(step, "samples", pixels)
        else:
            self.folder.write(f"samples/{step:07}.txt", ("\n\n".join(samples) + "\n").encode())
            self.events.texts(step, "samples", samples)
        self.events.flush()


@dataclass
class Meter:
    """Batches that count what goes by, and a clock that does not run while people look at samples."""

    batches: BatchSource
    count: Callable[[Any], int]
    before: float
    """Seconds of training before this process."""
    units: int = 0
    since: float = field(default_factory=time.perf_counter)
    last: tuple[int, float] = (0, 0.0)

    def __getitem__(self, step: int) -> Any:
        batch = self.batches[step]
        self.units += self.count(batch)
        return batch

    def seconds(self) -> float:
        """Seconds of training, in all processes that worked on this run one after the other."""
        return self.before + time.perf_counter() - self.since

    def rate(self) -> float:
        """Units a second since the last call, in all processes that work together."""
        now = (self.units, time.perf_counter() - self.since)
        units, seconds = now[0] - self.last[0], now[1] - self.last[1]
        self.last = now
        return units / seconds * world()

    @contextmanager
    def paused(self) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.since += time.perf_counter() - begun


def floats(log: Log) -> dict[str, float]:
    """The log's scalars without the step, fetched from the device in one go; none where nobody moved."""
    tensors = {name: torch.as_tensor(value).detach() for name, value in log.items() if name != "step"}
    if not tensors:
        return {}
    return dict(zip(tensors, torch.stack(list(tensors.values())).tolist(), strict=True))
