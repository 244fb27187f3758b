"""Lays out what Sphinx reads: one folder per language, made from pages, chapters.toml and the notebooks.

A file is only written when its text changes, so that Sphinx reads again only what changed.
"""

import copy
import csv
import json
import os
import re
import tomllib
from pathlib import Path

from solutions import folded_after

BOOK = Path(__file__).parent
ROOT = BOOK.parent
LANGUAGES = ("zh", "en")
QUOTE_MARK = re.compile(r"<!--/?[a-z]\b[^>]*-->")  # numbers and questions are quoted between such marks
# a line break between two Chinese characters is no space, but a browser shows one
BROKEN_LINE = re.compile(r"(?<=[\u3001-\u9fff\uff01-\uff5e])\n(?=[\u3001-\u9fff\uff01-\uff5e])")
CAPTION = re.compile(r"\s*\*\*(图|Figure|表|Table)\b")
WIDGET = "application/vnd.jupyter.widget-view+json"

WORDS = {
    "zh": {
        "measured": "实测（单核）：CPU 时间 {cpu_seconds:.0f} 秒 · 内存 {memory_mb} MB · {versions}",
        "chapter": "第 {number} 章　{title}",
        "lessons": "课文",
        "no_lesson": "本版暂无这一章的 notebook。",
        "glossary": "术语表",
        "glossary_text": "全书按这张表用词：左边是中文，右边是英文。",
        "zh": "中文", "en": "英文", "avoid": "不用",
        "symbols": "符号表",
        "symbols_text": "每个符号的含义、用到它的公式，以及计算它的那一行代码（行号在建书时由代码得出）。",
        "symbol": "符号", "meaning": "含义", "equation": "公式", "code": "代码",
        "references": "参考文献",
        "references_text": "每条文献都按原文核对过题目、作者与编号。",
        "chapters": "各章",
    },
    "en": {
        "measured": "Measured on one core: {cpu_seconds:.0f} s of CPU time · {memory_mb} MB of memory · {versions}",
        "chapter": "{number}  {title}",
        "lessons": "Lessons",
        "no_lesson": "This edition has no notebook for this chapter yet.",
        "glossary": "Glossary",
        "glossary_text": "The words of the whole course, in both languages.",
        "zh": "Chinese", "en": "English", "avoid": "Avoid",
        "symbols": "Symbols",
        "symbols_text": "What each symbol means, an equation that uses it, and the line of code that computes it "
                        "(line numbers are read from the code when the book is built).",
        "symbol": "Symbol", "meaning": "Meaning", "equation": "Equation", "code": "Code",
        "references": "References",
        "references_text": "Title, authors and identifier of every entry were checked against the paper.",
        "chapters": "Chapters",
    },
}  # fmt: skip


class BookError(Exception):
    """One sentence: what is wrong with the book's sources, and what to do."""


def lay_out(lang: str, notebooks: Path, out: Path) -> None:
    """Brings the folder `out` to what Sphinx is to read for one language.

    notebooks: the folder that holds zh/ and en/.
    Raises: BookError if a notebook, term or code line that the book needs is missing or damaged.
    """
    lessons = find_lessons(notebooks)
    files = {path.name: path.read_text("utf-8") for path in (BOOK / "pages" / lang).glob("*.md")}
    files["references.bib"] = (BOOK / "references.bib").read_text("utf-8")
    measured = read_measured()
    for number, chapter in enumerate(read_chapters(), start=1):
        inside = lessons.pop(chapter["id"], [])
        for name in inside:
            source = notebooks / lang / chapter["id"] / f"{name}.ipynb"
            page = lesson(source, measured.get(f"{chapter['id']}/{name}"), lang)
            files[f"{chapter['id']}/{name}.ipynb"] = page
        if chapter["id"] == "09_appendix":
            files |= appendix(lang)
            inside = [*inside, "glossary", "symbols", "references"]
        files[f"{chapter['id']}/index.md"] = opening(number, chapter[lang], inside, lang)
    if lessons:
        raise BookError(f"notebooks/*/{min(lessons)} is no chapter of book/chapters.toml: add it there.")
    files["index.md"] += toctree([f"{c['id']}/index" for c in read_chapters()], WORDS[lang]["chapters"])
    bring(out, {name: BROKEN_LINE.sub("", text) for name, text in files.items()})


def bring(folder: Path, files: dict[str, str]) -> None:
    """Makes `folder` hold exactly these texts, touching only what differs."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, text in files.items():
        path = folder / name
        if path.exists() and path.read_text("utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)


def find_lessons(notebooks: Path) -> dict[str, list[str]]:
    """The notebooks' names by chapter; both languages must have the same ones."""
    found = {
        lang: {path.relative_to(notebooks / lang).as_posix() for path in (notebooks / lang).glob("*/*.ipynb")}
        for lang in LANGUAGES
    }
    for name in sorted(found["zh"] ^ found["en"]):
        raise BookError(f"{name} exists in one language only: run `aigc author sync` and translate it.")
    lessons: dict[str, list[str]] = {}
    for name in sorted(found["zh"]):
        chapter, file = name.split("/")
        lessons.setdefault(chapter, []).append(file.removesuffix(".ipynb"))
    return lessons


def read_chapters() -> list[dict]:
    return tomllib.loads((BOOK / "chapters.toml").read_text("utf-8"))["chapter"]


def read_measured() -> dict:
    path = BOOK / "measured.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


# -- pages

def opening(number: int, chapter: dict, inside: list[str], lang: str) -> str:
    words = WORDS[lang]
    text = f"# {words['chapter'].format(number=number, title=chapter['title'])}\n\n{chapter['body'].strip()}\n"
    return text + (toctree(inside, words["lessons"]) if inside else f"\n*{words['no_lesson']}*\n")


def toctree(names: list[str], title: str) -> str:
    listed = "\n".join(names)
    return f"\n## {title}\n\n```{{toctree}}\n:maxdepth: 2\n:titlesonly:\n\n{listed}\n```\n"


def appendix(lang: str) -> dict[str, str]:
    """Glossary and symbols from terms.csv, and the bibliography."""
    words, other = WORDS[lang], {"zh": "en", "en": "zh"}[lang]
    with open(BOOK / "terms.csv", encoding="utf-8", newline="") as file:
        terms = list(csv.DictReader(file))
    terms.sort(key=lambda term: term["en"].lower())
    glossary = table(
        [words[lang], words[other], words["avoid"]],
        [[" · ".join((term[column] or "").split("|")) for column in (lang, other, "avoid")] for term in terms],
    )
    rows = [
        (formula(term["symbol"]), term[lang].split("|")[0], formula(term.get("equation")), code_line(term.get("code")))
        for term in terms
        if term["symbol"]
    ]
    symbols = table([words["symbol"], words["meaning"], words["equation"], words["code"]], rows)
    bibliography = "```{bibliography}\n:all:\n:style: plain\n```\n"
    return {
        f"09_appendix/{name}.md": f"# {words[name]}\n\n{words[name + '_text']}\n\n{text}"
        for name, text in [("glossary", glossary), ("symbols", symbols), ("references", bibliography)]
    }


def table(head: list[str], rows: list) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell or "").replace("\n", " ") for cell in line) + " |" for line in lines)


def formula(latex: str | None) -> str:
    """Inline mathematics; a bar would end the table's cell."""
    return f"${latex.strip('$').replace('|', chr(92) + 'vert ')}$" if latex else ""


def code_line(place: str | None) -> str:
    """`file.py: text` as file, line number and the line: the first line of the file that holds the text."""
    if not place:
        return ""
    file, _, text = place.partition(": ")
    path = ROOT / file
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        if text in line:
            return f"`{line.strip().replace('|', chr(92) + '|')}` ({path.name}:{number})"
    raise BookError(f"book/terms.csv points to {text!r} in {file}, which is not there: correct its column `code`.")


# -- notebooks

def lesson(path: Path, measured: dict | None, lang: str) -> str:
    """The notebook as the book shows it: see `for_book`."""
    try:
        notebook = json.loads(path.read_text("utf-8"))
        return json.dumps(for_book(notebook, measured, lang), ensure_ascii=False, indent=1, sort_keys=True)
    except (json.JSONDecodeError, KeyError) as error:
        raise BookError(f"{path} is not a readable notebook ({error!r}): restore it from git.") from None


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
    if data.pop(WIDGET, None) and not set(data) - {"text/plain"}:
        return None
    if alt and "text/html" in data:
        data["text/html"] = "".join(data["text/html"]).replace('alt=""', f'alt="{alt.replace(chr(34), "&quot;")}"')
    return output


def measured_box(measured: dict, lang: str) -> str:
    versions = " · ".join(f"{name} {version}" for name, version in measured["versions"].items())
    cost = {name: measured[name] for name in ("cpu_seconds", "memory_mb")}
    return boxed("measured", WORDS[lang]["measured"].format(versions=versions, **cost))
