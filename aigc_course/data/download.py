"""Find the files of a data set: in the mirror, else in this computer's cache, else on the network.

Every file is compared with its published SHA-256 before and after it is read.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, cast

import pooch

from aigc_course.data.registry import Dataset, dataset
from aigc_course.errors import CourseError

MIRROR = "AIGC_DATA_MIRROR"
TIMEOUT = 15  # seconds without an answer before the next address is tried
AT_ONCE = 8  # files downloaded side by side: some data sets are thousands of small files

pooch.get_logger().setLevel("WARNING")


class DataError(CourseError):
    """A file of a data set is missing, damaged or out of reach; the message says what to do."""


class State(NamedTuple):
    """Of one file: 'ok', 'damaged' or 'missing', and where it lies (None if it is missing)."""

    state: str
    path: Path | None


def mirror() -> Path | None:
    """The folder that AIGC_DATA_MIRROR names (a class's network share, a USB stick); None if it is not set.

    Raises: DataError if it names something that is not a folder.
    """
    name = os.environ.get(MIRROR)
    if not name:
        return None
    folder = Path(os.path.expanduser(name))                    # of a "~" that nobody knows it makes none
    if not folder.is_dir():
        raise DataError(
            f"{MIRROR} is set to {folder}, which is not a folder that can be read here: "
            "connect that drive, correct the variable, or unset it."
        )
    return folder


def cache_folder() -> Path:
    """Where downloads are kept, outside the course's own folder. Raises: DataError for an account without a home."""
    folder = Path(pooch.os_cache("aigc-course")) / "data"
    if not folder.is_absolute():                               # "~" stays where nobody knows what it stands for
        raise DataError("This account has no home folder to keep downloads in: set HOME (or XDG_CACHE_HOME) to a "
                        f"folder, or {MIRROR} to one that has the data.")
    return folder


def locate(name: str, file: str) -> Path | None:
    """The path of a data set's file in the mirror or else the cache, unchecked; None if neither has it."""
    _expected(dataset(name), file)
    for place in (mirror, cache_folder):                       # whom the mirror serves needs no home for a cache
        folder = place()
        if folder is not None and (folder / name / file).is_file():
            return folder / name / file
    return None


@contextmanager
def verified(name: str, file: str) -> Iterator[Path]:
    """The path of a data set's file, downloaded if need be, for the time of reading it:

        with verified("tatoeba", "cmn.txt") as path:
            text = path.read_text(encoding="utf-8")

    Raises: DataError if its SHA-256 is not the published one before reading, or no longer is after.
    """
    wanted = dataset(name)
    path = locate(name, file)
    if path is None:
        _announce(wanted)
        path = download(wanted, file)
    _require(path, _expected(wanted, file), "is damaged")
    yield path
    _require(path, _expected(wanted, file), "was changed while it was read")


def fetch(name: str, advance: Callable[[int], None] = lambda count: None) -> None:
    """Make every file of a data set available: download those that neither mirror nor cache has whole.

    advance: called with the number of further bytes at hand, for a progress bar.
    Raises: DataError at the first file that cannot be had.
    """
    wanted = dataset(name)

    def one(file: str) -> None:
        found = check(name, file)
        if found.path and found.state == "damaged" and not found.path.is_relative_to(cache_folder()):
            _require(found.path, wanted.sha256[file], "is damaged")  # a mirror is not ours to repair
        if found.path and found.state == "ok":
            advance(found.path.stat().st_size)
        else:
            download(wanted, file, advance)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(one, file) for file in wanted.sha256]
        try:
            for job in jobs:
                job.result()
        finally:
            for job in jobs:
                job.cancel()


def check(name: str, file: str) -> State:
    """Compare one file with its published SHA-256, without downloading anything."""
    path = locate(name, file)
    if path is None:
        return State("missing", None)
    return State("ok" if _sha256(path) == dataset(name).sha256[file] else "damaged", path)


def download(wanted: Dataset, file: str, advance: Callable[[int], None] = lambda count: None) -> Path:
    """Download one file into the cache, from the first of its addresses that has it whole.

    Raises: DataError if none has.
    """
    target = cache_folder() / wanted.name / file
    known = f"sha256:{_expected(wanted, file)}"
    reason = "it has no address"
    for url in wanted.urls(file):
        meter = _Meter(advance)
        # pooch takes any bar with our meter's methods, and its own downloaders: its annotations forget both
        load = pooch.HTTPDownloader(progressbar=cast(Any, meter), timeout=TIMEOUT, chunk_size=1 << 16)
        try:
            pooch.retrieve(url, known, fname=target.name, path=target.parent, downloader=cast(Any, load))
            return target
        except ValueError:  # pooch compared the hashes
            reason = "what came is not the published file"
        except OSError as error:  # the network's errors have no errno, the file system's have
            if error.errno is not None:
                raise DataError(
                    f"{target} cannot be written ({error.strerror}): free some space or check the folder."
                ) from error
            reason = type(error).__name__
        meter.reset()
    raise DataError(
        f"{wanted.name}/{file} could not be downloaded ({reason}): connect to the network and try again, "
        f"or put the file at FOLDER/{wanted.name}/{file} and set {MIRROR}=FOLDER."
    )


class _Meter:
    """What pooch asks of a progress bar, passed on as numbers of bytes; a failure takes its own back."""

    def __init__(self, advance: Callable[[int], None]):
        self.advance, self.total, self.done = advance, 0, 0

    def update(self, count: int) -> None:
        self.done += count
        self.advance(count)

    def reset(self) -> None:
        self.update(-self.done)

    def close(self) -> None:
        """Nothing to close: the bar belongs to whoever shows it."""


def _expected(wanted: Dataset, file: str) -> str:
    if file not in wanted.sha256:
        raise DataError(
            f"The data set {wanted.name} has no file {file!r}: "
            f"it has {len(wanted.sha256)} files, such as {next(iter(wanted.sha256))}."
        )
    return wanted.sha256[file]


def _require(path: Path, expected: str, trouble: str) -> None:
    if _sha256(path) != expected:
        remedy = (
            f"delete it and run `aigc data get {path.relative_to(cache_folder()).parts[0]}`"
            if path.is_relative_to(cache_folder())
            else f"copy it to the mirror again, or unset {MIRROR}"
        )
        raise DataError(f"{path} {trouble} (its SHA-256 is not the published {expected[:8]}…): {remedy}.")


def _sha256(path: Path) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path} cannot be read ({error.strerror}): check the drive and its permissions."
        ) from error


def _announce(wanted: Dataset) -> None:
    print(f"Downloading {wanted.title}. Licence: {wanted.licence}. Cite: {wanted.citation}.", file=sys.stderr)
