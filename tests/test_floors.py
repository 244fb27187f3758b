"""The architecture as a test: a file of the package imports only from its own floor and the floors below."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "aigc_course"
FLOORS = [
    {"__init__", "errors", "files", "resources", "compute", "language", "shapes"},
    {"train", "distributed", "checkpoint", "speed", "policy", "weights", "sources", "costs", "data", "metrics"},
    {"models", "methods"},
    {"show"},
    {"runs", "recipes", "projects", "exercises", "authoring"},
    {"lab", "cli", "__main__"},
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
FILES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """The first-level parts of `aigc_course` that a file imports."""
    parts = ("aigc_course", *path.relative_to(PACKAGE).with_suffix("").parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = [*parts[: len(parts) - node.level]] if node.level else []
            base += (node.module or "").split(".") if node.module else []
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("aigc_course.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    here = path.relative_to(PACKAGE).with_suffix("").parts[0]
    assert here in FLOOR_OF, f"{here} has no floor: add it to FLOORS"
    above = {name for name in imported(path) & FLOOR_OF.keys() if FLOOR_OF[name] > FLOOR_OF[here]}
    assert not above, f"{path.name} on floor {FLOOR_OF[here]} imports from above: {sorted(above)}"


def test_errors_are_announced_in_one_spelling():
    """`Raises: CourseError when …`, in a docstring; so they can be found."""
    odd = [f"{path.relative_to(PACKAGE)}: {found.group()}" for path in FILES if "bank" not in path.parts
           for found in re.finditer(r"\bRaises? [A-Z]\w*Error\b", path.read_text("utf-8"))]
    assert odd == []


def test_the_check_sees_relative_and_absolute_imports(tmp_path):
    assert "compute" in imported(PACKAGE / "train.py")
    assert "train" in imported(PACKAGE / "show" / "progress.py")
