"""Files that appear whole or not at all, and folders that say what their files should hold.

A file is written under a temporary name in its own folder, then moved to its place: who reads sees the old one or the
new one. Every writer has a temporary name of its own, so that several may write the same file; the last one stays.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PureWindowsPath

from .errors import CourseError

STALE = 3600
"""Seconds without a byte after which a temporary file belongs to a process that was killed."""
SUMS = "SHA256SUMS"
"""The file that lists the digests of a folder's files, as `sha256sum --check` reads it."""


@contextlib.contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """The temporary path of a file that takes the place of `path` at the end of the block.

    After an error, or an interrupt, the old file is there as before and the temporary one is gone. What a killed
    process left of the same file an hour ago is swept away.
    """
    path = Path(path)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        yield partial
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sweep(path.parent, f".{path.name}.", STALE)


def write_whole(path: str | Path, content: bytes | str) -> None:
    """Write a file; text as UTF-8 with the line ends that it has."""
    with writing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def sweep(folder: Path, begin: str = ".", age: float = 0) -> None:
    """Delete the folder's temporary files whose name begins so and that nobody has written to for `age` seconds."""
    with contextlib.suppress(OSError):                 # another process sweeps, too, or the folder is not ours to tidy
        for entry in os.scandir(folder):
            if entry.name.startswith(begin) and entry.name.endswith(".tmp") \
                    and time.time() - entry.stat().st_mtime >= age:
                os.unlink(entry)


def users(find: Callable[[], Path]) -> Path:
    """A folder of this user, as `find` knows it. Raises: CourseError without HOME, where nobody knows the user."""
    try:
        return find()
    except RuntimeError as error:
        raise CourseError("Nobody knows the home folder of this user: set the variable HOME to a folder in which you "
                          "may write.") from error


# --- digests ----------------------------------------------------------------------------------------------------------


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def write_sums(folder: Path, names: Iterable[str]) -> None:
    """List these files of a folder with their digests."""
    write_whole(folder / SUMS, "".join(f"{sha256((folder / name).read_bytes())}  {name}\n" for name in sorted(names)))


def is_listed(path: Path, content: bytes) -> bool | None:
    """Whether the list of the file's folder has it with this content; None where no list speaks of it."""
    sums = path.parent / SUMS
    lines = sums.read_text("utf-8", "replace").splitlines() if sums.is_file() else []
    digests = [line[:64] for line in lines if line[64:] == f"  {path.name}"]
    return sha256(content) in digests if digests else None


def read_whole(path: Path) -> bytes:
    """The content of a file. Raises: CourseError when the list of its folder says otherwise."""
    content = path.read_bytes()
    if is_listed(path, content) is False:
        raise CourseError(f"{path} is damaged, or another file than {SUMS} beside it lists: restore both, or delete "
                          f"{SUMS} if you changed the file yourself.")
    return content


def inside(folder: Path, name: str) -> Path:
    """The file of this name in a folder. Raises: CourseError when the name leads out of the folder."""
    for parts in (PureWindowsPath(name), Path(name)):
        if not name or parts.anchor or ".." in parts.parts:
            raise CourseError(f"{folder} lists the file {name!r}, which is not inside of it: get the folder again from "
                              "where you trust it.")
    return folder / name
