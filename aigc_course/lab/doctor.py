"""What can be wrong with an installation: one sentence and one remedy for each problem.

Every check is a function of plain facts, so that each fault can be tested without having it; `examine` collects
the facts of this computer and asks them all.  Nothing heavy is imported: a broken torch must not stop the doctor.
"""

import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aigc_course.errors import CourseError
from aigc_course.lab import workspace

OLDEST, NEWEST = (3, 11), (3, 13)
FREE_GIGABYTES = 2.0
CJK_FONT = re.compile(r"CJK|Source Han|WenQuanYi|PingFang|YaHei|SimSun|SimHei|Heiti|Songti|Hiragino Sans GB", re.I)
PROBE = (
    "import torch, torchvision; from torchvision.ops import nms; nms(torch.rand(1, 4), torch.rand(1), 0.5); "
    "mps = torch.backends.mps.is_available(); "
    "print(torch.cuda.get_device_name() if torch.cuda.is_available() else 'MPS' if mps else 'CPU')"
)


@dataclass(frozen=True)
class Diagnosis:
    """One thing looked at.  A note is worth knowing and stops nothing; an error does."""

    what: str
    state: Literal["ok", "note", "error"]
    sentence: str
    remedy: str = ""
    fix: tuple[str, ...] = ()
    """A command that applies the remedy, where one can."""


def check_python(version: tuple[int, int]) -> Diagnosis:
    """The course runs on Python 3.11 to 3.13."""
    name = f"Python {version[0]}.{version[1]}"
    if OLDEST <= version <= NEWEST:
        return Diagnosis("Python", "ok", f"{name}.")
    age = "old" if version < OLDEST else "new"
    remedy = "Install Python 3.12 and run `make clean`, then `make lab PYTHON=python3.12`."
    return Diagnosis("Python", "error", f"{name} is too {age} for the course.", remedy)


def check_torch(torch: str, torchvision: str, wanted_torch: str, trouble: str, install: tuple[str, ...]) -> Diagnosis:
    """torch and torchvision are a pair: torchvision names the torch it was built for.

    Args:
        torch, torchvision: installed versions, "" where missing.
        wanted_torch: the torch that this torchvision asks for, such as "torch==2.12.0"; "" when any fits.
        trouble: the last line of what importing both and calling one compiled operator printed; "" when all went well.
        install: the command that installs a pair anew.
    """
    remedy = f"Install a matching pair: `{' '.join(_quoted(install))}`."
    if not (torch and torchvision):
        missing = " and ".join(name for name, v in (("torch", torch), ("torchvision", torchvision)) if not v)
        return Diagnosis("torch", "error", f"The package {missing} is not installed.", remedy, install)
    if wanted_torch:
        sentence = f"torchvision {torchvision} was built for {wanted_torch}, but torch {torch} is installed."
        return Diagnosis("torch", "error", sentence, remedy, install)
    if trouble:
        sentence = f"torch {torch} with torchvision {torchvision} does not work: {trouble}."
        return Diagnosis("torch", "error", sentence, remedy, install)
    return Diagnosis("torch", "ok", f"torch {torch} with torchvision {torchvision}.")


def check_device(device: str) -> Diagnosis:
    """A GPU is welcome and never needed."""
    if device == "CPU":
        remedy = "Nothing to do; the notebooks are made for one CPU core."
        return Diagnosis("GPU", "note", "There is no GPU that torch can use, so the CPU is used.", remedy)
    return Diagnosis("GPU", "ok", f"torch can use {'the GPU of this Mac' if device == 'MPS' else device}.")


def check_space(free_bytes: int, folder: Path) -> Diagnosis:
    """Checkpoints, downloads and the book need some room."""
    free = free_bytes / 1e9
    if free >= FREE_GIGABYTES:
        return Diagnosis("disk", "ok", f"{free:.0f} GB are free.")
    remedy = "Make room: empty the trash, and `pip cache purge` or `uv cache clean` free what installing left."
    return Diagnosis("disk", "error", f"Only {free:.1f} GB are free at {folder}.", remedy)


def check_font(fonts: Iterable[str], may_install: bool) -> Diagnosis:
    """Chinese in attention maps and in the book is drawn with the system's fonts, by the browser."""
    found = next((font for font in sorted(fonts) if CJK_FONT.search(font)), "")
    if found:
        return Diagnosis("font", "ok", f"Chinese is drawn with {found}.")
    fix = ("apt-get", "install", "--yes", "fonts-wqy-microhei") if may_install else ()
    remedy = "On Debian or Ubuntu: `sudo apt install fonts-wqy-microhei`; elsewhere install Noto Sans CJK SC."
    sentence = "No font with Chinese characters was found, so Chinese may show as boxes."
    return Diagnosis("font", "note", sentence, remedy, fix)


def check_mirror(folder: str, files: Mapping[str, Iterable[str]]) -> Diagnosis:
    """A local mirror, if one is named, can be read and has the files of the manifest (data set → its files)."""
    if not folder:
        remedy = "Nothing to do: built-in data needs none, and `AIGC_DATA_MIRROR=/some/folder` names one."
        return Diagnosis("mirror", "note", "No local mirror of the real data sets is named.", remedy)
    root = Path(os.path.expanduser(folder))
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        remedy = "Connect that drive or correct AIGC_DATA_MIRROR; `unset AIGC_DATA_MIRROR` goes on without it."
        return Diagnosis("mirror", "error", f"The mirror {folder} is not a folder that can be read here.", remedy)
    missing = {name: [file for file in wanted if not (root / name / file).is_file()] for name, wanted in files.items()}
    gaps = [f"{name} ({len(lost)} of {len(list(files[name]))} files)" for name, lost in missing.items() if lost]
    if gaps:
        remedy = "Copy them there or let `aigc data get NAME` download them; `aigc data verify` lists each file."
        return Diagnosis("mirror", "note", f"The mirror {folder} lacks {', '.join(gaps)}.", remedy)
    return Diagnosis("mirror", "ok", f"The mirror {folder} has every data set.")


def check_lab(has_lab: bool, has_chinese: bool, install: tuple[str, ...]) -> Diagnosis:
    """JupyterLab opens the notebooks, its language pack turns it Chinese."""
    if has_lab and has_chinese:
        return Diagnosis("JupyterLab", "ok", "JupyterLab and its Chinese language pack are there.")
    what = "JupyterLab's Chinese language pack" if has_lab else "JupyterLab"
    remedy = f"Install it: `{' '.join(_quoted(install))}`."
    return Diagnosis("JupyterLab", "note" if has_lab else "error", f"{what} is not installed.", remedy, install)


def check_place(root: Path | None, is_writable: bool) -> Diagnosis:
    """The course's commands work in its clone, and the learner's copy of the notebooks is written there."""
    if root is None:
        sentence = "This is not the folder of the course, so there are no notebooks to open."
        return Diagnosis("folder", "error", sentence, "`cd` to the folder of the clone and try again.")
    if not is_writable:
        remedy = "Take back the right to write there, or clone the course into a folder of your own."
        return Diagnosis("folder", "error", f"The folder {root} cannot be written.", remedy)
    return Diagnosis("folder", "ok", f"The course is in {root}.")


def examine() -> list[Diagnosis]:
    """Look at this computer; takes a few seconds, because torch is really imported (by a process of its own)."""
    root = _or_none(workspace.course_root)
    torch, torchvision = _version("torch"), _version("torchvision")
    wanted = unmet_torch(torch, importlib.metadata.requires("torchvision") or []) if torch and torchvision else ""
    answer, trouble = _probe_torch() if torch and torchvision else ("CPU", "")
    requirements = [r for r in _requirements() if re.match(r"torch(vision)?\b", r)]
    pair = (*_installer(), "--reinstall", *requirements)
    has_lab = importlib.util.find_spec("jupyterlab") is not None
    has_chinese = importlib.util.find_spec("jupyterlab_language_pack_zh_CN") is not None
    lab = (*_installer(), "jupyterlab>=4.2,<5", "jupyterlab-language-pack-zh-CN")
    here = root or Path.cwd()
    return [
        check_python(sys.version_info[:2]),
        check_place(root, os.access(here, os.W_OK)),
        check_space(shutil.disk_usage(here).free, here),
        check_torch(torch, torchvision, wanted, trouble, pair),
        check_device(answer),
        check_lab(has_lab, has_chinese, lab),
        check_font(_system_fonts(), may_install=_is_root() and shutil.which("apt-get") is not None),
        check_mirror(os.environ.get("AIGC_DATA_MIRROR", ""), _mirror_files()),
    ]


def unmet_torch(torch: str, requires: Iterable[str]) -> str:
    """What torchvision asks of torch, such as "torch==2.12.0", when version `torch` is not that; else ""."""
    from packaging.requirements import Requirement

    for text in requires:
        wanted = Requirement(text)
        if wanted.name == "torch" and not wanted.specifier.contains(torch, prereleases=True):
            return f"torch{wanted.specifier}"
    return ""


def _or_none(function: Callable[[], Path]) -> Path | None:
    try:
        return function()
    except CourseError:
        return None


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _requirements() -> list[str]:
    return importlib.metadata.requires("aigc-course") or ["torch", "torchvision"]


def _probe_torch() -> tuple[str, str]:
    """The device that torch finds, and the last line of its error where there is one."""
    done = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    if done.returncode:
        return "CPU", lines[-1].strip().rstrip(".") if lines else f"Python ended with status {done.returncode}"
    return done.stdout.strip().splitlines()[-1], ""


def _installer() -> tuple[str, ...]:
    """uv where this environment has it, else pip."""
    if importlib.util.find_spec("uv") is not None:
        return sys.executable, "-m", "uv", "pip", "install", "--python", sys.executable
    return sys.executable, "-m", "pip", "install"


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _system_fonts() -> list[str]:
    """File names of the fonts installed on this computer; their families are in the names well enough."""
    from matplotlib.font_manager import findSystemFonts

    return [Path(font).stem for font in findSystemFonts()]


def _mirror_files() -> dict[str, list[str]]:
    """The files of every data set in the manifest."""
    try:
        from aigc_course.data.registry import datasets
    except ImportError:  # torch is broken, which is a finding of its own
        return {}
    return {name: list(entry.sha256) for name, entry in datasets().items()}


def _quoted(words: Iterable[str]) -> list[str]:
    return [f'"{word}"' if re.search(r"[<>=!*, ]", word) else word for word in words]
