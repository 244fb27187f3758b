"""All notebooks in all environments, compared with what is stored; nothing is written."""

import copy
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from aigc_course.authoring.environments import Environment
from aigc_course.authoring.execute import execute
from aigc_course.authoring.measured import measured
from aigc_course.authoring.normalise import normalise
from aigc_course.authoring.places import Course, read
from aigc_course.authoring.spread import shown_otherwise
from aigc_course.errors import CourseError


def soak(course: Course, names: Sequence[str], environments: Sequence[Environment], jobs: int = 2
         ) -> Iterator[tuple[str, str, list[str]]]:
    """(notebook, environment, its differences) for each pair, as they end; `jobs` kernels run side by side."""
    with ThreadPoolExecutor(jobs) as pool:
        asked = {pool.submit(differences, course, name, one): (name, one.name)
                 for name in names for one in environments}
        for done in as_completed(asked):
            yield *asked[done], done.result()


def differences(course: Course, name: str, environment: Environment) -> list[str]:
    """Assertions that fail, recorded numbers beyond their tolerance and outputs that differ, one clause each."""
    path = course.notebook(name, "zh")
    stored = read(path)
    nb = copy.deepcopy(stored)
    try:
        run = execute(nb, path.parent, name, arithmetic=environment, forgiving=True)
    except CourseError as error:
        return [str(error)]
    normalise(nb)
    found = [f"cell {cell}: {text}" for cell, text in run["failed"]]
    known = measured(course).get(name, {}).get("numbers", {})
    for number, entry in run["numbers"].items():
        if number not in known:
            found.append(f"{number} was never recorded")
        elif not abs(entry["value"] - known[number]["value"]) <= known[number]["tol"]:
            found.append(f"{number} is {entry['value']:.6g}, but {known[number]['value']:.6g} ± "
                         f"{known[number]['tol']:g} is stored")
    return found + [f"cell {cell} shows something else" for cell in shown_otherwise(stored, nb)]
