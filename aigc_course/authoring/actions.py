"""What an author does with a notebook, one function per command of `aigc author`."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from aigc_course.authoring import form, lockstep, spread
from aigc_course.authoring.environments import Environment
from aigc_course.authoring.execute import execute
from aigc_course.authoring.findings import Finding
from aigc_course.authoring.measured import measured, remember
from aigc_course.authoring.normalise import normalise
from aigc_course.authoring.places import LANGUAGES, Course, read, write, write_text
from aigc_course.authoring.quotes import fill
from aigc_course.errors import CourseError

ANATOMY = Path(__file__).parent   # anatomy.zh.md and anatomy.en.md, to begin a notebook from


@dataclass(frozen=True)
class Ran:
    """A run's measurement, what it wrote to stderr, and what it showed to be claimed too boldly."""

    measurement: dict
    warnings: str
    bold: list[Finding]


def new(course: Course, query: str, suffix: str = ".py") -> list[Path]:
    """Writes the anatomy of a notebook as text, in both languages.

    Raises: CourseError if the notebook or a text of it exists.
    """
    name = course.new_name(query)
    anatomy = {language: (ANATOMY / f"anatomy.{language}.md").read_text(encoding="utf-8") for language in LANGUAGES}
    chinese = form.to_text(form.from_text(anatomy["zh"], ".md"), suffix)
    texts = {draft_path(course, name, "zh", suffix): chinese, draft_path(course, name, "en"): anatomy["en"]}
    for path in [*texts, course.notebook(name, "zh")]:
        if path.exists():
            raise CourseError(f"{path} exists: edit it, or move it away.")
    for path, text in texts.items():
        write_text(text, path)
    return list(texts)


def edit(course: Course, query: str, language: str = "zh", suffix: str = ".py", force: bool = False) -> Path:
    """Writes a notebook's present state as text to edit; English shows what is missing or stale.

    Raises: CourseError if there is a text already, unless force.
    """
    name = course.find(query)
    path = draft_path(course, name, language, suffix)
    if path.exists() and not force:
        raise CourseError(f"{path} exists: build it first, or write over it with --force.")
    zh = read(course.notebook(name, "zh"))
    if language == "zh":
        text = form.to_text(zh, suffix)
    else:
        en = _english(course, name)
        text = form.to_blocks(zh, en, frozenset(lockstep.translation(zh, en).stale))
    write_text(text, path)
    return path


def build(course: Course, text_path: Path) -> Path:
    """Makes the notebook from a text in drafts/zh or drafts/en; the English edition follows the Chinese.

    Raises: CourseError if the text is not where a draft lies, or says something of a cell that is not there.
    """
    try:
        place = text_path.resolve().relative_to(course.drafts.resolve())
    except ValueError:
        raise CourseError(f"{text_path} is not in {course.drafts}: "
                          "`aigc author new` and `edit` write there.") from None
    name, language = course.new_name(place.as_posix()), place.parts[0]
    if not text_path.exists():
        raise CourseError(f"{text_path} does not exist: `aigc author new` or `edit` writes it.")
    text = text_path.read_text(encoding="utf-8")
    if language == "zh":
        target = course.notebook(name, "zh")
        before = read(target) if target.exists() else None
        nb = form.from_text(text, text_path.suffix, before)
        _quote(nb, course, name)
        write(nb, target)
        if course.notebook(name, "en").exists():
            sync(course, name)
        return target
    return sync(course, name, new=form.from_blocks(text))


def run(course: Course, query: str, timeout: float | None = None, others: Sequence[Environment] = (),
        began: Callable[[str], None] = lambda environment: None) -> Ran:
    """Executes the Chinese notebook, stores what it shows and measures, and brings English along.

    others: environments in which it then runs again, for the range of every number and claim (`spread.py`); without
    them the ranges known of the same code are kept. began: told the name of each environment.
    Raises: CourseError naming the cell that failed in the plain environment; the notebook is then left as it was.
    """
    name = course.find(query)
    path = course.notebook(name, "zh")
    nb = read(path)
    again = copy.deepcopy(nb)
    began("plain")
    plain = execute(nb, path.parent, name, timeout)
    warnings = normalise(nb)
    if others:
        runs, shown = {}, {}
        for one in others:
            began(one.name)
            runs[one.name] = execute(again, path.parent, name, timeout, one, forgiving=True)
            normalise(again)
            shown[one.name] = spread.shown_otherwise(nb, again)
        measurement = spread.merge(plain, runs, shown)
    else:
        measurement = spread.keep(plain, measured(course).get(name))
    remember(course, name, measurement)
    _quote(nb, course, name)
    write(nb, path)
    if course.notebook(name, "en").exists():
        sync(course, name)
    return Ran(measurement, warnings, list(spread.findings(measurement, nb, f"notebooks/zh/{name}.ipynb", name)))


def sync(course: Course, query: str, new: dict[str, str] | None = None, accept: tuple[str, ...] = ()) -> Path:
    """Carries cells, code and outputs from Chinese to English, with `new` words (see `lockstep.sync`).

    Raises: CourseError if `new` or `accept` names a cell that says nothing in Chinese.
    """
    name = course.find(query)
    zh = read(course.notebook(name, "zh"))
    speaking = {cell.id for cell in zh.cells if form.said(cell)}
    if foreign := sorted((set(new or {}) | set(accept)) - speaking):
        raise CourseError(f"{name} has no cell to translate with the id {', '.join(foreign)}: "
                          "correct the ids in the English text.")
    numbers = measured(course).get(name, {}).get("numbers", {})
    nb = lockstep.sync(zh, _english(course, name), partial(fill, language="en", numbers=numbers), new, accept)
    write(nb, course.notebook(name, "en"))
    return course.notebook(name, "en")


def draft_path(course: Course, name: str, language: str, suffix: str = ".py") -> Path:
    return course.drafts / language / f"{name}{'.md' if language == 'en' else suffix}"


def _english(course: Course, name: str):
    path = course.notebook(name, "en")
    return read(path) if path.exists() else None


def _quote(nb, course: Course, name: str) -> None:
    numbers = measured(course).get(name, {}).get("numbers", {})
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            cell.source = fill(cell.source, "zh", numbers)
