"""Numbers and claims against how far they move between environments."""

import json

import nbformat
import pytest

from aigc_course.authoring import actions, environments, spread
from aigc_course.authoring.check import check
from aigc_course.authoring.kernel import environment
from aigc_course.authoring.measured import measured, remember
from aigc_course.authoring.places import Course, read, write
from aigc_course.authoring.soak import differences
from aigc_course.cli import main
from aigc_course.errors import CourseError
from tests.authoring.authoring_course import NAME, NUMBERS, code


def ranged(course, **changes):
    """The measurement of the tiny course, as after a run in two environments in which nothing moved."""
    run = measured(course)[NAME]
    numbers = {name: entry | {"low": entry["value"], "high": entry["value"]} for name, entry in NUMBERS.items()}
    numbers |= changes.pop("numbers", {})
    remember(course, NAME, run | {"ran": {"environments": ["plain", "default"], "torch": "2.15.0"}, "numbers": numbers,
                                  "claims": {}, "differ": {}, "failed": {}} | changes)


def share(tol, low, high):
    return {"numbers": {"share": {"value": 0.9375, "tol": tol, "low": low, "high": high}}}


def claim(gap, low, high):
    return {"claims": {"sum: x < 3": {"gap": gap, "low": low, "high": high}}}


@pytest.mark.parametrize("changes", [
    {}, share(0.1, 0.91, 0.9375), share(0.1, 0.9375, 0.965), claim(0.3, 0.21, 0.3), claim(0.3, 0.3, 0.39)])
def test_what_leaves_three_spreads_is_fine(course, changes):
    ranged(course, **changes)
    assert check(course) == []


@pytest.mark.parametrize(("changes", "cell", "what"), [
    (share(0.1, 0.90, 0.9375), "", "records share = 0.9375 ± 0.1, but other processors move it by 0.0375"),
    (share(0.1, 0.9375, 0.99), "", "move it by 0.0525"),
    ({"numbers": {"modes": {"value": 8, "tol": 0, "low": 8, "high": 9}}}, "", "records modes = 8 ± 0"),
    (claim(0.3, 0.19, 0.3), "sum", "asserts x < 3 with 0.3 to spare, but other processors move that by 0.11"),
    (claim(0.3, 0.3, 0.41), "sum", "move that by 0.11"),
    (claim(0.0, 0.0, 0.1), "sum", "with 0 to spare"),
    ({"differ": {"default": ["sum"]}}, "sum", "shows something else in the environment 'default'"),
    ({"failed": {"avx2": ["sum: x < 3"]}}, "sum", "does not hold in the environment 'avx2': x < 3"),
])
def test_what_is_claimed_too_boldly(course, changes, cell, what):
    ranged(course, **changes)
    finding, = check(course)
    assert what in finding.what and finding.cell == cell and finding.remedy


def test_what_mathematics_proves_needs_no_margin(course):
    ranged(course, **claim(0.0, 0.0, 0.1))
    for language in ("zh", "en"):
        nb = read(course.notebook(NAME, language))
        next(cell for cell in nb.cells if cell.id == "sum").metadata["course"] = {"proven": "a distance is ≥ 0"}
        write(nb, course.notebook(NAME, language))
    assert check(course) == []


def test_a_lesson_that_never_ran_in_all_environments(course):
    assert [finding.what for finding in check(course, strict=True)] == [
        "was never run in all environments, so that no margin is known"]
    ranged(course)
    assert check(course, strict=True) == []


def test_a_plain_run_keeps_the_ranges_of_the_same_code(course):
    ranged(course, **claim(0.3, 0.2, 0.3), **share(0.2, 0.9, 0.95))
    before = measured(course)[NAME]
    now = {"code": before["code"], "cpu_seconds": 1.0, "versions": {}, "failed": [],
           "numbers": {"share": {"value": 0.96, "tol": 0.2}}, "claims": {"sum: x < 3": {"gap": 0.1}, "new": {"gap": 1}}}
    kept = spread.keep(now, before)
    assert kept["numbers"] == {"share": {"value": 0.96, "tol": 0.2, "low": 0.9, "high": 0.96}}
    assert kept["claims"] == {"sum: x < 3": {"gap": 0.1, "low": 0.1, "high": 0.3}} and kept["ran"] == before["ran"]
    changed = spread.keep(now | {"code": "other"}, before)
    assert changed.keys() == {"code", "cpu_seconds", "versions", "numbers"}
    assert changed["numbers"] == now["numbers"]


def test_a_number_is_a_line(course):
    ranged(course)
    text = course.measured.read_text(encoding="utf-8")
    assert '\n   "modes": {"high": 8.0, "low": 8.0, "tol": 0.0, "value": 8.0},\n' in text
    assert json.loads(text) == measured(course) and '\n  "differ": {},\n' in text


def test_the_environments_that_change_something_here():
    import torch
    here = environments.others()
    assert {"two threads", "last bits", "other bits"} <= {one.name for one in here} <= {
        one.name for one in environments.OTHERS}
    assert not any(one.variables.get("ATEN_CPU_CAPABILITY", "").upper() == torch.backends.cpu.get_cpu_capability()
                   for one in here)
    with pytest.raises(CourseError, match="no environment 'avx1024': choose among plain, avx2"):
        environments.environment_named("avx1024")


def test_compiled_code_is_not_carried_to_other_vectors(tmp_path):
    for one in environments.OTHERS:
        cache = environment(tmp_path / one.name, NAME, one).get("TORCHINDUCTOR_CACHE_DIR", "")
        assert cache.startswith(str(tmp_path / one.name)) == ("ATEN_CPU_CAPABILITY" in one.variables)


# Gradient descent that is the logistic map x ← 3.99 x (1 − x), 1,000 of them: each is chaos, their mean is not.
CHAOS = """\
import torch
from aigc_course.authoring import record
x = torch.linspace(0.1, 0.9, 1000).requires_grad_()
optimiser = torch.optim.SGD([x], lr=1.0)
for step in range(200):
    x.grad = (x - 3.99 * x * (1 - x)).detach()
    optimiser.step()
"""
MODEST = 'assert x.mean() > 0.2\nrecord("mean", x.mean(), tol=0.25)\nprint("trained")'
BOLD = 'assert x[500] < 1\nrecord("one", x[500], tol=0.01)\nprint(f"{x[500].item():.3f}")'


@pytest.fixture
def lesson(tmp_path):
    def written(*cells):
        course = Course(tmp_path)
        nb = nbformat.v4.new_notebook(cells=[code(f"cell-{number}", source) for number, source in enumerate(cells)])
        write(nb, course.notebook(NAME, "zh"))
        return course
    return written


@pytest.mark.slow
def test_chaos_is_refused_and_its_mean_is_not(lesson):
    course = lesson(CHAOS, MODEST, BOLD)
    told = []
    bits = [one for one in environments.OTHERS if one.startup]
    ran = actions.run(course, NAME, None, bits, told.append)
    assert told == ["plain", "last bits", "other bits"] == ran.measurement["ran"]["environments"]
    assert {finding.cell for finding in ran.bold} == {"", "cell-2"}             # records stand for the whole lesson
    text = "\n".join(map(str, ran.bold))
    assert "records one" in text and "asserts x[500] < 1" in text and "shows something else" in text
    assert "mean" not in text and 0 < spread.spread(ran.measurement["numbers"]["mean"], "value") < 0.08


@pytest.mark.slow
def test_what_fails_elsewhere_is_told_with_its_cell(lesson):
    elsewhere = environments.Environment("elsewhere", "a test", {"AIGC_TEST_ELSEWHERE": "1"})
    here = "import os\nhere = 'AIGC_TEST_ELSEWHERE' not in os.environ\n"
    course = lesson(here + "assert here, 'no'\nprint(here)", "assert here == 1; print(1)", "1 / here", "print('end')")
    failed = actions.run(course, NAME, None, [elsewhere]).measurement["failed"]
    assert failed == {"elsewhere": ["cell-0: here", "cell-1: here == 1", "cell-2: ZeroDivisionError: division by zero"]}


@pytest.mark.slow
def test_soak_compares_with_what_is_stored(lesson, monkeypatch, capsys):
    course = lesson("from aigc_course.authoring import record\nrecord('modes', 8, tol=0.5)", "print(1)", "assert 1 < 2")
    actions.run(course, NAME)
    assert differences(course, NAME, environments.PLAIN) == []
    nb = read(course.notebook(NAME, "zh"))
    for cell, old, new in zip(nb.cells, ("8, tol", "print(1)", "1 < 2"), ("9, tol", "print(2)", "2 < 1"), strict=True):
        cell.source = cell.source.replace(old, new)
    nb.cells.append(code("new", "record('other', 1, tol=0)"))
    write(nb, course.notebook(NAME, "zh"))
    before = course.measured.read_bytes()
    monkeypatch.setattr(Course, "here", classmethod(lambda cls: course))
    with pytest.raises(SystemExit) as end:
        main(["author", "soak", "03/01", "--env", "plain", "--env", "two threads"])
    out = capsys.readouterr().out
    for what in ("cell cell-2: 2 < 1", "modes is 9, but 8 ± 0.5 is stored", "other was never recorded",
                 "cell cell-1 shows something else"):
        assert out.count(what) == 2
    assert end.value.code == 1 and out.endswith("plain                   1\ntwo threads             1\n")
    assert course.measured.read_bytes() == before
