"""The architecture as a test: which rooms of the package a file may import from."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "aigc_course"
FLOORS = [
    {"__init__", "errors", "files", "resources", "compute", "language", "shapes", "ranges"},
    {"train", "distributed", "checkpoint", "speed", "policy", "schedules",
     "weights", "sources", "costs", "data", "metrics"},
    {"models", "methods"},
    {"show"},
    {"runs", "recipes", "projects", "exercises", "authoring"},
    {"lab", "cli", "__main__"},
]
FLOOR_OF = {name: floor for floor, names in enumerate(FLOORS) for name in names}
WINGS = ("images", "text", "audio", "video")
WINGED = {"data", "metrics", "models", "show", "recipes"}
JOINING: set[str] = set()
"""Files of a wing that join two modalities, as a text encoder for pictures does."""
MOST = 25
"""Files in a folder of the package: more can hardly be taken in at a glance."""
FILES = sorted(PACKAGE.rglob("*.py"))


def place(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def imported(path: Path) -> set[tuple[str, ...]]:
    """What a file imports from the package, as parts: ("data", "text", "bpe", "BPE")."""
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
        found |= {tuple(name.split(".")[1:]) for name in names if name.startswith("aigc_course.")}
    return found


def from_above(path: Path) -> set[str]:
    """The rooms that a file imports from although they lie on a higher floor."""
    floor = FLOOR_OF[path.relative_to(PACKAGE).with_suffix("").parts[0]]
    return {parts[0] for parts in imported(path) if FLOOR_OF.get(parts[0], floor) > floor}


def across(path: Path) -> set[str]:
    """What a file of a wing imports from another wing, or a file that all wings share from any."""
    room, *inner = path.relative_to(PACKAGE).parts[:-1] or ("",)
    if room not in WINGED:
        return set()
    return {".".join(parts) for parts in imported(path) if {*WINGS} & {*parts} - {*inner}}


def test_every_room_has_a_floor():
    assert {path.relative_to(PACKAGE).with_suffix("").parts[0] for path in FILES} <= FLOOR_OF.keys()


def test_imports_point_down():
    assert {place(path): rooms for path in FILES if (rooms := from_above(path))} == {}


def test_a_wing_imports_its_own_and_what_is_shared():
    found = {place(path): names for path in FILES if (names := across(path)) and place(path) not in JOINING}
    assert found == {}
    assert all(across(PACKAGE / name) for name in JOINING), "a file that joins nothing is no exception"


def test_no_folder_is_too_full_to_be_read():
    folders = {path.parent for path in FILES}
    assert {place(folder): count for folder in folders if (count := len([*folder.glob("*.py")])) > MOST} == {}


def test_errors_are_announced_in_one_spelling():
    """`Raises: CourseError when …`, in a docstring; so they can be found."""
    odd = [f"{path.relative_to(PACKAGE)}: {found.group()}" for path in FILES if "bank" not in path.parts
           for found in re.finditer(r"\bRaises? [A-Z]\w*Error\b", path.read_text("utf-8"))]
    assert odd == []


def classes(files: Iterable[Path]) -> dict[str, list[str]]:
    """The name of each class at the top of a file, but not a private one -> the files that define it."""
    found: dict[str, list[str]] = {}
    for path in files:
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, []).append(place(path))
    return found


def test_no_two_classes_share_a_name():
    """Or a reader would have to ask which of them is meant; the bank's exercises stand each for itself."""
    files = [path for path in FILES if not place(path).startswith("exercises/bank/")]
    assert {name: there for name, there in classes(files).items() if len(there) > 1} == {}


def test_the_rules_see_relative_and_absolute_imports(tmp_path, monkeypatch):
    rooms = {parts[0] for parts in imported(PACKAGE / "train.py")}
    assert "compute" in rooms and "train" in {parts[0] for parts in imported(PACKAGE / "show" / "progress.py")}
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path)
    (tmp_path / "data" / "images").mkdir(parents=True)
    wrong = tmp_path / "data" / "images" / "wrong.py"
    wrong.write_text("from aigc_course.show.plots import tile\nfrom ..text.bpe import BPE\n")
    assert from_above(wrong) == {"show"} and across(wrong) == {"data.text.bpe.BPE"}
