"""Every display formula of the documents is judged once in the notebooks of chapter 4, and evaluated there."""

import re
from collections.abc import Callable
from functools import cache

import nbformat

from aigc_course.authoring.places import Course
from aigc_course.authoring.quotes import FORMULA
from aigc_course.sources.formulas import VERDICTS, Formula, formulas

QUOTATION = 40  # characters of a document that may be repeated in order to correct them


@cache
def places() -> dict[str, list[tuple[str, str, object]]]:
    """For every formula: (lesson, language, cell) of its cards, and of the code cells that evaluate it."""
    course, found = Course.here(), {name: [] for name in formulas()}
    for name in course.names():
        lesson = re.sub(r"(\d\d)_\w+/(\d\d)_\w+", r"\1/\2", name)
        for language in ("zh", "en"):
            for cell in nbformat.read(course.notebook(name, language), 4).cells:
                quoted = [match["name"] for match in FORMULA.finditer(cell.source)]
                for formula in quoted + cell.metadata.get("course", {}).get("formulas", []):
                    found[formula].append((lesson, language, cell))
    return found


def test_all_36_are_listed():
    assert list(formulas()) == [f"F-{number:02d}" for number in range(1, 37)]


def breaking(rule: Callable[[Formula], bool]) -> list[str]:
    """The names of the formulas that break a rule."""
    return [name for name, formula in formulas().items() if not rule(formula)]


def test_formulas_are_judged_in_both_languages():
    assert not breaking(lambda formula: formula.verdict in VERDICTS and bool(formula.zh and formula.en))


def test_what_is_right_is_given_where_the_document_is_not():
    assert not breaking(lambda formula: not formula.right if formula.verdict == "right"
                        else bool(formula.right and formula.errata) and len(formula.latex) <= QUOTATION)


def test_a_repeated_formula_has_one_verdict():
    def judged(formula):
        return formula.verdict, formula.latex, formula.right

    assert not breaking(lambda formula: not formula.same or judged(formulas()[formula.same]) == judged(formula))


def cells(name: str, language: str, kind: str) -> list:
    """The cells of one kind, markdown or code, that hold a formula's card or evaluate it in its own lesson."""
    return [cell for lesson, edition, cell in places()[name]
            if (lesson, edition, cell.cell_type) == (formulas()[name].lesson, language, kind)]


def test_every_formula_is_judged_once_and_evaluated_once():
    wrong = [(name, language) for name in formulas() for language in ("zh", "en")
             if [len(cells(name, language, kind)) for kind in ("markdown", "code")] != [1, 1]
             or sum(edition == language for _, edition, _ in places()[name]) != 2]
    assert not wrong


def test_cards_are_quoted_as_they_are():
    wrong = [(name, language, cell.id) for name, formula in formulas().items() for language in ("zh", "en")
             for cell in cells(name, language, "markdown") if formula.card(language) not in cell.source]
    assert not wrong


def test_what_evaluates_a_wrong_formula_refutes_it():
    unproven = [(name, language, cell.id) for name, formula in formulas().items() if formula.verdict == "wrong"
                for language in ("zh", "en") for cell in cells(name, language, "code")
                if not any(f'refute("{number}"' in cell.source for number in formula.errata)]
    assert not unproven, "these cells evaluate a wrong formula: prove it with refute(…)"
