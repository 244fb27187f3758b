"""Grading an answer: right, a mistake we know, wrong in another way, or not answered."""

import traceback
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aigc_course.exercises.kinds import Code, Exercise, MultipleChoice, Open, Prediction, Text
from aigc_course.exercises.limit import LIMIT_S, TookTooLong, limited

RIGHT, WRONG, UNANSWERED, SUBMITTED = "right", "wrong", "unanswered", "submitted"
RTOL, ATOL = 1e-4, 1e-6   # float32 arithmetic in another order

NOT_A_FUNCTION = Text("答案应当是一个函数：把函数名本身传给 `check`，不要调用它。",
                      "The answer should be a function: hand `check` its name, do not call it.")
AS_GIVEN = Text("代码的行为还和题目给出的一样，问题还在。",
                "The code still behaves as it was given: the fault is there.")
EMPTY = Text("还没有作答。", "Not answered yet.")
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
    """What a probe saw of an answer: what it yielded, and the exception that ended it, if any."""

    items: list[tuple[Text, Any]]
    error: BaseException | None


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
    expected = observe(exercise.probe, exercise.reference)
    seen = observe(exercise.probe, answer, seconds)
    stub = isinstance(seen.error, NotImplementedError)
    if stub or any(value is None or value is ... for _, value in seen.items):
        return Grade(UNANSWERED, str(EMPTY))
    if isinstance(seen.error, TookTooLong):
        return Grade(WRONG, str(Text(
            f"代码运行了 {seconds:.0f} 秒还没有结束，已被停下：检查循环的结束条件。",
            f"The code was stopped after {seconds:.0f} s: check how its loop ends.")))
    if alike(seen, expected):
        return Grade(RIGHT, str(WELL_DONE))
    if alike(seen, observe(exercise.probe, exercise.blank)):
        return Grade(UNANSWERED, str(AS_GIVEN))
    for number, mistake in enumerate(exercise.mistakes):
        if alike(seen, observe(exercise.probe, mistake.answer)):
            return Grade(WRONG, str(mistake.hint), number)
    return Grade(WRONG, _explain_error(seen.error) if seen.error else _first_difference(seen, expected))


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
    items, error = [], None

    def look():
        for item in probe(answer):
            items.append(item)

    try:
        with aside(seed=0), torch.enable_grad():
            limited(look, seconds) if seconds else look()
    except (Exception, SystemExit, TookTooLong) as raised:
        error = raised
    return Observed(items, error)


def alike(one: Observed, other: Observed) -> bool:
    """Whether two answers cannot be told apart: same values, same way to fail."""
    return (type(one.error) is type(other.error) and len(one.items) == len(other.items)
            and all(same(a, b) for (_, a), (_, b) in zip(one.items, other.items, strict=True)))


def same(one: Any, other: Any) -> bool:
    """Equal, or equal in shape and close in value for numbers and tensors."""
    import torch
    if isinstance(one, str) or isinstance(other, str) or one is None or other is None:
        return one is other or one == other
    try:
        one, other = (torch.as_tensor(value).detach().double() for value in (one, other))
    except (TypeError, ValueError, RuntimeError):
        return False
    return one.shape == other.shape and torch.allclose(one, other, rtol=RTOL, atol=ATOL, equal_nan=True)


def _first_difference(seen: Observed, expected: Observed) -> str:
    for (label, got), (_, wanted) in zip(seen.items, expected.items, strict=False):
        if not same(got, wanted):
            return str(Text(f"{label.zh}：应为 {brief(wanted)}，得到 {brief(got)}。",
                            f"{label.en}: expected {brief(wanted)}, got {brief(got)}."))
    return str(Text("返回的东西比应有的多或少。", "It gives more or less than it should."))


def brief(value: Any) -> str:
    """A value in a few characters: numbers to four digits, a tensor by its shape when it is not small."""
    import torch
    if isinstance(value, (str, type(None), bool)):
        return f"`{value}`"
    try:
        tensor = torch.as_tensor(value).detach()
    except (TypeError, ValueError, RuntimeError):
        return f"`{type(value).__name__}`"
    numbers = ", ".join(f"{float(number):.4g}" for number in tensor.flatten()[:4])
    if tensor.ndim == 0:
        return f"`{numbers}`"
    shape = "×".join(map(str, tensor.shape))
    return f"`[{numbers}{', …' if tensor.numel() > 4 else ''}]` ({shape})"


def _explain_error(error: BaseException) -> str:
    """What the learner's code raised, and on which of its lines."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__)
              if "aigc_course" not in frame.filename and "site-packages" not in frame.filename and frame.line]
    place = f" `{frames[-1].line.strip()}`" if frames else ""
    what = f"`{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}`"
    where = Text(f"，出错的一行是{place}", f", at{place}") if place else Text("", "")
    return str(Text(f"代码运行时出错：{what}{where.zh}。", f"The code raised {what}{where.en}."))
