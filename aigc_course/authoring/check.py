"""Everything that must hold before notebooks are committed; part of `make test`."""

import re
from collections import Counter
from collections.abc import Iterator

from aigc_course.authoring import lockstep, quotes, rules, spread
from aigc_course.authoring.execute import code_hash
from aigc_course.authoring.findings import Finding
from aigc_course.authoring.kernel import CPU_BUDGET_S
from aigc_course.authoring.measured import measured
from aigc_course.authoring.places import LANGUAGES, Course, read
from aigc_course.authoring.terms import read_terms
from aigc_course.exercises.bank import KINDS_ASKED, exercise

CALL = re.compile(r"""\b(check|hint|predict|predicted)\(\s*["']([\w.-]+)["']""")

RANGES_REQUIRED = False   # until every lesson has run in all environments: then True, and `--strict` has no more to say


def check(course: Course, names: list[str] | None = None, strict: bool = RANGES_REQUIRED) -> list[Finding]:
    """Every finding in the notebooks `names` (all by default) and in what was measured of them.

    strict: a notebook that never ran in all environments is a finding, too.
    """
    found = []
    terms = read_terms(course.terms)
    known = measured(course)
    every = course.names()
    for name in every if names is None else names:
        found += _pair(course, name, known.get(name), terms, strict)
    if names is None:
        found += [Finding("book/measured.json", "", f"measures {name}, which does not exist", "delete its entry")
                  for name in sorted(set(known) - set(every))]
    return found


def _pair(course: Course, name: str, run: dict | None, terms, strict: bool) -> Iterator[Finding]:
    files = {language: f"notebooks/{language}/{name}.ipynb" for language in LANGUAGES}
    remedies = {"zh": "the Chinese edition is the source: `aigc author new`", "en": f"`aigc author sync {name}`"}
    nb = {}
    for language in LANGUAGES:
        path = course.notebook(name, language)
        if not path.exists():
            yield Finding(files[language], "", "is missing", remedies[language])
            continue
        nb[language] = read(path)
        recorded = (run or {}).get("numbers", {})
        yield from rules.notebook(nb[language], files[language], language, recorded, terms, path.stat().st_size)
    if "zh" in nb:
        yield from _measurement(nb["zh"], files["zh"], name, run, strict)
        yield from _exercises(nb["zh"], files["zh"], name)
    if len(nb) == len(LANGUAGES):
        yield from _editions(nb["zh"], nb["en"], files["en"], name)


def _measurement(zh, file: str, name: str, run: dict | None, strict: bool) -> Iterator[Finding]:
    again = f"`aigc author run {name}`"
    if run is None:
        yield Finding(file, "", "was never measured", again)
        return
    if run["code"] != code_hash(zh):
        yield Finding(file, "", "has other code than the run that was measured", again)
    if run["cpu_seconds"] > CPU_BUDGET_S:
        yield Finding(file, "", f"takes {run['cpu_seconds']:.0f} s of one core",
                      f"do less, or load weights that a recipe trained: {CPU_BUDGET_S} s at most")
    if strict and "ran" not in run:
        yield Finding(file, "", "was never run in all environments, so that no margin is known", again)
    yield from spread.findings(run, zh, file, name)


def _exercises(zh, file: str, lesson: str) -> Iterator[Finding]:
    asked = Counter()
    for cell in zh.cells:
        if cell.cell_type != "code":
            continue
        for call, name in CALL.findall(cell.source):
            try:
                kind = exercise(name).kind
            except KeyError:
                yield Finding(file, cell.id, f"calls {call}({name!r}), which the exercise bank does not hold",
                              f"add it in aigc_course/exercises/bank/{lesson}/, or correct the name")
                continue
            asked[kind] += call in ("check", "predict")
    for kinds in KINDS_ASKED:
        if not any(asked[kind] for kind in kinds):
            yield Finding(file, "", f"has no {' or '.join(kinds)} exercise", "add one, in the bank and the notebook")


def _editions(zh, en, file: str, name: str) -> Iterator[Finding]:
    """The English edition has the Chinese one's cells, code and outputs, and a translation of each text."""
    sync = f"`aigc author sync {name}`"
    if [cell.id for cell in zh.cells] != [cell.id for cell in en.cells]:
        yield Finding(file, "", "has other cells than the Chinese notebook", sync)
        return
    if not rules.same(zh.metadata, en.metadata):
        yield Finding(file, "", "has other metadata than the Chinese notebook", sync)
    state = lockstep.translation(zh, en)
    for chinese, english in zip(zh.cells, en.cells, strict=True):
        for part in ("cell_type", "source", "outputs", "execution_count"):
            if part == "source" and chinese.cell_type == "markdown":
                continue
            if not rules.same(chinese.get(part), english.get(part)):
                yield Finding(file, english.id, f"has another {part} than the Chinese notebook", sync)
        if not rules.same(_shared(chinese), _shared(english)):
            yield Finding(file, english.id, "has other metadata than the Chinese notebook", sync)
        if english.id in state.missing:
            yield Finding(file, english.id, "has no translation", f"`aigc author edit {name} --lang en`")
        if english.id in state.stale:
            yield Finding(file, english.id, "is the translation of an older Chinese text",
                          f"`aigc author edit {name} --lang en`, or sync --accept {english.id} if it still holds")
        if chinese.cell_type == "markdown" and quotes.names(chinese.source) != quotes.names(english.source):
            yield Finding(file, english.id, "quotes other numbers or exercises than the Chinese cell",
                          "quote the same ones")


def _shared(cell) -> dict:
    """The metadata of a cell without what belongs to one language."""
    metadata = {key: value for key, value in cell.metadata.items() if key not in ("mystnb", "course")}
    mystnb = {key: value for key, value in cell.metadata.get("mystnb", {}).items() if key != "image"}
    image = {key: value for key, value in cell.metadata.get("mystnb", {}).get("image", {}).items() if key != "alt"}
    course = {key: value for key, value in cell.metadata.get("course", {}).items() if key != "source_hash"}
    return metadata | {"mystnb": mystnb, "image": image, "course": course}
