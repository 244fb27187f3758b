"""Grading an answer: right, a mistake we know, wrong in another way, or not answered."""

import dis
import traceback
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from aigc_course.exercises.compare import brief, briefly, first_difference, same
from aigc_course.exercises.kinds import Code, Exercise, MultipleChoice, Open, Prediction, Text
from aigc_course.exercises.limit import LIMIT_S, TookTooLong, limited

RIGHT, WRONG, UNANSWERED, SUBMITTED = "right", "wrong", "unanswered", "submitted"
# What a body is compiled to in which nothing happens.
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}

NOT_A_FUNCTION = Text("答案应当是一个函数：把函数名本身传给 `check`，不要调用它。",
                      "The answer should be a function: hand `check` its name, do not call it.")
AS_GIVEN = Text("代码的行为还和题目给出的一样，问题还在。",
                "The code still behaves as it was given: the fault is there.")
EMPTY = Text("还没有作答。", "Not answered yet.")
NOTHING_RETURNED = Text("函数没有返回任何东西（`None`）：用 `return` 把结果交出来。",
                        "The function returns nothing (`None`): hand the result over with `return`.")
WELL_DONE = Text("正确。", "Right.")


@dataclass(frozen=True)
class Grade:
    """status: RIGHT, WRONG, UNANSWERED or SUBMITTED. message: Markdown in the reader's language.
    mistake: the number of the typical mistake that this is, or its letter in a choice."""

    status: str
    message: str
    mistake: int | str | None = None


@dataclass(frozen=True)
class Observed:
    """What a probe saw of an answer: what it yielded, and the exception that ended it, if any.

    returned: what the answer returned, call by call. own: whether the exception was raised in the answer, and not in
    the probe, which could do nothing with what was returned.
    """

    items: list[tuple[Text, Any]]
    error: BaseException | None
    returned: list[Any]
    own: bool


def grade(exercise: Exercise, answer: Any, seconds: float = LIMIT_S) -> Grade:
    """Grades `answer`. What a learner's function raises becomes a message; nothing is raised."""
    if answer is None or answer is ... or isinstance(answer, str) and not answer.strip():
        return Grade(UNANSWERED, str(EMPTY))
    match exercise:
        case Code():
            return _grade_code(exercise, answer, seconds)
        case MultipleChoice() | Prediction():
            return _grade_choice(exercise, answer)
        case Open():
            return Grade(SUBMITTED, "\n".join(f"- {point}" for point in exercise.rubric))


def _grade_code(exercise: Code, answer: Any, seconds: float) -> Grade:
    if not callable(answer):
        return Grade(WRONG, str(NOT_A_FUNCTION))
    # The reference first: what both of them import for the first time is not the learner's time.
    expected = _ours(exercise.probe, exercise.reference)
    seen = observe(exercise.probe, answer, seconds)
    if _unfinished(answer, seen):
        return Grade(UNANSWERED, str(EMPTY))
    if isinstance(seen.error, TookTooLong):
        return Grade(WRONG, str(Text(
            f"代码运行了 {seconds:.0f} 秒还没有结束，已被停下：检查循环的结束条件。",
            f"The code was stopped after {seconds:.0f} s: check how its loop ends.")))
    if alike(seen, expected):
        return Grade(RIGHT, str(WELL_DONE))
    if not seen.own and _returns_nothing(seen) and not _returns_nothing(expected):
        return Grade(WRONG, str(NOTHING_RETURNED))
    if alike(seen, _ours(exercise.probe, exercise.blank)):
        return Grade(UNANSWERED, str(AS_GIVEN))
    for number, mistake in enumerate(exercise.mistakes):
        if alike(seen, _ours(exercise.probe, mistake.answer)):
            return Grade(WRONG, str(mistake.hint), number)
    return Grade(WRONG, _explain(seen, expected))


def _unfinished(answer: Callable, seen: Observed) -> bool:
    """Whether there is still a gap in `answer`: it says so, returns `...`, or does nothing at all."""
    if isinstance(seen.error, NotImplementedError):
        return True
    returned = [part for value in seen.returned for part in (value if isinstance(value, tuple) else (value,))]
    if any(part is ... for part in returned):
        return True
    return bool(returned) and all(part is None for part in returned) and _does_nothing(answer)


def _returns_nothing(seen: Observed) -> bool:
    return any(value is None for value in seen.returned)


def _does_nothing(answer: Callable) -> bool:
    """Whether the body of `answer` is `pass`, `...`, a docstring or `return`, as its bytecode shows."""
    code = getattr(answer, "__code__", None)
    return code is not None and {step.opname for step in dis.get_instructions(code)} <= IDLE


def _grade_choice(exercise: MultipleChoice | Prediction, answer: Any) -> Grade:
    letter = unicodedata.normalize("NFKC", str(answer)).strip().strip("().。、[]'\"").casefold()
    if letter not in exercise.options:
        letters = " / ".join(exercise.options)
        return Grade(WRONG, str(Text(f"请从 {letters} 中选一个字母。", f"Choose one letter of {letters}.")))
    option = exercise.options[letter]
    if isinstance(exercise, Prediction):
        return Grade(SUBMITTED, f"**{letter}** {option.text}", letter)
    if letter == exercise.right:
        return Grade(RIGHT, str(option.why))
    return Grade(WRONG, str(option.why), letter)


def observe(probe: Callable, answer: Callable, seconds: float | None = None) -> Observed:
    """Everything that `probe` sees of `answer`, with random numbers drawn aside and gradients on.

    seconds: when to stop it; None for code of ours.
    """
    import torch

    from aigc_course.compute import aside
    items, returned, error, own = [], [], None, False

    def watched(*inputs, **named):
        nonlocal own
        own = True
        returned.append(answer(*inputs, **named))
        own = False
        return returned[-1]

    def look():
        for item in probe(watched):
            items.append(item)

    try:
        with aside(seed=0), torch.enable_grad():
            limited(look, seconds) if seconds else look()
    except (Exception, SystemExit, TookTooLong) as raised:
        error = raised
    return Observed(items, error, returned, own)


@cache
def _ours(probe: Callable, answer: Callable) -> Observed:
    """`observe` for the answers of the bank, which do not change."""
    return observe(probe, answer)


def alike(one: Observed, other: Observed) -> bool:
    """Whether two answers cannot be told apart: same values, same way to fail."""
    if type(one.error) is not type(other.error) or one.own is not other.own or len(one.items) != len(other.items):
        return False
    if one.error and not one.own and not same(one.returned[-1:], other.returned[-1:]):
        return False   # each returned something else that the probe could do nothing with
    return all(same(a, b) for (_, a), (_, b) in zip(one.items, other.items, strict=True))


def _explain(seen: Observed, expected: Observed) -> str:
    """What is wrong with an answer that is no mistake we know."""
    if seen.own and seen.error:
        return _explain_error(seen.error)
    for (label, got), (_, wanted) in zip(seen.items, expected.items, strict=False):
        if not same(got, wanted):
            place, got, wanted = first_difference(got, wanted)
            got, wanted = briefly(got, wanted)
            where = Text(f"，第 {place} 项", f" at {place}") if place else Text("", "")
            return str(Text(f"{label.zh}{where.zh}：应为 {wanted}，得到 {got}。",
                            f"{label.en}{where.en}: expected {wanted}, got {got}."))
    if seen.error:
        given = brief(seen.returned[-1]) if seen.returned else "`?`"
        what = f"`{type(seen.error).__name__}: {_first_line(seen.error)}`"
        return str(Text(f"返回的 {given} 不是题目要的样子（{what}）：对照题目检查它的类型和形状。",
                        f"What is returned, {given}, has not the form that is asked for ({what}): compare its type and "
                        "shape with the task."))
    return str(Text("返回的东西比应有的多或少。", "It gives more or less than it should."))


def _explain_error(error: BaseException) -> str:
    """What the learner's code raised, and on which of its lines."""
    lines = [frame.line.strip() for frame in traceback.extract_tb(error.__traceback__)
             if "aigc_course" not in frame.filename and "site-packages" not in frame.filename and frame.line]
    place = f" `{lines[-1]}`" if lines else ""
    what = f"`{type(error).__name__}: {_first_line(error)}`"
    where = Text(f"，出错的一行是{place}", f", at{place}") if place else Text("", "")
    return str(Text(f"代码运行时出错：{what}{where.zh}。", f"The code raised {what}{where.en}."))


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else ""
