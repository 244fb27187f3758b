"""book/measured.json: what the last run of each notebook cost and recorded. Book and README read it.

    {"03_algorithms/01_gan": {"cpu_seconds": 41.2, "memory_mb": 512, "versions": {"python": "3.11.7", …},
                              "code": "<hash>", "numbers": {"modes": {"value": 8.0, "tol": 0.0}}}}
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
    write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", course.measured)
