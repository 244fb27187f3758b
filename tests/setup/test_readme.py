"""The READMEs say what is so: their chapter table, their links, and the commands they name."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from aigc_course.authoring.places import Course
from aigc_course.authoring.status import write_readme

ROOT = Path(__file__).parents[2]
READMES = ["README.md", "README.zh-CN.md"]


def test_the_chapter_table_is_that_of_the_last_measurement(tmp_path):
    for name in ("notebooks", "book"):
        (tmp_path / name).symlink_to(ROOT / name)
    for name in READMES:
        shutil.copy(ROOT / name, tmp_path)
    write_readme(Course(tmp_path))
    for name in READMES:
        current = (ROOT / name).read_text("utf-8")
        assert current == (tmp_path / name).read_text("utf-8"), f"{name}: run `aigc author status --readme`"


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_links_within_the_repository_lead_somewhere(name):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / name).read_text("utf-8"))
    assert targets and not [target for target in targets if not (ROOT / target).exists()]


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md"])
def test_make_knows_every_command_that_is_named(name):
    named = set(re.findall(r"\bmake ([a-z]+)\b(?= |`|$)", (ROOT / name).read_text("utf-8"), re.M))
    known = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert named - {"sure"} <= set(re.findall(r"make ([a-z]+)", known))
