"""Every display formula of the documents is judged once in the notebooks of chapter 4, and evaluated there."""

import re
from functools import cache

import nbformat
import pytest

from aigc_course.authoring.places import Course
from aigc_course.authoring.quotes import FORMULA
from aigc_course.sources.formulas import VERDICTS, formulas

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


@pytest.mark.parametrize("name", formulas())
def test_a_formula_is_well_formed(name):
    formula = formulas()[name]
    assert formula.verdict in VERDICTS and formula.zh and formula.en
    if formula.verdict == "right":
        assert not formula.right
    else:
        assert formula.right and formula.errata and len(formula.latex) <= QUOTATION
    if formula.same:
        original = formulas()[formula.same]
        assert (original.verdict, original.latex, original.right) == (formula.verdict, formula.latex, formula.right)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", formulas())
def test_a_formula_is_judged_once_and_evaluated_once(name, language):
    formula = formulas()[name]
    here = [(lesson, cell) for lesson, edition, cell in places()[name] if edition == language]
    assert [(lesson, cell.cell_type) for lesson, cell in here].count((formula.lesson, "markdown")) == 1
    assert [(lesson, cell.cell_type) for lesson, cell in here].count((formula.lesson, "code")) == 1
    assert len(here) == 2
    for _, cell in here:
        if cell.cell_type == "markdown":
            assert formula.card(language) in cell.source
        elif formula.verdict == "wrong":
            assert any(f'refute("{code}"' in cell.source for code in formula.errata), \
                f"the cell {cell.id} evaluates a wrong formula: prove it with refute(…)"
