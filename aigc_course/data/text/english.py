"""Real English that every computer with Python has: what its standard library says about itself.

Modules are parsed, never imported. Of the text of each (docstrings, and comments that stand on their own) the
paragraphs of plain prose are kept. Python 3.11, 3.12 and 3.13 differ in what they say: nothing exact may depend on it.
Licence of the text: PSF License Agreement, docs.python.org/3/license.html.
"""

from __future__ import annotations

import ast
import re
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from aigc_course.errors import CourseError

_SKIPPED = {
    "dist-packages", "encodings", "idlelib", "lib2to3", "pydoc_data", "site-packages", "test", "tests", "turtledemo",
}  # fmt: skip
"""Folders of tests, of other people's packages, and of tables."""
SHORTEST = 40  # characters of a paragraph
SMALLEST = 200  # characters of a document


def english(size: int | None = None) -> dict[str, str]:
    """Module's name, such as "json.decoder" → its prose: ASCII, paragraphs separated by an empty line, one line each.

    Sorted by name: more than a million characters in some hundred documents, read in a few seconds. A paragraph that
    several modules share is kept in the first of them only, so that a split by document shares no paragraph.

    size: stop with the document that brings the number of characters to this many; None: read them all.
    Raises: CourseError if this Python came without the sources of its library.
    """
    folder = Path(sysconfig.get_path("stdlib"))
    modules = _modules(folder)
    if not modules:
        raise CourseError(
            f"This Python has no sources of its standard library in {folder}: "
            "use one that has, such as the one from python.org, from uv or of your system."
        )
    documents, seen, total = {}, set(), 0
    for name, path in modules:
        if size is not None and total >= size:
            break
        fresh = list(dict.fromkeys(text for text in prose(path.read_bytes()) if text not in seen))
        seen.update(fresh)
        document = "\n\n".join(fresh)
        if len(document) >= SMALLEST:
            documents[name] = document
            total += len(document)
    return documents


def prose(source: bytes) -> list[str]:
    """The paragraphs of plain English in the docstrings and comments of one module, each as one line.

    Empty for what is no Python.
    """
    try:
        text = source.decode("utf-8")
        texts = [*_docstrings(ast.parse(text)), *_comments(text)]
    except (SyntaxError, ValueError):
        return []
    return [line for text in texts for paragraph in re.split(r"\n\s*\n", text) if (line := _sentence(paragraph))]


def _modules(folder: Path) -> list[tuple[str, Path]]:
    found = []
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder).with_suffix("").parts
        if not any(part in _SKIPPED or part.startswith("config-") for part in parts[:-1]) and "test" not in parts[-1]:
            found.append((".".join(part for part in parts if part != "__init__"), path))
    return sorted(found)


def _docstrings(node: ast.AST) -> Iterator[str]:
    """Of a module, and of the classes and functions that it defines at any depth, in the order of the source."""
    if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        text = ast.get_docstring(node)
        if text:
            yield text
    for field in ("body", "orelse", "handlers", "finalbody"):
        for statement in getattr(node, field, ()):
            yield from _docstrings(statement)


def _comments(source: str) -> Iterator[str]:
    """Comments on lines of their own; lines that follow each other are one text."""
    for block in re.findall(r"(?:^[ \t]*#.*\n)+", source, re.MULTILINE):
        yield re.sub(r"^[ \t]*#+ ?", "", block, flags=re.MULTILINE)


def _sentence(paragraph: str) -> str | None:
    """A paragraph as one line, if it is prose: it begins with a capital, ends like a sentence and has no code."""
    if re.search(r"^\s{4,}|>>>|^\s*[-*+|=#]", paragraph, re.MULTILINE):
        return None
    line = " ".join(paragraph.split())
    letters = sum(c.isalpha() or c == " " for c in line)
    fine = len(line) >= SHORTEST and line.isascii() and line.isprintable() and letters >= 0.9 * len(line)
    return line if fine and re.match(r"""["'(]?[A-Z]""", line) and re.search(r"""[.!?:]["')]?$""", line) else None
