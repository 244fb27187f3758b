"""book/measured.json: what the last run of each notebook cost and recorded. Book and README read it.

    {"03_algorithms/01_gan": {"cpu_seconds": 41.2, "memory_mb": 512, "versions": {"python": "3.11.7", …},
                              "code": "<hash>", "numbers": {"modes": {"value": 8.0, "tol": 0.0}}}}

`spread.py` says what running in several environments adds. What holds no object is one line, for git.
"""

import json

from aigc_course.authoring.places import Course, write_text


def measured(course: Course) -> dict:
    """Every measurement, by notebook name; {} before the first run."""
    if not course.measured.exists():
        return {}
    return json.loads(course.measured.read_text(encoding="utf-8"))


def remember(course: Course, name: str, measurement: dict) -> None:
    """Replaces what is known of the notebook `name`."""
    known = measured(course) | {name: measurement}
    write_text(_lines(known) + "\n", course.measured)


def _lines(value: dict, margin: str = "") -> str:
    """JSON with sorted keys, in which an object that holds no other stands on one line."""
    if not any(isinstance(one, dict) for one in value.values()):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    inner = margin + " "
    members = [f"{inner}{json.dumps(key, ensure_ascii=False)}: "
               + (_lines(one, inner) if isinstance(one, dict) else json.dumps(one, ensure_ascii=False))
               for key, one in sorted(value.items())]
    return "{\n" + ",\n".join(members) + f"\n{margin}}}"
