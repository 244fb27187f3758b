"""Dates: every source reads back as its own day and no other, and the splits share nothing."""

from datetime import date, timedelta

import pytest
from babel.dates import parse_date

from aigc_course.data.text.dates import (
    COMBINATIONS,
    LOCALES,
    PATTERNS,
    SEEN,
    UNSEEN,
    dates,
    readings,
    split_days,
    wide_pattern,
    written,
)
from aigc_course.errors import CourseError

LEAP_YEAR = [date(2024, 1, 1) + timedelta(i) for i in range(366)]


def test_pairs_are_distinct_and_follow_the_seed():
    pairs = dates(2000, seed=3)
    assert len(pairs) == len({source for source, _ in pairs}) == 2000
    assert pairs == dates(2000, seed=3) != dates(2000, seed=4)
    assert {source.split(" ")[0] for source, _ in pairs} == set(LOCALES)


@pytest.mark.parametrize("split", ["train", "held-out"])
def test_every_source_reads_back_as_its_day_alone(split):
    for source, iso in dates(3000, seed=1, split=split):
        assert readings(source) == {iso}, source


@pytest.mark.parametrize(("locale", "pattern"), COMBINATIONS)
def test_no_day_of_a_leap_year_is_ambiguous_in_its_locale(locale, pattern):
    for day in LEAP_YEAR:
        source, iso = written(day, locale, pattern)
        assert readings(source) == {iso}, source


@pytest.mark.parametrize("locale", LOCALES)
def test_babel_reads_the_numbers_in_the_same_order(locale):
    """Babel's own parser knows only numbers; it reads them in the order of the locale's short pattern."""
    source, iso = written(date(2024, 3, 5), locale, "short")
    assert parse_date(source.split(" ", 1)[1].replace("\u200f", ""), locale, "short").isoformat() == iso


def test_years_have_four_digits_in_every_pattern():
    for locale, pattern in COMBINATIONS:
        assert "yy" not in wide_pattern(locale, pattern)
        assert "1907" in written(date(1907, 5, 3), locale, pattern)[0]


def test_the_locale_decides_where_the_text_is_the_same():
    assert readings("en_US 3/4/2024") == {"2024-03-04"} and readings("en_GB 03/04/2024") == {"2024-04-03"}


@pytest.mark.parametrize(
    "text", ["", "en_US", "en_US 13/40/2024", "en_US 4/31/2024", "xx_XX 3/4/2024", "en_US Monday, March 5, 2024"]
)
def test_what_is_no_date_has_no_reading(text):
    assert readings(text) == set()


def test_no_held_out_day_occurs_in_training():
    train, held_out = set(split_days("train").tolist()), set(split_days("held-out").tolist())
    assert not train & held_out and len(train | held_out) == 73_049  # all days from 1900 to 2099
    isos = [{iso for _, iso in dates(5000, seed=seed, split=split)} for seed, split in [(0, "train"), (5, "held-out")]]
    assert not isos[0] & isos[1]


def test_unseen_combinations_are_written_by_no_seen_one():
    assert set(SEEN) | set(UNSEEN) == set(COMBINATIONS) and len(SEEN) == 48 - len(UNSEEN)
    for locale, pattern in UNSEEN:
        others = [other for other in PATTERNS if other != pattern]
        for day in LEAP_YEAR:
            sources = {written(day, locale, other)[0] for other in others}
            assert written(day, locale, pattern)[0] not in sources
    assert not {source for source, _ in dates(4000, combinations=SEEN)} & {
        source for source, _ in dates(2000, combinations=UNSEEN)
    }


def test_a_sample_has_its_combinations_alone():
    german = dates(50, combinations=[("de_DE", "long")])
    assert all(source.startswith("de_DE ") and "." in source for source, _ in german)


@pytest.mark.parametrize(
    "wrong", [{"n": 10**7}, {"n": -1}, {"n": 5, "split": "test"}, {"n": 5, "combinations": [("tlh", "short")]}]
)
def test_bad_input_says_what_to_do(wrong):
    with pytest.raises(CourseError, match="ask for|choose from"):
        dates(**wrong)
