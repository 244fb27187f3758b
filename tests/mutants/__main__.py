"""Break the code on purpose, one fault at a time: each fault must turn at least one of its named tests red.

    python -m tests.mutants              every mutant
    python -m tests.mutants --changed    those of files changed since the last merge base (or in the last commit)
    python -m tests.mutants NAME …       these

A mutant is an entry of `mutants.toml`: a file, a text that occurs in it exactly once, what replaces it, and the tests
that should notice. The tests run on a copy of the tree, so that the fault never touches the working files, and in a
process forked from one that has imported torch and the like already, which is most of what a test costs.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = ("aigc_course", "tests", "data", "notebooks", "book", "docs", "benchmarks", "conftest.py", "pyproject.toml")
SECONDS = 600
"""A fault may make a test hang: after this long it counts as noticed."""
AT_ONCE = 2
PRELOADED = ("pytest", "torch", "torch._dynamo", "matplotlib.pyplot", "scipy.stats", "sklearn.datasets", "transformers",
             "tokenizers", "sacrebleu", "nbclient", "ipywidgets")


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


@contextlib.contextmanager
def copy() -> Iterator[Path]:
    """A copy of the tree; what no fault is put into, the weights, is linked to."""
    with tempfile.TemporaryDirectory(prefix="mutant-", ignore_cleanup_errors=True) as folder:
        tree = Path(folder)
        for name in COPIED:
            linked = ["models"] if name == "data" else []
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, tree / name,
                                ignore=shutil.ignore_patterns("_build", "__pycache__", *linked))
            else:
                shutil.copy(ROOT / name, tree / name)
        (tree / "data" / "models").symlink_to(ROOT / "data" / "models")
        yield tree


def run_tests(mutant: Mutant, tree: Path, report: Path) -> None:
    """In a process of its own: run the tests, and end with pytest's exit status."""
    os.setsid()                                                   # so that what a test starts ends with it
    with open(report, "wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    sys.dont_write_bytecode = True
    os.environ.update(PYTHONPATH=str(tree), OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="1")
    status = import_module("pytest").main(["-x", "-q", "-p", "no:cacheprovider", "-m", "not soak", *mutant.tests])
    sys.stdout.flush()
    os._exit(int(status))


@dataclass
class Trial:
    """One mutant and the process that tests it."""

    mutant: Mutant
    tree: Path
    process: BaseProcess
    begun: float

    @property
    def report(self) -> Path:
        return self.tree / "report.txt"

    def is_over(self) -> bool:
        return not self.process.is_alive() or time.monotonic() - self.begun > SECONDS

    def verdict(self) -> tuple[bool, str]:
        """Whether the tests noticed the fault, and the line to print."""
        hung = self.process.is_alive()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.join()
        if hung:
            return True, f"noticed   {self.mutant.name}: a test hung"
        said = self.report.read_text("utf-8", "replace")
        reds = [line for line in said.splitlines() if line.startswith(("FAILED", "ERROR"))]
        status = self.process.exitcode
        if status == 1 and reds:
            return True, f"noticed   {self.mutant.name}: {reds[0][:110]}"
        reason = "all its tests stayed green" if status == 0 else f"pytest ended with {status}"
        return False, f"SURVIVED  {self.mutant.name}: {reason}\n{said[-1500:] if status else ''}"


def trials(mutants: list[Mutant]) -> Iterator[tuple[bool, str]]:
    """The verdict on each mutant, a few at a time."""
    for name in PRELOADED:
        import_module(name)
    waiting, running = list(mutants), []
    with contextlib.ExitStack() as trees:
        while waiting or running:
            while waiting and len(running) < AT_ONCE:
                mutant, stack = waiting.pop(0), contextlib.ExitStack()
                tree = stack.enter_context(copy())
                trees.push(stack)
                mutant.apply(tree)
                process = multiprocessing.get_context("fork").Process(
                    target=run_tests, args=(mutant, tree, tree / "report.txt"))
                process.start()
                running.append((Trial(mutant, tree, process, time.monotonic()), stack))
            over = [one for one in running if one[0].is_over()]
            running = [one for one in running if one not in over]
            for trial, stack in over:
                yield trial.verdict()
                stack.close()
            time.sleep(0.05)


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
    for noticed, line in trials(mutants):
        print(line, flush=True)
        survivors += not noticed
    print(f"mutants: {len(mutants) - survivors} passed, {survivors} failed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
