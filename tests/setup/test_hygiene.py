"""What no tracked file may hold: the path of somebody's machine, a package registry's host, temporary or huge files."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BINARY = {".png", ".jpg", ".gz", ".npz", ".safetensors", ".otf", ".woff2"}
# Written in pieces, so that this file is not its own first finding.
HOSTS = "|".join(["files.python" + "hosted", "pypi." + "org", "registry.npm" + "js", "deb.deb" + "ian.org"])
FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.${}])/(?:work|root|farm|tmp|(?:home|Users)/\w+)/"),
    "a package registry's host": re.compile(HOSTS),
    "a note of the workshop": re.compile(r"\b(ecosystem|inventory|brief)\.md\b|\bissue #?\d", re.I),
    "a conflict marker": re.compile(r"^(<{7}|>{7}) ", re.M),
}


def tracked():
    listing = subprocess.run(["git", "-c", "core.quotepath=off", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git clone")
    return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what):
    found = []
    for name in tracked():
        path = ROOT / name
        if path.suffix not in BINARY:
            text = path.read_text("utf-8")
            found += [f"{name}: {match.group()!r}" for match in FORBIDDEN[what].finditer(text)]
    assert not found


def test_no_lock_file_and_nothing_huge_is_tracked():
    names = tracked()
    locks = {"uv.lock", "poetry.lock", "package-lock.json", "Pipfile.lock"}
    assert not [name for name in names if Path(name).name in locks or name.endswith((".tmp", ".part"))]
    limit = {"data/models/poet/model.safetensors": 10_000_000}                 # the one large net of the course
    assert not [name for name in names if (ROOT / name).stat().st_size > limit.get(name, 2_000_000)]


def test_the_working_copy_is_ignored():
    command = ["git", "check-ignore", "my-course/zh/01.ipynb", ".venv/x", "book/_build/x"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode == 128:
        pytest.skip("not a git clone")
    assert len(done.stdout.splitlines()) == 3
