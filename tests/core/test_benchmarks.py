"""The benchmarks as a set: what they say of themselves, the index of their tables, and the command that runs them."""

from __future__ import annotations

import argparse
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


def command(folder: Path = FOLDER):
    """`benchmarks/__main__.py` as a module, at home in `folder`."""
    spec = importlib.util.spec_from_file_location("benchmarks_main", folder / "__main__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_table_belongs_to_one_benchmark():
    claimed = [table for one in command().found().values() for table in one.tables]
    kept = {path.stem for path in (FOLDER / "results").glob("*.md")} - {"README"}
    assert len(claimed) == len(set(claimed))
    assert kept <= set(claimed), "say in TABLES which benchmark writes them"


def test_the_index_is_up_to_date():
    assert (FOLDER / "results" / "README.md").read_text("utf-8") == command().index(), "run python benchmarks --index"


def test_every_benchmark_says_what_it_is_and_how_long_it_takes():
    known = command().found()
    scripts = {path.stem for path in FOLDER.glob("*.py") if "if __name__ ==" in path.read_text("utf-8")}
    assert known.keys() == scripts - {"__main__"}
    assert all(one.minutes > 0 and one.about.endswith((".", "?")) for one in known.values())


TABLE = "# T\n\nM; commit abc, 2026-01-02\n\n| net | size | x |\n| --- | --- | --- |\n| a | 1 | 5 |\n| a | 2 | 7 |\n"


@pytest.mark.parametrize(("template", "filled"), [("{x @ a}", "5"), ("{x @ a, 2} of {x @ row 1}", "7 of 5")])
def test_headlines_quote_measured_cells(template, filled):
    assert command().headline(template, TABLE) == filled


@pytest.mark.parametrize("wrong", ["{y @ a}", "{x @ b}", "{x @ row 3}"])
def test_a_headline_cannot_quote_what_was_not_measured(wrong):
    with pytest.raises(LookupError, match="no cell"):
        command().headline(wrong, TABLE)


@pytest.fixture
def three(tmp_path) -> Path:
    """A folder of three benchmarks, of which the second fails, and one file that is none."""
    folder = tmp_path / "benchmarks"
    (folder / "results").mkdir(parents=True)
    shutil.copy(FOLDER / "__main__.py", folder)
    bodies = {"first": "print('one ran')", "second": "raise SystemExit(3)",
              "third": f"open(r'{folder}/results/third.md', 'w').write({TABLE!r})"}
    for name, body in bodies.items():
        said = f'"""About {name}."""\nMINUTES = 0.5\nTABLES = {{"{name}": "{{x @ a}}"}}\n'
        (folder / f"{name}.py").write_text(said + body)
    (folder / "helper.py").write_text('"""Not a benchmark."""\n')
    return folder


def bench(folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, str(folder), *words], capture_output=True, text=True)


def test_a_failure_is_told_at_the_end_and_the_rest_still_runs(three):
    done = bench(three)
    assert done.returncode == 1 and "1 of 3 failed: second" in done.stderr
    assert "1.5 min  of one core" in done.stdout and "About third." in done.stdout and "one ran" in done.stdout
    assert "| third | [T](third.md) | 5 | M | abc | 2026-01-02 |" in (three / "results" / "README.md").read_text()
    assert "| first | first | not measured yet |" in (three / "results" / "README.md").read_text()


def test_one_by_name_or_a_list_or_a_name_that_is_none(three):
    assert bench(three, "first").returncode == 0
    listed = bench(three, "--list")
    assert listed.returncode == 0 and "one ran" not in listed.stdout and "helper" not in listed.stdout
    wrong = bench(three, "fourth")
    assert wrong.returncode == 2 and "choose from first, second, third" in wrong.stderr


@pytest.mark.parametrize(("words", "chosen"), [([], ["a"]), (["b", "a"], ["b", "a"]), (["c"], None)])
def test_parts_of_a_benchmark_by_name_or_the_usual_ones(words, chosen, monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    from report import parse

    monkeypatch.setattr(sys, "argv", ["it.py", *words])
    if chosen is None:
        with pytest.raises(SystemExit):
            parse(argparse.ArgumentParser(), ["a", "b"], ["a"])
    else:
        assert parse(argparse.ArgumentParser(), ["a", "b"], ["a"]).parts == chosen
