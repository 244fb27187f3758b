"""Measure: every benchmark or those that are named, each in a process of its own; then bring the index up to date.

    python benchmarks [NAME ...] [--list] [--index]

A benchmark is a file of this folder that says MINUTES, the CPU minutes it takes on one core of a laptop, and TABLES,
the tables it writes: name -> headline, in which `{column @ row}` stands for a measured cell; a row is named by its
first cells, or as `row 1`. Both are read without importing anything; the first line of its docstring is what it is
about.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aigc_course.files import write_whole

HERE = Path(__file__).parent
RESULTS = HERE / "results"


@dataclass(frozen=True)
class Benchmark:
    path: Path
    about: str
    minutes: float
    tables: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem


def read(path: Path) -> Benchmark | None:
    """What the file says of itself; None for one that is no benchmark."""
    tree = ast.parse(path.read_text("utf-8"))
    said = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("MINUTES", "TABLES")}
    if not said:
        return None
    return Benchmark(path, ast.get_docstring(tree).splitlines()[0], said["MINUTES"], said["TABLES"])


def found() -> dict[str, Benchmark]:
    """Every benchmark by name."""
    read_all = (read(path) for path in sorted(HERE.glob("*.py")) if path.name != "__main__.py")
    return {one.name: one for one in read_all if one}


# --- running ----------------------------------------------------------------------------------------------------------


def run(chosen: Sequence[Benchmark]) -> list[str]:
    """Run them one after the other, whatever becomes of the others; the names of those that failed."""
    failed = []
    for number, one in enumerate(chosen, 1):
        print(f"\n=== {number} of {len(chosen)}: {one.name}, about {one.minutes:g} min ===\n{one.about}\n", flush=True)
        begun, spent = time.monotonic(), sum(os.times()[2:4])
        code = subprocess.run([sys.executable, str(one.path)], env={"OMP_NUM_THREADS": "1", **os.environ}).returncode
        wall, spent = time.monotonic() - begun, sum(os.times()[2:4]) - spent          # of children, user and system
        print(f"\n{one.name}: {spent / 60:.1f} CPU minutes, {wall / 60:.1f} by the clock"
              + (f"; it FAILED with exit code {code}" if code else ""), flush=True)
        if code:
            failed.append(one.name)
    return failed


# --- the index --------------------------------------------------------------------------------------------------------


def cells(table: str) -> tuple[list[str], list[list[str]]]:
    """Columns and rows of the Markdown table in a file of results."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")]
             for line in table.splitlines() if line.startswith("|")]
    return lines[0], lines[2:]


def headline(template: str, table: str) -> str:
    """Fill in the measured cells. Raises: LookupError that names a cell which the table lacks."""
    columns, rows = cells(table)

    def cell(match: re.Match) -> str:
        column, row = match[1].split(" @ ")
        for number, one in enumerate(rows, 1):
            if column in columns and row in (f"row {number}", *(", ".join(one[:n]) for n in range(1, len(one)))):
                return one[columns.index(column)]
        raise LookupError(f"the table has no cell {match[1]!r}")

    return re.sub(r"\{(.+?)\}", cell, template)


def index() -> str:
    """Every table that there is: what it found, on which machine, at which commit, when."""
    lines = ["# What was measured", "",
             "`make bench` measures anew, `make bench only=NAME` one benchmark; `python benchmarks --list` says what "
             "each is about and how long it takes. Medians and, in brackets, ranges; times are CPU seconds.", "",
             "| benchmark | table | headline | machine | commit | date |", "| --- | --- | --- | --- | --- | --- |"]
    for one in found().values():
        for name, template in one.tables.items():
            path = RESULTS / f"{name}.md"
            if not path.exists():
                lines.append(f"| {one.name} | {name} | not measured yet | | | |")
                continue
            text = path.read_text("utf-8")
            title, machine = text.splitlines()[0].removeprefix("# "), text.splitlines()[2]
            where, commit, date = re.fullmatch(r"(.+); commit (\w+), ([\d-]+)", machine).groups()
            lines.append(f"| {one.name} | [{title}]({name}.md) | {headline(template, text)} | {where} | {commit} | "
                         f"{date} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones; all of them if none is named")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    parser.add_argument("--index", action="store_true", help="only write results/README.md")
    options = parser.parse_args()
    known = found()
    if unknown := [name for name in options.names if name not in known]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(known)}")
    chosen = [known[name] for name in options.names or known]
    failed = []
    if not options.index:
        for one in chosen:
            print(f"{one.name:14} {one.minutes:4g} min  {one.about}")
        total = sum(one.minutes for one in chosen)
        print(f"{'in all':14} {total:4g} min  of one core of a laptop", flush=True)
    if not (options.list or options.index):
        failed = run(chosen)
    if not options.list:
        write_whole(RESULTS / "README.md", index())
    if failed:
        sys.exit(f"\n{len(failed)} of {len(chosen)} failed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
