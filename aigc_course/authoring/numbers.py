"""book/measured.json, and the numbers that prose quotes from it."""

import json
import re

from aigc_course.errors import CourseError
from aigc_course.authoring.places import Course, write_text

QUOTED = re.compile(r"<!--v:(?P<name>[\w.-]+):(?P<format>[^>]*?)-->(?P<text>.*?)<!--/v-->", re.DOTALL)


def measured(course: Course) -> dict:
    """What the last run of each notebook measured, by notebook name; {} before the first run."""
    if not course.measured.exists():
        return {}
    return json.loads(course.measured.read_text(encoding="utf-8"))


def remember(course: Course, name: str, measurement: dict) -> None:
    """Replaces what is known of notebook `name`, in book/measured.json."""
    known = measured(course) | {name: measurement}
    write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", course.measured)


def quote(text: str, numbers: dict) -> str:
    """`text` with each quoted number brought to what was recorded.

    Raises: CourseError for a format that Python does not know. A name that was not recorded stays as it
    is; `check` reports it.
    """
    return QUOTED.sub(lambda match: _filled(match, numbers), text)


def unquoted(text: str) -> str:
    """`text` without the digits inside quotes: what stays the same when only a measurement moves."""
    return QUOTED.sub(lambda m: f"<!--v:{m['name']}:{m['format']}--><!--/v-->", text)


def differences(text: str, numbers: dict) -> list[str]:
    """What is wrong with the quoted numbers in `text`, one sentence each."""
    wrong = []
    for match in QUOTED.finditer(text):
        if match["name"] not in numbers:
            wrong.append(f"quotes {match['name']!r}, which the run does not record")
        elif match.group() != _filled(match, numbers):
            wrong.append(f"says {match['text']!r} where the run recorded {match['name']} = "
                         f"{numbers[match['name']]['value']:.6g}")
    return wrong


def _filled(match: re.Match, numbers: dict) -> str:
    name, spec = match["name"], match["format"]
    if name not in numbers:
        return match.group()
    value = numbers[name]["value"]
    try:
        text = format(int(value) if spec.endswith("d") else value, spec)
    except ValueError:
        raise CourseError(f"{spec!r} is not a number format (in the quote of {name!r}): "
                          "use one such as .2f, .0% or d.") from None
    return f"<!--v:{name}:{spec}-->{text}<!--/v-->"
