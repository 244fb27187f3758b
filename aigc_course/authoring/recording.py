"""Numbers that the prose quotes are recorded by the run that makes them."""

import json
import math
import os
from pathlib import Path

from aigc_course.errors import CourseError
from aigc_course.resources import resource_root

# Set by whoever starts the kernel. In a learner's kernel neither is set, and `record` only passes by:
# whoever changes a number of steps to see what happens must not be stopped by our number.
WRITE = "AIGC_RECORD_TO"        # a file: append what is recorded (authoring)
COMPARE = "AIGC_RECORD_AGAINST"  # book/measured.json: compare with what was recorded (tests)
NOTEBOOK = "AIGC_NOTEBOOK"      # the notebook's name, 03_algorithms/01_gan


def record(name: str, value, tol: float) -> None:
    """Binds `value` to `name`, so that prose can quote it: `<!--v:name:.2f-->0.00<!--/v-->`.

    value: a number, or a tensor or array with one element. tol: absolute difference to allow between
    machines, in the unit of value; 0 for a count. Prints nothing.

    Raises: ValueError if value or tol is not finite; AssertionError under test if the value differs
    from the authored one by more than tol.
    """
    value, tol = float(value), float(tol)
    if not (math.isfinite(value) and math.isfinite(tol) and tol >= 0):
        raise ValueError(f"record({name!r}) needs a finite value and a tolerance ≥ 0, "
                         f"got {value} and {tol}.")
    if target := os.environ.get(WRITE):
        with open(target, "a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "value": value, "tol": tol}) + "\n")
    if reference := os.environ.get(COMPARE):
        notebook = os.environ[NOTEBOOK]
        numbers = json.loads(Path(reference).read_text(encoding="utf-8")).get(notebook, {}).get("numbers", {})
        assert name in numbers, f"{name} was never recorded: run `aigc author run {notebook}`."
        expected = numbers[name]["value"]
        assert abs(value - expected) <= tol, (
            f"{name} is {value:.6g}, but {expected:.6g} ± {tol:g} was recorded: find what changed, "
            f"or run `aigc author run {notebook}` if the change is meant.")


def recorded(notebook: str, name: str) -> float:
    """The number that the committed run of another notebook (02_concepts/03_language_models) recorded as `name`.

    Raises: CourseError if there is none.
    """
    beside = resource_root() / "measured.json"                                  # where a wheel has it; a clone does not
    path = beside if beside.exists() else resource_root().parent / "book" / "measured.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    numbers = known.get(notebook, {}).get("numbers", {})
    if name not in numbers:
        raise CourseError(f"The notebook {notebook} has recorded no {name!r}: look up the names in {path}.")
    return numbers[name]["value"]
