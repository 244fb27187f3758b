"""The rules that one notebook must keep, each with its remedy. `check` applies them to both editions."""

import io
import json
import re
import tokenize
from base64 import b64decode
from collections.abc import Iterator

from aigc_course.authoring import quotes
from aigc_course.authoring.findings import Finding, prose
from aigc_course.authoring.form import alt_text
from aigc_course.authoring.normalise import CELL_KEYS, KERNELSPEC, storable
from aigc_course.authoring.terms import CJK, Term, is_chinese, misused

MAX_CODE_LINES = 25
MAX_IMAGE_BYTES = 200 * 2**10
MAX_NOTEBOOK_BYTES = 2**20
CAPTION = {"zh": re.compile(r"\*\*图 (\d+)\*\*"), "en": re.compile(r"\*\*Figure (\d+)\*\*")}
PATHS = re.compile(r"(?<![\w.:/])/(?:home|Users|root|tmp|private|work|mnt|usr|opt|var)/[\w.-]+|\b[A-Z]:\\\w+")
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b", re.IGNORECASE)
HALF_WIDTH = re.compile(rf"{CJK}(?:[,;:?(]|!(?!\[))|[,;:?!)]{CJK}")


def notebook(nb, file: str, language: str, recorded: dict, terms: list[Term], size: int) -> Iterator[Finding]:
    """Every finding of one notebook.

    recorded: the numbers of its last run. size: bytes of the file.
    """
    if dict(nb.metadata.get("kernelspec", {})) != KERNELSPEC:
        yield Finding(file, "", "has another kernelspec than python3", "run it with `aigc author run`")
    if clutter := set(nb.metadata) - {"kernelspec", "language_info", "course"}:
        yield Finding(file, "", f"keeps metadata of a tool or widget: {', '.join(sorted(clutter))}",
                      "run it with `aigc author run`")
    if size >= MAX_NOTEBOOK_BYTES:
        yield Finding(file, "", f"is {size / 2**20:.1f} MiB", "use fewer or smaller pictures, to stay below 1 MiB")
    for rule in (_counts, _captions):
        yield from rule(nb, file, language)
    for cell in nb.cells:
        if clutter := set(cell.metadata) - set(CELL_KEYS):
            yield Finding(file, cell.id, f"keeps metadata: {', '.join(sorted(clutter))}",
                          "run it with `aigc author run`")
        found = _code(cell) if cell.cell_type == "code" else _markdown(cell, language, recorded, terms)
        yield from (Finding(file, cell.id, what, remedy) for what, remedy in found)


def _counts(nb, file: str, language: str) -> Iterator[Finding]:
    code = [cell for cell in nb.cells if cell.cell_type == "code"]
    if len(code) > 1 and all(cell.execution_count is None for cell in code):
        yield Finding(file, "", "was never run, or was stripped of its outputs", "run it with `aigc author run`")
        return
    for expected, cell in enumerate(code, start=1):
        if not cell.source.strip():
            yield Finding(file, cell.id, "is an empty code cell", "delete it")
        if cell.execution_count != expected:
            yield Finding(file, cell.id, f"has execution count {cell.execution_count}, not {expected}",
                          "run the notebook with `aigc author run`: nbval does not compare cells that never ran")


def _captions(nb, file: str, language: str) -> Iterator[Finding]:
    figure = 0
    for cell, following in zip(nb.cells, [*nb.cells[1:], None], strict=True):
        if not any(map(_shows_a_picture, cell.get("outputs", []))):
            continue
        if not alt_text(cell).strip():
            yield Finding(file, cell.id, "shows a picture without an alt text", 'add alt="…" to the cell in the text')
        elif is_chinese(alt_text(cell)) != (language == "zh"):
            yield Finding(file, cell.id, "has an alt text in the other language", "translate it")
        caption = CAPTION[language].match(following.source) if following is not None else None
        figure += 1
        if following is None or caption is None:
            word = "图" if language == "zh" else "Figure"
            yield Finding(file, cell.id, "shows a picture without a caption",
                          f"begin the next cell, Markdown, with **{word} {figure}**")
        elif int(caption[1]) != figure:
            yield Finding(file, following.id, f"is the caption of figure {figure} but says {caption[1]}",
                          "number the figures in order")


def _shows_a_picture(output) -> bool:
    """A figure, or a widget that is stored as HTML with pictures in it or in its style."""
    data = output.get("data", {})
    page = str(data.get("text/html", ""))
    return "image/png" in data or re.search(r"<(?:img|svg|canvas)\b|url\(data:image/", page) is not None


def _code(cell) -> Iterator[tuple[str, str]]:
    lines = cell.source.count("\n") + 1
    if lines > MAX_CODE_LINES:
        yield f"has {lines} lines of code", f"split it: {MAX_CODE_LINES} at most"
    if is_chinese(" ".join(_comments(cell.source))):
        yield "has a Chinese comment", "write comments in English: both editions share the code"
    course = cell.metadata.get("course", {})
    ignored = "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_IGNORE_OUTPUT" in cell.source
    if ignored and not course.get("ignore_reason"):
        yield "is not compared and does not say why", 'add course={"ignore_reason": "…"} to the cell'
    if "nbval-skip" in cell.metadata.get("tags", []) or "NBVAL_SKIP" in cell.source:
        yield "is skipped by nbval", "take the tag away: every cell runs"
    for output in cell.outputs:
        yield from _output(output)


def _output(output) -> Iterator[tuple[str, str]]:
    if not storable(output):
        yield ("stores a warning, a widget or text in one language", "run the notebook with `aigc author run`")
    data = output.get("data", {})
    pages = [output.get("text", ""), *output.get("traceback", [])]
    pages += [str(page) for kind, page in data.items() if not kind.startswith("image/p")]
    text = "\n".join(pages)
    if found := PATHS.search(text):
        yield f"stores a path of one machine, {found[0]}", "print less, or a relative path"
    if found := ADDRESS.search(text):
        yield f"stores a memory address, {found[0]}", "end the last line with ; or assign it to _"
    for kind, page in data.items():
        if kind.startswith("image/p") and len(b64decode(page)) > MAX_IMAGE_BYTES:
            yield (f"shows a picture of {len(b64decode(page)) // 2**10} KiB",
                   f"make it smaller: {MAX_IMAGE_BYTES // 2**10} KiB at most")


def _markdown(cell, language: str, recorded: dict, terms: list[Term]) -> Iterator[tuple[str, str]]:
    for what in quotes.differences(cell.source, language, recorded):
        yield what, "run the notebook with `aigc author run`, or correct the name"
    if re.search(r"!\[\s*\]\(", cell.source):
        yield "has a picture without an alt text", "write it between the brackets: ![…](file)"
    if re.search(r"!\[[^]]*\]\(https?:|<img[^>]+https?:", cell.source):
        yield "has a picture from the network", "draw it in a cell or keep it beside the notebook"
    yield from misused(cell.source, language, terms)
    if language == "zh" and (found := HALF_WIDTH.search(prose(cell.source))):
        yield f"has half-width punctuation in Chinese prose, {found[0]!r}", "use ，；：？！（）"


def _comments(source: str) -> list[str]:
    """The comments of a code cell; a cell that is no plain Python (magics) has none we can tell."""
    try:
        return [token.string for token in tokenize.generate_tokens(io.StringIO(source).readline)
                if token.type == tokenize.COMMENT]
    except (tokenize.TokenError, SyntaxError):
        return []


def same(one, other) -> bool:
    """Byte for byte, as the file has it."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
