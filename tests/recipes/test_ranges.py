"""Every number that a setting can be given: what it can have trains a round or says why not, all else is a sentence."""

from __future__ import annotations

from typing import Annotated, get_args, get_origin

import pytest

from aigc_course.compute import Compute
from aigc_course.errors import CourseError
from aigc_course.ranges import Range
from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.runs.options import Options, read, settings, text, with_values
from aigc_course.train import train
from tests.recipes.tiny import tiny

GIVEN = ["nan", "inf", "-inf", "-1", "0", "1", "0.5", str(10**9), str(10**30), "1e400"]


def number(kind) -> type | None:
    """int or float for a setting of numbers."""
    inside = get_args(kind)
    if get_origin(kind) is Annotated:
        return number(inside[0])
    return next(filter(None, map(number, inside)), None) if inside else kind if kind in (int, float) else None


def has_range(kind) -> bool:
    return get_origin(kind) is Annotated and isinstance(get_args(kind)[1], Range) or any(map(has_range, get_args(kind)))


NUMBERS = {name: [one for one in settings(tiny(name)) if number(one.kind)] for name in FAMILIES}
SHARED = [one for one in settings(Options(data="made")) if number(one.kind)]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_number_has_a_range_and_what_lies_outside_is_one_sentence(name):
    assert NUMBERS[name] and SHARED
    for config, numbers in ((tiny(name), NUMBERS[name]), (Options(data="made"), SHARED)):
        for setting in numbers:
            assert has_range(setting.kind), setting.path
            for given in GIVEN:
                try:
                    value = read(setting.kind, given)
                except ValueError as error:
                    assert str(error).startswith((given, repr(given))) and "\n" not in str(error)
                    with pytest.raises(CourseError, match="--"):
                        with_values(config, {setting.path: given})
                else:
                    assert read(setting.kind, text(value)) == value
            for given in ("nan", "inf", "-inf", str(10**30), "1e400"):
                with pytest.raises(ValueError):
                    read(setting.kind, given)


@pytest.mark.parametrize(("path", "given"), [
    ("lr", "0"), ("lr", "-1"), ("clip", "0"), ("clip", "-1"), ("decay", "-1"), ("steps", "0"), ("seed", "-1"),
    ("examples", "0"), ("tokens", "0"), ("net.width", "0"), ("net.heads", "0"), ("net.context", "0"),
    ("net.dropout", "1")])
def test_what_once_ended_in_a_traceback_or_learnt_nothing_is_refused(path, given):
    with pytest.raises(CourseError, match=f"--{path}: {given} is out of range: give a (whole )?number (from|above) "):
        with_values(tiny("gpt"), {path: given})


def test_threads_have_an_end():
    """A million of them end the process without a word."""
    with pytest.raises(CourseError, match="--threads: 1000000 is out of range"):
        with_values(Options(data="made"), {"threads": "1000000"})
    assert with_values(Options(data="made"), {"threads": "none"}).threads is None


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_the_smallest_numbers_that_are_allowed_train_a_round_or_say_why_not(name, own):
    found, trained = family(name), 0
    for setting in NUMBERS[name]:
        for given in ("0", "1", "0.5", "1,1,1"):
            try:
                config = with_values(tiny(name, steps=1), {setting.path: given})
                job = found.job(config, own[name], Compute())
                logs = list(train(job.run, job.batches, 1))
                job.samples()
            except CourseError as error:
                assert len(str(error)) > 20 and "\n" not in str(error)
            else:
                assert len(logs) == 1
                trained += 1
    assert trained > 5
