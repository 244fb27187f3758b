"""What prose quotes instead of saying it itself: numbers of the run, exercises of the bank, judged formulas.

    <!--v:modes:d-->8<!--/v-->          the recorded number `modes`, in Python's format `d`
    <!--x:gan-modes--> … <!--/x-->      the question of the exercise `gan-modes`, in the edition's language
    <!--f:F-05--> … <!--/f-->           the formula F-05 of the documents: what is right or wrong about it

Authoring writes what stands between the marks; `check` reports where it is out of date.
"""

import re

from aigc_course.errors import CourseError
from aigc_course.exercises.bank import exercise
from aigc_course.exercises.kinds import question
from aigc_course.sources.formulas import formulas

NUMBER = re.compile(r"<!--v:(?P<name>[\w.-]+):(?P<format>[^>]*?)-->(?P<text>.*?)<!--/v-->", re.DOTALL)
EXERCISE = re.compile(r"<!--x:(?P<name>[\w-]+)-->(?P<text>.*?)<!--/x-->", re.DOTALL)
FORMULA = re.compile(r"<!--f:(?P<name>[\w-]+)-->(?P<text>.*?)<!--/f-->", re.DOTALL)


def fill(text: str, language: str, numbers: dict) -> str:
    """`text` with every quote brought up to date.

    numbers: {name: {"value": …}} of the last run. A name that is not known stays as it is; `check` reports it.

    Raises: CourseError for a format that Python does not know.
    """
    text = NUMBER.sub(lambda match: _number(match, numbers), text)
    text = EXERCISE.sub(lambda match: _question(match, language), text)
    return FORMULA.sub(lambda match: _card(match, language), text)


def emptied(text: str) -> str:
    """`text` without what stands in quotes: what remains the same when only a measurement moves."""
    text = NUMBER.sub(lambda match: f"<!--v:{match['name']}:{match['format']}--><!--/v-->", text)
    text = EXERCISE.sub(lambda match: f"<!--x:{match['name']}--><!--/x-->", text)
    return FORMULA.sub(lambda match: f"<!--f:{match['name']}--><!--/f-->", text)


def names(text: str) -> list[str]:
    """What is quoted, in alphabetical order: both editions quote the same."""
    return sorted([f"v:{match['name']}" for match in NUMBER.finditer(text)]
                  + [f"x:{match['name']}" for match in EXERCISE.finditer(text)]
                  + [f"f:{match['name']}" for match in FORMULA.finditer(text)])


def differences(text: str, language: str, numbers: dict) -> list[str]:
    """What is wrong with the quotes in `text`, one clause each."""
    wrong = []
    for match in NUMBER.finditer(text):
        if match["name"] not in numbers:
            wrong.append(f"quotes {match['name']!r}, which the run does not record")
        elif match.group() != _number(match, numbers):
            wrong.append(f"says {match['text']!r} where the run recorded {match['name']} = "
                         f"{numbers[match['name']]['value']:.6g}")
    for match in EXERCISE.finditer(text):
        if _question(match, language) != match.group():
            wrong.append(f"asks {match['name']!r} in other words than the exercise bank")
        elif not match["text"]:
            wrong.append(f"quotes the exercise {match['name']!r}, which the bank does not hold")
    for match in FORMULA.finditer(text):
        if match["name"] not in formulas():
            wrong.append(f"quotes the formula {match['name']!r}, which data/formulas.toml does not hold")
        elif _card(match, language) != match.group():
            wrong.append(f"judges {match['name']!r} in other words than data/formulas.toml")
    return wrong


def _number(match: re.Match, numbers: dict) -> str:
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


def _question(match: re.Match, language: str) -> str:
    try:
        text = question(exercise(match["name"]), language)
    except KeyError:
        return f"<!--x:{match['name']}--><!--/x-->"
    return f"<!--x:{match['name']}-->\n\n{text}\n\n<!--/x-->"


def _card(match: re.Match, language: str) -> str:
    text = formulas()[match["name"]].card(language) if match["name"] in formulas() else ""
    return f"<!--f:{match['name']}-->\n\n{text}\n\n<!--/f-->" if text else match.group()
