"""Files that come with the course: manifest, built-in corpora, small trained weights."""

from pathlib import Path

from aigc_course.errors import CourseError

_PACKAGE = Path(__file__).resolve().parent


def resource_root() -> Path:
    """The folder that holds the course's data: inside an installed wheel, else `data/` of the clone."""
    in_wheel = _PACKAGE / "_resources"
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / "data"


def resource(name: str) -> Path:
    """The path of one file or folder of the course's data, e.g. `resource("models/classifier.safetensors")`.

    Raises: CourseError, naming what is missing, when it is not there.
    """
    path = resource_root() / name
    if not path.exists():
        raise CourseError(
            f"The course's own file {name} is missing (looked in {resource_root()}); "
            "restore it with `git checkout -- data` in a clone, or install the package again."
        )
    return path
