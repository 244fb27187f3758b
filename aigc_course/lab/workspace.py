"""The learner's own copy of the notebooks, `my-course/`, which git ignores.

`update` makes it once and later brings in what the course has changed, but never over anything the learner
changed.  Who changed what is told by SHA-256: `my-course/.shipped.json` holds the hash of the version of each
file that was last handed to the learner.  Running a cell changes it, as its outputs are the learner's own.
"""

import hashlib
import json
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aigc_course.errors import CourseError
from aigc_course.files import write_whole, writing
from aigc_course.language import LANGUAGES

COPY = "my-course"
SHIPPED = ".shipped.json"


@dataclass
class Update:
    """What `update` did; paths are relative to the working copy."""

    copied: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    beside: dict[str, str] = field(default_factory=dict)
    """A file that both sides changed → the new version that now lies beside the learner's."""

    def sentences(self) -> list[str]:
        """What a learner should know, one sentence for each thing."""
        kept = [
            f"You and the course both changed {mine}: yours is kept, the course's new one is {new}."
            for mine, new in self.beside.items()
        ]
        count = len(self.replaced)
        fresh = [f"{count} notebook{'s' if count > 1 else ''} brought up to date."] if count else []
        return fresh + kept


def course_root(start: Path | None = None) -> Path:
    """The folder of the clone: the one this package lies in, else the one around `start` (the working directory).

    Raises: CourseError when there is no clone, as for a wheel installed elsewhere.
    """
    start = start or Path.cwd()
    for folder in (Path(__file__).resolve().parents[2], start, *start.parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise CourseError("There are no notebooks here: go to the folder of the course's clone, then try again.")


def files_of(notebooks: Path) -> list[str]:
    """The files under a notebooks folder as relative POSIX paths, sorted; what systems leave is not the course's."""
    found = (path.relative_to(notebooks) for path in notebooks.rglob("*")
             if path.is_file() and path.name not in ("Thumbs.db", "desktop.ini"))
    return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal; of a notebook only its cells count.

    Opening a notebook already makes JupyterLab rewrite the rest: the kernel's version, the state of widgets.
    """
    content = path.read_bytes()
    if path.suffix == ".ipynb":
        with suppress(ValueError, KeyError, TypeError):  # a damaged one is judged by its bytes
            content = json.dumps(_joined(json.loads(content)["cells"]), sort_keys=True).encode()
    return hashlib.sha256(content).hexdigest()


def _joined(value):
    """The same JSON with each list of lines as one text: a notebook may be written either way."""
    if isinstance(value, dict):
        return {key: _joined(inner) for key, inner in value.items()}
    if isinstance(value, list):
        is_text = all(isinstance(line, str) for line in value)
        return "".join(value) if is_text else [_joined(inner) for inner in value]
    return value


def update(notebooks: Path, copy: Path) -> Update:
    """Bring the working copy up to date with the course, never overwriting what the learner changed.

    Raises: CourseError when the working copy cannot be written.
    """
    done = Update()
    try:
        copy.mkdir(parents=True, exist_ok=True)
        shipped = _read_shipped(copy)
        for name in files_of(notebooks):
            _update_file(name, notebooks / name, copy, shipped, done)
        _write_shipped(copy, shipped)
    except OSError as error:
        raise CourseError(
            f"The working copy {copy} cannot be written ({error.strerror or error}): free some space or "
            "take back the right to write there."
        ) from error
    return done


def _update_file(name: str, source: Path, copy: Path, shipped: dict[str, str], done: Update) -> None:
    mine, offered, handed_out = copy / name, digest(source), shipped.get(name)
    shipped[name] = offered
    if not mine.exists():
        _copy(source, mine)
        done.copied.append(name)
        return
    present = digest(mine)
    if present == offered or offered == handed_out:
        return  # already the same, or only the learner changed it
    if present == handed_out:
        _copy(source, mine)
        done.replaced.append(name)
        return
    new = _free_name(mine, "new")
    _copy(source, new)
    done.beside[name] = new.relative_to(copy).as_posix()


def reset(notebooks: Path, copy: Path, name: str) -> Path | None:
    """Restore one file, given by its relative path; the learner's version, if it differs, becomes a backup.

    Returns the backup's path, or None when there was nothing to keep.
    """
    source, mine = notebooks / name, copy / name
    backup = None
    try:
        if mine.exists() and digest(mine) != digest(source):
            backup = _free_name(mine, "backup")
            _copy(mine, backup)
        _copy(source, mine)
        shipped = _read_shipped(copy)
        shipped[name] = digest(source)
        _write_shipped(copy, shipped)
    except OSError as error:
        raise CourseError(f"{mine} cannot be restored ({error.strerror or error}); nothing was lost.") from error
    return backup


def find_notebook(notebooks: Path, name: str, lang: str) -> str:
    """The relative path of one notebook: "" is the first, "03/01" goes by numbers, "gan" by a part of its name.

    A path into the working copy, written in any way, is a name; one that starts with zh/ or en/ says its own language.
    Raises: CourseError when none or several fit.
    """
    own, wanted = asked_for(name)
    lang = own or lang
    names = [path for path in files_of(notebooks) if path.startswith(f"{lang}/") and path.endswith(".ipynb")]
    if not names:
        raise CourseError(f"There are no notebooks in the language {lang!r}; the languages are zh and en.")
    if not wanted:
        return names[0]
    if f"{lang}/{wanted}.ipynb" in names:
        return f"{lang}/{wanted}.ipynb"
    fitting = [path for path in names if _fits(path.removeprefix(f"{lang}/").removesuffix(".ipynb"), wanted)]
    if len(fitting) == 1:
        return fitting[0]
    found, listed = ("Several notebooks fit", fitting) if fitting else ("No notebook fits", names)
    raise CourseError(f"{found} {name!r}; name one of: {', '.join(path[len(lang) + 1 : -6] for path in listed)}.")


def asked_for(name: str) -> tuple[str, str]:
    """The language that a name says itself, or "", and what it says of the notebook, "" where that is nothing."""
    parts = [part for part in name.strip().replace("\\", "/").split("/") if part not in ("", ".")]
    roots = [place for place, part in enumerate(parts) if part in (COPY, "notebooks")]
    parts = parts[roots[-1] + 1:] if roots else parts
    own = parts.pop(0) if parts and parts[0] in LANGUAGES else ""
    return own, "/".join(parts).removesuffix(".ipynb")


def _fits(path: str, wanted: str) -> bool:
    parts, asked = path.split("/"), wanted.split("/")
    if len(asked) == 1:
        return wanted in parts[-1]
    return len(parts) == len(asked) and all(part.startswith(ask) for part, ask in zip(parts, asked, strict=True))


def _free_name(path: Path, mark: str) -> Path:
    """01_gan.ipynb → 01_gan.new.ipynb, or 01_gan.new-2.ipynb when that is taken, and so on."""
    number = 1
    while True:
        tail = mark if number == 1 else f"{mark}-{number}"
        free = path.with_name(f"{path.stem}.{tail}{path.suffix}")
        if not free.exists():
            return free
        number += 1


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with writing(target) as temporary:
        shutil.copyfile(source, temporary)


def _read_shipped(copy: Path) -> dict[str, str]:
    """The recorded hashes; a missing or damaged record only means that more counts as the learner's own."""
    try:
        shipped = json.loads((copy / SHIPPED).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return shipped if isinstance(shipped, dict) else {}


def _write_shipped(copy: Path, shipped: dict[str, str]) -> None:
    write_whole(copy / SHIPPED, json.dumps(shipped, indent=1, sort_keys=True) + "\n")
