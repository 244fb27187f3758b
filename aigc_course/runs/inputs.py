"""What a run learns from, told by digests: with other data of the same name it would go on as another run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from torch import Tensor

from aigc_course.errors import CourseError
from aigc_course.recipes.images.pictures import files_of
from aigc_course.train import BatchSource


def whole_path(data: str, names: Iterable[str]) -> str:
    """The data as it can be found from any folder: a name as it is, what exists by its path from the root."""
    path = Path(os.path.expanduser(data))
    return os.path.abspath(path) if data not in names and path.exists() else data


def fingerprints(data: str, names: Iterable[str], batches: BatchSource) -> dict[str, str]:
    """SHA-256 of the learner's own file, or of all pictures of a folder, and of the numbers in the first batch.

    The latter are tokens or labels: another vocabulary, other merges, or another edition of data that has a name.
    Drawn pictures do not count, whose last digits may differ between computers.
    """
    found = {}
    if data not in names:
        found["files"] = digest(Path(data))
    whole = [one.cpu().contiguous() for one in batches[0]
             if isinstance(one, Tensor) and not one.is_floating_point() and not one.is_complex()]
    if whole:
        content = b"".join(repr(tuple(one.shape)).encode() + one.numpy().tobytes() for one in whole)
        found["first batch"] = hashlib.sha256(content).hexdigest()
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file, or of the names and contents of the pictures below a folder; "" where there is nothing."""
    if path.is_file():
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    if not path.is_dir():
        return ""
    lines = (f"{file.relative_to(path).as_posix()} {digest(file)}\n" for file in files_of(path))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def require_same(before: Mapping[str, str], now: Mapping[str, str], data: str) -> None:
    """Raises: CourseError unless the data is what the run began with."""
    other = [name for name in before if name in now and before[name] != now[name]]
    if "files" in other:
        raise CourseError(f"{data} is not what this run began with: put the former content back, or start another run "
                          "with another --out.")
    if other:
        raise CourseError(f"{data} gives other batches than when this run began, as after an update of the course or "
                          "of a library: go on with the former versions (versions.json), or start another run.")
