"""What a learner has answered, kept on this computer only: one JSON object per line, appended."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_data_path

from aigc_course.errors import CourseError


def progress_path() -> Path:
    """The file: AIGC_PROGRESS, else progress.jsonl in the user's data folder. Raises: CourseError without a home."""
    chosen = os.environ.get("AIGC_PROGRESS")
    if chosen:
        return Path(chosen)
    folder = user_data_path("aigc-course", appauthor=False)
    if not folder.is_absolute():                               # "~" stays where nobody knows what it stands for
        raise CourseError("This account has no home folder to keep progress in: set AIGC_PROGRESS to a file, or HOME "
                          "to a folder.")
    return folder / "progress.jsonl"


def remember(exercise: str, status: str, **more) -> None:
    """Appends one event, in a single write that is on the disk when this returns.

    Raises: CourseError if the file cannot be written.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"exercise": exercise, "status": status, "time": now, **more}, ensure_ascii=False)
    path = progress_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab+", buffering=0) as file:
            torn = file.tell() > 0 and (file.seek(-1, os.SEEK_END), file.read(1))[1] != b"\n"
            file.write((("\n" if torn else "") + line + "\n").encode())
            os.fsync(file.fileno())
    except OSError as error:
        raise CourseError(f"Progress cannot be written to {path} ({error.strerror}): let AIGC_PROGRESS name a file "
                          "in a folder of yours.") from None


def events() -> tuple[list[dict], list[int]]:
    """Every event in order, and the numbers of the lines that are damaged.

    Raises: CourseError if there is something at the place of the file that cannot be read.
    """
    path = progress_path()
    good, damaged = [], []
    try:
        lines = path.read_bytes().split(b"\n")
    except (FileNotFoundError, NotADirectoryError):
        lines = []
    except OSError as error:
        raise CourseError(f"Progress cannot be read from {path} ({error.strerror}): let AIGC_PROGRESS name a file that "
                          "you may read.") from None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            event = json.loads(line.decode())
            good.append({"exercise": str(event["exercise"]), "status": str(event["status"]), **event})
        except (ValueError, KeyError, TypeError):
            damaged.append(number)
    return good, damaged


def best() -> dict[str, str]:
    """The best status that each exercise ever had."""
    order = ["unanswered", "wrong", "submitted", "right"]
    found: dict[str, str] = {}
    for event in events()[0]:
        name, status = event["exercise"], event["status"]
        if status in order and order.index(status) >= order.index(found.get(name, "unanswered")):
            found[name] = status
    return found


def last(exercise: str) -> dict | None:
    """The last event of one exercise."""
    return next((event for event in reversed(events()[0]) if event["exercise"] == exercise), None)
