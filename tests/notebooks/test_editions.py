"""The course's own notebooks keep every rule, in both languages."""

import pytest

from aigc_course.authoring.check import check
from aigc_course.authoring.places import Course
from aigc_course.authoring.terms import read_terms


def test_nothing_is_wrong_with_the_notebooks():
    found = check(Course.here())
    assert not found, "\n" + "\n".join(map(str, found))


@pytest.mark.soak
def test_every_notebook_ran_in_all_environments():
    found = check(Course.here(), strict=True)
    assert not found, "\n" + "\n".join(map(str, found))


def test_the_term_list_is_well_formed():
    assert len(read_terms(Course.here().terms)) > 80
