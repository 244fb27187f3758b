"""A notebook as a page of the book: what Jupyter shows, and what only the book can add."""

import copy
import json
import re
from pathlib import Path

from solutions import folded_after

# a line break between two Chinese characters is no space, but a browser shows one
BROKEN_LINE = re.compile(r"(?<=[\u3001-\u9fff\uff01-\uff5e])\n(?=[\u3001-\u9fff\uff01-\uff5e])")
QUOTE_MARK = re.compile(r"<!--/?[a-z]\b[^>]*-->")  # numbers and questions are quoted between such marks
CAPTION = re.compile(r"\s*\*\*(图|Figure|表|Table)\b")
CITED = re.compile(r"\barXiv[ :](\d{4}\.\d{4,5})")
LESSON = re.compile(r"`(\d\d)/(\d\d)`")
WIDGET = "application/vnd.jupyter.widget-view+json"
MEASURED = {
    "zh": "实测（单核）：CPU 时间 {cpu_seconds:.0f} 秒 · 内存 {memory_mb} MB · {versions}",
    "en": "Measured on one core: {cpu_seconds:.0f} s of CPU time · {memory_mb} MB of memory · {versions}",
}


class BookError(Exception):
    """One sentence: what is wrong with the book's sources, and what to do."""


def read_notebook(path: Path) -> dict:
    """Raises: BookError if the notebook is damaged or was never run."""
    try:
        notebook = json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise BookError(f"{path} is not a readable notebook ({error}): restore it from git.") from None
    if any(cell.get("execution_count", 1) is None for cell in notebook["cells"]):
        raise BookError(f"{path} has cells without a run, and the book shows stored outputs: run `aigc author run`.")
    return notebook


def linked(text: str, bibliography: str, lessons: list[str], path: Path) -> str:
    """`text` with links from `03/01` to the lesson of that number, and from arXiv numbers to their papers.

    Raises: BookError if a paper is cited that the bibliography does not have.
    """
    for number in CITED.findall(text):
        if number not in bibliography:
            raise BookError(f"{path} cites arXiv {number}, which is not in book/references.bib: check and add it.")
    text = CITED.sub(r"[arXiv \1](https://arxiv.org/abs/\1)", text)

    def link(match: re.Match) -> str:
        found = [name for name in lessons if re.match(rf"{match[1]}_\w+/{match[2]}_", name)]
        return f"[{match[1]}/{match[2]}](../{found[0]}.ipynb)" if found else match[0]

    return LESSON.sub(link, text)


def for_book(notebook: dict, measured: dict | None, lang: str) -> dict:
    """A copy with the measured box after the title, captions marked, alt text on pictures, no widget views, and
    hints and solutions folded under the exercises.

    The alt text of a picture is in the metadata of its code cell, or of the caption that follows it.
    """
    notebook = copy.deepcopy(notebook)
    notebook["metadata"].pop("widgets", None)
    cells = []
    for cell, following in zip(notebook["cells"], [*notebook["cells"][1:], None], strict=True):
        cells.append(cell)
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            source = BROKEN_LINE.sub("", QUOTE_MARK.sub("", source))
            cell["source"] = boxed("figure-caption", source) if CAPTION.match(source) else source
        elif cell["cell_type"] == "code":
            if alt := alt_text(cell) or (alt_text(following) if following else ""):
                cell["metadata"].setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
            cell["outputs"] = [kept for output in cell["outputs"] if (kept := shown(output, alt))]
            cells += [markdown(f"{cell['id']}-{i}", text) for i, text in enumerate(folded_after(source, lang))]
    if measured:
        cells.insert(1, markdown("measured", measured_box(measured, lang)))
    return {**notebook, "cells": cells}


def markdown(name: str, text: str) -> dict:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def boxed(style: str, text: str) -> str:
    return f":::::{{container}} {style}\n{text}\n:::::"


def alt_text(cell: dict) -> str:
    return cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")


def shown(output: dict, alt: str) -> dict | None:
    """The output without its widget, for which a page has no kernel; None if nothing else is left."""
    data = output.get("data")
    if data is None:
        return output
    if WIDGET in data:
        del data[WIDGET]
        if not set(data) - {"text/plain"}:
            return None
    if alt and "text/html" in data:
        data["text/html"] = "".join(data["text/html"]).replace('alt=""', f'alt="{alt.replace(chr(34), "&quot;")}"')
    return output


def measured_box(measured: dict, lang: str) -> str:
    versions = " · ".join(f"{name} {version}" for name, version in measured["versions"].items())
    cost = {name: measured[name] for name in ("cpu_seconds", "memory_mb")}
    return boxed("measured", MEASURED[lang].format(versions=versions, **cost))
