"""What every benchmark says about itself: the machine, the versions, the commit, and a Markdown table of results."""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import torch

from aigc_course.files import write_whole
from aigc_course.runs.versions import processor

RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """One line: processor, cores, threads in use, accelerator, versions, commit, date."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True,
                            cwd=Path(__file__).parent).stdout.strip() or "unknown"
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    return (f"{processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} thread(s), {gpu}; Python "
            f"{platform.python_version()}, torch {torch.__version__.split('+')[0]}; commit {commit}, {date.today()}")


def middle(values: Sequence[float], digits: int = 2) -> str:
    """Median and range: "1.03 (0.98–1.09)"."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def parse(parser: argparse.ArgumentParser, known: Sequence[str], default: Sequence[str] = ()) -> argparse.Namespace:
    """The options; `parts` are those of `known` that were named, or else the default, or else all.

    argparse itself would compare an empty list of parts with each of the `choices`, and refuse it.
    """
    usual = list(default or known)
    parser.add_argument("parts", nargs="*", metavar="PART",
                        help=f"{', '.join(known)}; without any {'all' if usual == list(known) else ', '.join(usual)}")
    options = parser.parse_args()
    if unknown := [part for part in options.parts if part not in known]:
        parser.error(f"there is no part {unknown[0]!r}: choose from {', '.join(known)}")
    options.parts = options.parts or usual
    return options


def write(name: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], note: str = "",
          folder: Path = RESULTS) -> None:
    """Print the table and keep it as `results/NAME.md`, or in another folder."""
    lines = [f"# {title}", "", machine(), "", "| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    if note:
        lines += ["", note]
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{name}.md", "\n".join(lines) + "\n")
    print("\n".join(lines))
