"""Lays out what Sphinx reads: one folder per language, made from pages, chapters.toml and the notebooks.

A file is only written when its text changes, so that Sphinx reads again only what changed.
"""

import csv
import json
import tomllib
from pathlib import Path

import errata_pages
from lessons import BROKEN_LINE, BookError, for_book, linked, read_notebook

from aigc_course.files import write_whole

BOOK = Path(__file__).parent
ROOT = BOOK.parent
MEASURED = BOOK / "measured.json"
LANGUAGES = ("zh", "en")

WORDS = {
    "zh": {
        "chapter": "第 {number} 章　{title}",
        "lessons": "课文",
        "no_lesson": "本版暂无这一章的 notebook。",
        "glossary": "术语表",
        "glossary_text": "全书按这张表用词，按拼音排列。",
        "avoid": "*不用：{}。*", "comma": "、", "space": "",
        "symbols": "符号表",
        "symbols_text": "每个符号的含义、用到它的公式，以及计算它的那一行代码（行号在建书时由代码得出）。",
        "references": "参考文献",
        "references_text": "每条文献的题目、作者与次序、出处、年份和编号都与别处的书目或论文自己的页面核对过；"
                           "未能核实的，条目里有说明。",
        "chapters": "各章",
    },
    "en": {
        "chapter": "{number}  {title}",
        "lessons": "Lessons",
        "no_lesson": "This edition has no notebook for this chapter yet.",
        "glossary": "Glossary",
        "glossary_text": "The words of the whole course, with their Chinese names.",
        "avoid": "*Not: {}.*", "comma": ", ", "space": " ",
        "symbols": "Symbols",
        "symbols_text": "What each symbol means, an equation that uses it, and the line of code that computes it "
                        "(line numbers are read from the code when the book is built).",
        "references": "References",
        "references_text": "Title, authors and their order, venue, year and identifier of every entry were compared "
                           "with other bibliographies or the paper's own page. What could not be confirmed is marked.",
        "chapters": "Chapters",
    },
}  # fmt: skip


def lay_out(lang: str, notebooks: Path, out: Path, measured_file: Path = MEASURED) -> None:
    """Brings the folder `out` to what Sphinx is to read for one language.

    notebooks: the folder that holds zh/ and en/. measured_file: what their runs cost.
    Raises: BookError if a notebook, its outputs or a line of code that the book needs is missing or damaged.
    """
    lessons = find_lessons(notebooks)
    files = {path.name: path.read_text("utf-8") for path in (BOOK / "pages" / lang).glob("*.md")}
    files["references.bib"] = (BOOK / "references.bib").read_text("utf-8")
    measured = read_measured(measured_file)
    names_of_all = [f"{chapter}/{name}" for chapter, names in lessons.items() for name in names]
    for number, chapter in enumerate(read_chapters(), start=1):
        inside = lessons.pop(chapter["id"], [])
        for name in inside:
            source = notebooks / lang / chapter["id"] / f"{name}.ipynb"
            notebook = for_book(read_notebook(source), measured.get(f"{chapter['id']}/{name}"), lang)
            for cell in (cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"):
                text = linked(cell["source"], files["references.bib"], names_of_all, source)
                cell["source"] = errata_pages.with_links(text, source)
            page = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True)
            files[f"{chapter['id']}/{name}.ipynb"] = page
        if chapter["id"] == "09_appendix":
            files |= appendix(lang) | {"09_appendix/errata.md": errata_pages.page(lang, notebooks)}
            inside = [*inside, "errata", "glossary", "symbols", "references"]
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
        write_whole(path, text)


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


def read_measured(path: Path) -> dict:
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
    """Glossary, symbol index and bibliography."""
    words = WORDS[lang]
    with open(BOOK / "terms.csv", encoding="utf-8", newline="") as file:
        terms = list(csv.DictReader(file))
    # GB 18030 numbers the common characters in the order of their pinyin.
    terms.sort(key=lambda term: term["zh"].encode("gb18030") if lang == "zh" else term["en"].lower().encode())
    definitions = tomllib.loads((BOOK / "definitions.toml").read_text("utf-8"))
    glossary = "\n".join(glossary_entry(term, definitions.get(term["zh"], {}).get(lang), lang) for term in terms)
    symbols = "\n".join(
        f"${entry['tex']}$　{entry[lang]}\n: $${entry['equation']}$$\n: {code_line(entry)}\n"
        for entry in tomllib.loads((BOOK / "symbols.toml").read_text("utf-8"))["symbol"]
    )
    bibliography = "```{bibliography}\n:all:\n:style: plain\n```\n"
    return {
        f"09_appendix/{name}.md": f"# {words[name]}\n\n{words[name + '_text']}\n\n{text}"
        for name, text in [("glossary", glossary), ("symbols", symbols), ("references", bibliography)]
    }


def glossary_entry(term: dict[str, str], definition: str | None, lang: str) -> str:
    """Both names and the symbol; then the definition and the names that the course does not use, where there are any.

    term: a line of terms.csv, whose columns may hold several names with | between them.
    """
    first, second = (term["zh"], term["en"]) if lang == "zh" else (term["en"], term["zh"])
    main, *others = [*first.split("|"), *second.split("|")]
    plurals = {name + "s" for name in (main, *others)}
    names = [name for name in others if name not in plurals]
    head = f"**{main}**　" + " · ".join([*names, *filter(None, [term["symbol"]])])
    avoided = [name for name in (term["avoid"] or "").split("|") if name and (lang == "zh" or name.isascii())]
    not_used = WORDS[lang]["avoid"].format(WORDS[lang]["comma"].join(avoided)) if avoided else ""
    said = WORDS[lang]["space"].join(filter(None, [definition, not_used]))
    return f"{head}\n: {said}\n" if said else f"{head}\n"


def code_line(entry: dict) -> str:
    """The line of code that a symbol's entry means, with its place: the only one of the file that says so.

    Raises: BookError if no line or more than one does.
    """
    path = ROOT / entry["file"]
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    found = [(number, line.strip()) for number, line in enumerate(lines, start=1) if entry["line"] in line]
    if len(found) != 1:
        raise BookError(f"book/symbols.toml means a line with {entry['line']!r} in {entry['file']}, where "
                        f"{len(found)} say so: correct the entry of ${entry['tex']}$.")
    (number, line), = found
    return f"`{line}` ({path.name}:{number})"
