"""Break the code on purpose, one fault at a time: each fault must turn at least one of its named tests red.

    python -m tests.mutants              every mutant
    python -m tests.mutants --changed    those of files changed since the last merge base (or in the last commit)
    python -m tests.mutants NAME …       these

A mutant is an entry of `mutants.toml`: a file, a text that occurs in it exactly once, what replaces it, and the tests
that should notice. The tests run on a copy of the tree, so that the fault never touches the working files.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("aigc_course", "tests", "data", "notebooks", "book", "docs", "benchmarks", "conftest.py", "pyproject.toml")
SECONDS = 600
"""A fault may make a test hang: after this long it counts as noticed."""


@dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def apply(self, tree: Path) -> None:
        """Write the fault into the copy; SystemExit when the code has moved on and the fault no longer fits."""
        path = tree / self.file
        text = path.read_text("utf-8")
        if text.count(self.old) != 1:
            raise SystemExit(f"mutant {self.name}: its text occurs {text.count(self.old)} times in {self.file}, "
                             "not once: bring mutants.toml up to date")
        path.write_text(text.replace(self.old, self.new), "utf-8")


def load() -> list[Mutant]:
    entries = tomllib.loads((Path(__file__).parent / "mutants.toml").read_text("utf-8"))
    return [Mutant(name, **{**entry, "tests": tuple(entry["tests"])}) for name, entry in entries.items()]


def changed_files() -> set[str]:
    """What differs from the published branch, or, on that branch itself, what the last commit changed."""
    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout

    head, base = git("rev-parse", "HEAD").strip(), git("merge-base", "HEAD", "origin/main").strip()
    since = base if base and base != head else "HEAD~1"
    return set(git("diff", "--name-only", since).split()) | set(git("ls-files", "-om", "--exclude-standard").split())


def run_tests(tree: Path, tests: tuple[str, ...]) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": str(tree), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not soak", *tests]
    return subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, timeout=SECONDS)


def trial(mutant: Mutant) -> tuple[bool, str]:
    """Whether the tests noticed the fault, and the line to print."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        tree = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("_build", "__pycache__"))
            elif source.exists():
                shutil.copy(source, tree / name)
        mutant.apply(tree)
        try:
            result = run_tests(tree, mutant.tests)
        except subprocess.TimeoutExpired:
            return True, f"noticed   {mutant.name}: a test hung"
    reds = [line for line in result.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if result.returncode == 1 and reds:
        return True, f"noticed   {mutant.name}: {reds[0][:110]}"
    reason = "all its tests stayed green" if result.returncode == 0 else f"pytest ended with {result.returncode}"
    return False, f"SURVIVED  {mutant.name}: {reason}\n{result.stdout[-1500:] if result.returncode else ''}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--changed", action="store_true", help="only those whose file has changed")
    options = parser.parse_args()

    mutants = load()
    if unknown := set(options.names) - {mutant.name for mutant in mutants}:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    if options.names:
        mutants = [mutant for mutant in mutants if mutant.name in options.names]
    if options.changed:
        files = changed_files()
        mutants = [mutant for mutant in mutants if mutant.file in files]
    if not mutants:
        print("mutants: none of the changed files has one")
        return 0
    survivors = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for noticed, line in pool.map(trial, mutants):
            print(line, flush=True)
            survivors += not noticed
    print(f"mutants: {len(mutants) - survivors} passed, {survivors} failed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
