"""A notebook as text: percent or MyST for the Chinese edition, blocks of Markdown for the English one.

The Chinese text is what jupytext reads; a cell's header may carry its id, tags, alt text and course entries:

    # %% [markdown] id="promise"              # %% id="ring-plot" alt="八个高斯排成一圈" tags=["hide-input"]

The English text has one block for each Markdown cell, and one for each code cell that shows a picture:

    <!-- cell: promise -->                    <!-- cell: ring-plot alt="Eight Gaussians on a ring" -->
"""

import difflib
import hashlib
import json
import re
from typing import cast

import jupytext
import nbformat
from nbformat import NotebookNode

from aigc_course.authoring.normalise import KERNELSPEC
from aigc_course.errors import CourseError

FORMATS = {".py": "py:percent", ".md": "md:myst"}
BLOCK = re.compile(r'^<!-- cell: (?P<id>[\w-]+)(?: alt=(?P<alt>"(?:[^"\\]|\\.)*"))?(?P<mark>[^>]*?) ?-->[ \t]*$',
                   re.MULTILINE)
CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
UNNAMED = "unnamed"


# -- alt text: in the text a word in the header, in the notebook where MyST-NB looks for it

def alt_text(cell) -> str:
    """The alt text of the picture that a code cell shows, "" if it has none."""
    return cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")


def set_alt_text(cell, alt: str) -> None:
    """Gives the cell's picture its alt text; "" removes it."""
    if alt:
        cell.metadata.setdefault("mystnb", {}).setdefault("image", {})["alt"] = alt
    elif alt_text(cell):
        del cell.metadata["mystnb"]["image"]["alt"]


def said(cell) -> str:
    """What of a cell is in its reader's language: Markdown, or the alt text of a picture."""
    return cell.source if cell.cell_type == "markdown" else alt_text(cell)


# -- Chinese: the whole notebook

def to_text(nb, suffix: str) -> str:
    """The notebook as text of the format that `suffix` (.py or .md) names, without outputs."""
    bare = nbformat.v4.new_notebook(metadata={"kernelspec": dict(KERNELSPEC)})
    if "course" in nb.metadata:
        bare.metadata["course"] = nb.metadata["course"]
    bare.metadata["jupytext"] = {"notebook_metadata_filter": "course,kernelspec,-jupytext"}
    for cell in nb.cells:
        copy = cast(NotebookNode, nbformat.from_dict({**cell, "metadata": {"id": cell.id, **cell.metadata}}))
        if cell.cell_type == "code":
            copy.update(outputs=[], execution_count=None)
            alt = alt_text(cell)
            set_alt_text(copy, "")
            copy.metadata.pop("mystnb", None) if copy.metadata.get("mystnb") in ({"image": {}}, {}) else None
            copy.metadata |= {"alt": alt} if alt else {}
            copy.metadata.get("course", {}).pop("not_compared", None)
        if not copy.metadata.get("course", True):
            del copy.metadata["course"]
        bare.cells.append(copy)
    text = jupytext.writes(bare, fmt=FORMATS[suffix])
    return "\n".join(_readable(line) if line.startswith("# %%") else line for line in text.split("\n"))


def from_text(text: str, suffix: str, before=None):
    """The Chinese notebook that `text` describes.

    before: the notebook as it was; cells keep their ids by it, and as long as no code changed, their
    outputs. If any code changed, no cell has an output and the notebook must be run.

    Raises: CourseError for an ill-formed or repeated cell id.
    """
    draft = jupytext.reads(text, fmt=FORMATS[suffix])
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": dict(KERNELSPEC), "language_info": {"name": "python"}})
    if "course" in draft.metadata:
        nb.metadata["course"] = draft.metadata["course"]
    nb.cells = [_plain(cell) for cell in draft.cells]
    _give_ids(nb.cells, before.cells if before else [])
    if before and _code(nb) == _code(before):
        run = {cell.id: cell for cell in before.cells if cell.cell_type == "code"}
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs = run[cell.id].outputs
                cell.execution_count = run[cell.id].execution_count
                if reason := run[cell.id].metadata.get("course", {}).get("not_compared"):
                    cell.metadata.setdefault("course", {})["not_compared"] = reason
    return nb


def _plain(cell):
    """A cell as the notebook stores it, from a cell as jupytext reads it."""
    metadata = {key: cell.metadata[key] for key in ("tags", "course", "mystnb") if cell.metadata.get(key)}
    make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}.get(cell.cell_type)
    if make is None:
        raise CourseError(f"A notebook of the course has no {cell.cell_type} cells: make it code or markdown.")
    cell_id = str(cell.metadata.get("id", UNNAMED))
    if not CELL_ID.fullmatch(cell_id):
        raise CourseError(f"{cell_id!r} is no cell id: use letters, digits, - and _, at most 64.")
    new = make(cell.source, metadata=metadata, id=cell_id)
    set_alt_text(new, cell.metadata.get("alt", ""))
    return new


def _give_ids(cells, before) -> None:
    """Names the unnamed cells: as the cell they were before, else by a hash of what they say."""
    taken = [cell.id for cell in cells if cell.id != UNNAMED]
    for cell_id in taken:
        if taken.count(cell_id) > 1:
            raise CourseError(f"Two cells have the id {cell_id!r}: ids are what the translation hangs on, "
                              "give each cell its own.")
    unnamed = [cell for cell in cells if cell.id == UNNAMED]
    pairs = [(_likeness(old.source, cell.source), old, cell) for old in before for cell in unnamed
             if old.id not in taken and old.cell_type == cell.cell_type]
    for likeness, old, cell in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness > 0.5 and cell.id == UNNAMED and old.id not in taken:
            cell.id = old.id
            taken.append(old.id)
    for cell in unnamed:
        if cell.id == UNNAMED:
            digest = hashlib.sha256(cell.source.encode()).hexdigest()
            cell.id = next(new for end in range(8, 65) if (new := digest[:end]) not in taken)
            taken.append(cell.id)


def _likeness(one: str, other: str) -> float:
    return 1.0 if one == other else difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _code(nb) -> list:
    return [(cell.id, cell.source) for cell in nb.cells if cell.cell_type == "code"]


def _readable(header: str) -> str:
    r"""jupytext writes Chinese in a header as \uXXXX; written plainly it reads back the same."""
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match.group(1), 16)), header)


# -- English: only what is translated

def to_blocks(zh, en=None, stale=frozenset()) -> str:
    """The English text of a notebook: a block per cell to translate, in the order of `zh`.

    Cells without a translation, and stale ones, show the Chinese they are to say as a comment.
    """
    known = {cell.id: cell for cell in en.cells} if en else {}
    blocks = []
    for cell in zh.cells:
        is_code = cell.cell_type == "code"
        if is_code and not alt_text(cell):
            continue
        old = known.get(cell.id)
        words = said(old) if old else ""
        alt = f" alt={json.dumps(words, ensure_ascii=False)}" if is_code and words else ""
        mark = " missing" if not words else " stale" if cell.id in stale else ""
        source = "" if is_code else words
        if mark:
            chinese = said(cell).replace("-->", "→")
            source = f"{source}\n\n<!-- zh:\n{chinese}\n-->".strip("\n")
        blocks.append(f"<!-- cell: {cell.id}{alt}{mark} -->\n{source}".rstrip() + "\n")
    return "\n".join(blocks)


def from_blocks(text: str) -> dict[str, str]:
    """What the English text says of each cell: Markdown source or alt text, by cell id.

    A block marked stale or missing and still empty is left out.

    Raises: CourseError if a cell has two blocks, or there is none at all.
    """
    heads = list(BLOCK.finditer(text))
    if not heads:
        raise CourseError("The English text has no block: begin each with <!-- cell: ID -->.")
    said = {}
    for head, following in zip(heads, [*heads[1:], None], strict=True):
        body = text[head.end():following.start() if following else None]
        body = re.sub(r"<!-- zh:\n.*?\n-->", "", body, flags=re.DOTALL).strip()
        if head["id"] in said:
            raise CourseError(f"The English text has two blocks for the cell {head['id']!r}: keep one.")
        if body or head["alt"]:
            said[head["id"]] = body or json.loads(head["alt"])
    return said
