"""The folder of a run: what was asked for, where it ran, and what came of it.

    config.json      family, preset, settings        log.jsonl      one line of scalars every few rounds
    versions.json    where and when it ran           samples/       what the nets made, by round
    checkpoint.pt    all that the next round needs   events…        the log and the samples for TensorBoard
    metrics.json     quality at the end              weights/       the trained nets, as the course loads them
    card.md          all of it, to read
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from aigc_course import checkpoint
from aigc_course.distributed import is_first
from aigc_course.errors import CourseError
from aigc_course.files import sweep, write_whole
from aigc_course.train import Run

LOCK = "run.lock"
"""The file that a process holds while it works on the run."""
SAMPLE = re.compile(r"(\d{7,})\.(png|txt)")
"""A file of samples/, as `Trace.samples` names it; whatever else lies there is a system's or the learner's own."""
MARGIN = 2**16
"""Bytes that are held besides: for the line of the log that found the disk full."""


@dataclass(frozen=True)
class Asked:
    """What a run was started with; a resumed run is made of the same."""

    family: str
    preset: str
    config: Mapping[str, Any]
    """Path -> value of every setting of the family's config."""
    options: Mapping[str, Any]
    """The fields of `Options`, with "auto" replaced by what was found."""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """What the data was, by `inputs.fingerprints`; empty for a run of before this was kept."""


@dataclass(frozen=True)
class Folder:
    """The folder of one run; every file appears whole or not at all, the log line by line."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        return self.path / "checkpoint.pt"

    @property
    def weights(self) -> Path:
        return self.path / "weights"

    @property
    def card(self) -> Path:
        return self.path / "card.md"

    @property
    def reserve(self) -> Path:
        """A file without content, there while the run goes on."""
        return self.path / "reserve.tmp"

    def holds_run(self) -> bool:
        return (self.path / "config.json").is_file()

    def make(self) -> None:
        """Make the folder, where it is not there. Raises: CourseError when it cannot be had."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self.unusable(error) from error

    def unusable(self, error: OSError) -> CourseError:
        return CourseError(f"{self.path} cannot be used as the folder of a run ({error.strerror}): "
                           "choose another one with --out.")

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep every other process from running in this folder. A killed one lets go of it by itself.

        Raises: CourseError when another process holds it, or it cannot be written.
        """
        path = self.path / LOCK
        try:
            file = locked(path)
        except OSError as error:
            raise self.unusable(error) from error
        if file is None:
            raise CourseError(f"Another process is working on the run in {self.path}: wait until it has ended, or stop "
                              "it.")
        try:
            yield
        finally:
            with contextlib.suppress(OSError):            # Windows deletes no open file, the others before they let go
                if os.name != "nt":
                    path.unlink()
            file.close()
            with contextlib.suppress(OSError):
                if os.name == "nt":
                    path.unlink()

    def create(self, asked: Asked) -> None:
        """Take an empty folder for a run. Raises: CourseError when it is not empty or cannot be written."""
        try:
            if any(path.name != LOCK and not is_litter(path) for path in self.path.iterdir()):
                raise CourseError(f"{self.path} already holds other files: choose a new or an empty folder with --out.")
            self.write_json("config.json", vars(asked))
        except OSError as error:
            raise self.unusable(error) from error

    def asked(self) -> Asked:
        """What the run was started with. Raises: CourseError when the folder holds no run, or a damaged one."""
        if not self.holds_run():
            raise CourseError(f"{self.path} holds no run: check the name of the folder.")
        try:
            return Asked(**self.read_json("config.json"))
        except TypeError as error:
            raise CourseError(f"{self.path / 'config.json'} is damaged: restore it, or start another run.") from error

    def read_json(self, name: str) -> Any:
        """What a file of the folder holds. Raises: CourseError that names it when it is missing or damaged."""
        try:
            return json.loads((self.path / name).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CourseError(f"{self.path / name} is missing or damaged: restore it, or start another run.") from error

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")

    def write(self, name: str, content: bytes) -> None:
        """Write a file of the folder, whole or not at all."""
        path = self.path / name
        path.parent.mkdir(exist_ok=True)
        write_whole(path, content)

    def save(self, run: Run) -> None:
        """Write the checkpoint, in the room held for it. With several processes every one of them must call this.

        Raises: CheckpointError when it does not fit; the last one stays.
        """
        if is_first():
            self.let_go()
        checkpoint.save(run, self.checkpoint)
        if is_first():
            self.hold_room()

    def hold_room(self) -> None:
        """Keep the room that the next checkpoint takes from being filled by others: a full disk then loses no round."""
        if self.checkpoint.exists() and hasattr(os, "posix_fallocate"):
            # where there is no such room, the next checkpoint may fail and this one stays
            with contextlib.suppress(OSError), open(self.reserve, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, self.checkpoint.stat().st_size + MARGIN)

    def let_go(self) -> None:
        self.reserve.unlink(missing_ok=True)

    def lines(self) -> list[dict[str, float]]:
        """The log so far; a last line that a killed run left unfinished does not count.

        Raises: CourseError when another line is damaged.
        """
        path = self.path / "log.jsonl"
        try:
            text = path.read_text("utf-8")
            return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise CourseError(f"{path} is damaged: take out the line that is no JSON, or start another run.") from error

    def rewind(self, step: int) -> list[dict[str, float]]:
        """Take back what was written after round `step`, which comes again, or half written; the log that stays."""
        for folder in (self.path, self.path / "samples", self.weights):
            sweep(folder)
        kept = [line for line in self.lines() if line["step"] <= step]
        self.write("log.jsonl", "".join(json.dumps(line) + "\n" for line in kept).encode())
        for number, sample in self.samples().items():
            if number > step:
                sample.unlink()
        return kept

    def samples(self) -> dict[int, Path]:
        """Round -> what the nets made after it, in this order."""
        found = ((SAMPLE.fullmatch(path.name), path) for path in (self.path / "samples").glob("*"))
        return dict(sorted((int(match[1]), path) for match, path in found if match))


def is_litter(path: Path) -> bool:
    """Whether a file was left by a system or an editor that somebody looked at the folder with."""
    return path.name.startswith(".") or path.name in ("Thumbs.db", "desktop.ini")


def locked(path: Path) -> IO[bytes] | None:
    """The file, opened and held by this process until it closes it or ends; None where another one holds it."""
    while True:
        file = open(path, "ab")  # noqa: SIM115, closed by who holds it
        try:
            if os.name == "nt":
                import msvcrt
                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK, errno.EDEADLK):
                file.close()
                return None                                # any other error: a file system without locks
        with contextlib.suppress(FileNotFoundError):
            if os.name == "nt" or os.path.samestat(os.fstat(file.fileno()), os.stat(path)):
                return file
        file.close()                                       # who held it has just deleted it: hold the next one
