"""Questions without code, read from the `questions.toml` of a lesson.

    [gan-modes]                        the name of the exercise
    kind = "predict"                   or "explain", "open"
    happens = "b"                      predict: the option that happens; explain: `right`
    zh = "…"                           what is asked
    en = "…"

    [gan-modes.options.a]              predict and explain: the options
    zh = "…"
    en = "…"
    why.zh = "…"                       what is right or wrong about it
    why.en = "…"

    [[gan-modes.rubric]]               open: what a good answer contains, as often as needed
    zh = "…"
    en = "…"

    [[gan-modes.hints]]                explain and open: three times
    zh = "…"
    en = "…"
"""

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from aigc_course.errors import CourseError
from aigc_course.exercises.kinds import MultipleChoice, Open, Option, Prediction, Text

Question = MultipleChoice | Prediction | Open
HOLDS = {
    "explain": {"kind", "zh", "en", "options", "right", "hints"},
    "predict": {"kind", "zh", "en", "options", "happens"},
    "open": {"kind", "zh", "en", "rubric", "hints"},
}


@lru_cache
def read_questions(path: Path) -> dict[str, Question]:
    """The questions of one file by name, in its order.

    Raises: CourseError, with the file and the entry, where something is missing, unknown or contradictory.
    """
    text = path.read_text(encoding="utf-8")
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CourseError(f"{path}: {_entry_at(text, str(error))} is not TOML: {error}.") from None
    questions = {}
    for name, entry in entries.items():
        try:
            questions[name] = _question(entry)
        except ValueError as error:
            raise CourseError(f"{path}: [{name}] {error}.") from None
    return questions


def _entry_at(text: str, error: str) -> str:
    """The entry in which `error` says that `text` is wrong, such as "[gan-modes]"."""
    line = re.search(r"at line (\d+)", error)
    before = "\n".join(text.splitlines()[:int(line[1])]) if line else text
    names = re.findall(r"^\[+([a-z0-9-]+)", before, re.MULTILINE)
    return f"[{names[-1]}]" if names else "the beginning"


def _question(entry: dict) -> Question:
    kind = entry.get("kind") if isinstance(entry, dict) else None
    if kind not in HOLDS:
        raise ValueError(f"needs a `kind`, one of {', '.join(HOLDS)}")
    _exactly(entry, HOLDS[kind], "the entry")
    task = _text({key: entry[key] for key in ("zh", "en")}, "the entry")
    if kind == "open":
        return Open(task, _texts(entry, "rubric"), _hints(entry))
    if not isinstance(entry["options"], dict):
        raise ValueError("needs its options as [….options.a]")
    options = {letter: _option(option, f"option {letter}") for letter, option in entry["options"].items()}
    answer = entry["happens" if kind == "predict" else "right"]
    if answer not in options:
        raise ValueError(f"names the option {answer!r}, which it does not have")
    if kind == "predict":
        return Prediction(task, options, answer)
    return MultipleChoice(task, options, answer, _hints(entry))


def _option(entry: dict, what: str) -> Option:
    _exactly(entry, {"zh", "en", "why"}, what)
    return Option(_text({key: entry[key] for key in ("zh", "en")}, what), _text(entry["why"], f"the why of {what}"))


def _hints(entry: dict) -> tuple[Text, Text, Text]:
    hints = _texts(entry, "hints")
    if len(hints) != 3:
        raise ValueError(f"has {len(hints)} hints, where three are needed")
    return hints


def _texts(entry: dict, key: str) -> tuple[Text, ...]:
    if not isinstance(entry[key], list):
        raise ValueError(f"needs its {key} as [[….{key}]]")
    return tuple(_text(text, f"{key} {number}") for number, text in enumerate(entry[key], start=1))


def _text(entry: dict, what: str) -> Text:
    _exactly(entry, {"zh", "en"}, what)
    for language, words in entry.items():
        if not isinstance(words, str) or not words.strip():
            raise ValueError(f"has no words in {what}, {language}")
    return Text(entry["zh"], entry["en"])


def _exactly(entry: dict, keys: set[str], what: str) -> None:
    """Raises: ValueError unless `entry` is a table of just these keys."""
    if not isinstance(entry, dict):
        raise ValueError(f"needs a table with {', '.join(sorted(keys))} for {what}")
    if missing := sorted(keys - entry.keys()):
        raise ValueError(f"lacks {', '.join(missing)} in {what}")
    if unknown := sorted(entry.keys() - keys):
        raise ValueError(f"holds {', '.join(unknown)} in {what}, which is not known")
