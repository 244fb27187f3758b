"""The pages on training: their commands have options that exist, and both languages give the same commands."""

from __future__ import annotations

import re
import shlex
from functools import lru_cache
from pathlib import Path

import pytest

from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.runs.command import command

DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "training.md", DOCS / "training.zh-CN.md"]
STARTS = ("aigc train ", "aigc_course.cli train ")


def commands(page: Path) -> list[list[str]]:
    """The words of every line in a code block, continued lines joined, comments left out."""
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.S)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))]


@lru_cache
def options_of(name: str) -> set[str]:
    found = family(name)
    return {one for action in command(found, next(iter(found.presets)))._actions for one in action.option_strings}


def test_both_languages_give_the_same_commands():
    assert commands(PAGES[0]) == commands(PAGES[1])
    first, second = (re.findall(r"`(--[^`]+)`", page.read_text("utf-8")) for page in PAGES)
    assert sorted(first) == sorted(second)


@pytest.mark.slow                                          # imports every family that is named
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_option_exists(page):
    seen = 0
    for words in commands(page):
        text = " ".join(words)
        start = next((start for start in STARTS if start in text), None)
        if start is None:
            continue
        name, *rest = text.partition(start)[2].split()
        asked = {word for word in rest if word.startswith("--")} - {"--help"}
        assert name in FAMILIES and asked <= options_of(name), text
        seen += 1
    assert seen > 8
    text = page.read_text("utf-8")
    table = re.findall(r"^\| `(--[a-z-]+)", text, re.M)
    assert len(table) == 8 and set(table) <= options_of("gpt")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_it_points_to_exists(page):
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
    assert links and all((DOCS / link).exists() for link in links), links
    heads = {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-")
             for head in re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)}
    anchors = re.findall(r"\]\(#([^)]+)\)", page.read_text("utf-8"))
    assert anchors and set(anchors) <= heads
