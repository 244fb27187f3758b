"""The English edition: the Chinese one's cells, code and outputs, with its own prose."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import nbformat

from aigc_course.authoring.form import said, set_alt_text
from aigc_course.authoring.quotes import emptied


@dataclass(frozen=True)
class Translation:
    """What the English notebook lacks, by cell id."""

    missing: list[str]
    stale: list[str]


def source_hash(cell) -> str:
    """Identifies what a cell says, whatever the numbers it quotes happen to be."""
    return hashlib.sha256(emptied(said(cell)).encode()).hexdigest()[:16]


def translation(zh, en) -> Translation:
    """Compares what every Chinese cell says with what its English cell was translated from."""
    known = {cell.id: cell for cell in en.cells} if en else {}
    missing, stale = [], []
    for cell in zh.cells:
        if not said(cell):
            continue
        if cell.id not in known or not said(known[cell.id]):
            missing.append(cell.id)
        elif known[cell.id].metadata.get("course", {}).get("source_hash") != source_hash(cell):
            stale.append(cell.id)
    return Translation(missing, stale)


def sync(zh, en, fill: Callable[[str], str], new: dict[str, str] | None = None, accept: tuple[str, ...] = ()):
    """The English notebook made anew from `zh`: its order, code and outputs, with the words of `en`.

    fill: brings the quotes in English words up to date. new: words to put in, by cell id (see `form.from_blocks`);
    words that differ from those of `en` count as a translation of the present Chinese cell.
    accept: ids of stale cells whose English still says the same. A cell without words has none: `check`
    reports it missing.
    """
    old = {cell.id: cell for cell in en.cells} if en else {}
    new = new or {}
    made = nbformat.v4.new_notebook(metadata=copy.deepcopy(zh.metadata))
    for chinese in zh.cells:
        cell = copy.deepcopy(chinese)
        before = old.get(cell.id)
        words = fill(new.get(cell.id, said(before) if before else ""))
        if not said(chinese):
            words = ""
        if cell.cell_type == "markdown":
            cell.source = words
        else:
            set_alt_text(cell, words)
        hash_before = before.metadata.get("course", {}).get("source_hash") if before else None
        fresh = before is None or cell.id in accept or emptied(words) != emptied(said(before))
        cell.metadata.get("course", {}).pop("source_hash", None)
        if words and (fresh or hash_before):
            cell.metadata.setdefault("course", {})["source_hash"] = (
                source_hash(chinese) if fresh else hash_before)
        made.cells.append(cell)
    return made
