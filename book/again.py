"""`make book EXECUTE=1`: the notebooks run again, as `aigc author run` does it, in a copy that becomes the book."""

import shutil
from pathlib import Path

from lessons import BookError

from aigc_course.authoring.actions import run
from aigc_course.authoring.measured import measured
from aigc_course.authoring.places import Course


def run_again(notebooks: Path, stored: dict, place: Path) -> Course:
    """Copies the folder `notebooks` (with zh/ and en/) below `place` and runs each Chinese notebook there.

    The copy quotes the numbers of this run. stored: what book/measured.json says of the last one.

    Raises: BookError if a number differs from the stored one by more than its tolerance; CourseError naming the cell
    that failed.
    """
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(notebooks, place / "notebooks", ignore=shutil.ignore_patterns(".*"))
    course = Course(place)
    for name in course.names():
        run(course, name)
        cost = measured(course)[name]
        print(f"Ran {name}: {cost['cpu_seconds']:.0f} s of CPU time", flush=True)
        require_same(name, stored.get(name, {}).get("numbers", {}), cost["numbers"])
    return course


def require_same(name: str, before: dict, now: dict) -> None:
    """Raises: BookError unless all numbers that were stored of a notebook are met within their tolerance."""
    for number, was in before.items():
        is_now = now.get(number, {}).get("value", float("nan"))
        if not abs(is_now - was["value"]) <= was["tol"]:
            raise BookError(f"{name}: {number} is {is_now:.6g}, but {was['value']:.6g} ± {was['tol']:g} was stored: "
                            f"find what changed, or run `aigc author run {name}` if the change is meant.")
