"""What a learner calls. Nothing here raises: an exercise never stops Run All."""

import inspect
from collections import Counter
from typing import Any

from aigc_course.errors import CourseError
from aigc_course.exercises import progress
from aigc_course.exercises.bank import exercise
from aigc_course.exercises.grade import RIGHT, SUBMITTED, UNANSWERED, WRONG, grade
from aigc_course.exercises.kinds import Code, Exercise, MultipleChoice, Open, Prediction, Text, question
from aigc_course.exercises.panel import show
from aigc_course.language import language

TITLES = {
    RIGHT: Text("正确", "Right"),
    WRONG: Text("还不对", "Not yet"),
    UNANSWERED: Text("未作答", "Unanswered"),
    SUBMITTED: Text("已记录", "Recorded"),
}
SEE_HINTS = Text("需要提示时，运行 `hint(\"{}\")`。", "For a hint, run `hint(\"{}\")`.")
RUBRIC = Text("请对照以下要点检查自己的回答：", "Compare your answer with these points:")
_hints_given: Counter[str] = Counter()


def check(name: str, answer: Any = None) -> None:
    """Says whether `answer` to the exercise `name` is right, and remembers it on this computer.

    answer: a function, a letter, or a text, as the exercise asks. None, `...` or the stub as given is
    reported as unanswered.
    """
    found = _find(name)
    if found is None:
        return
    result = grade(found, answer)
    lines = [result.message]
    if result.status == UNANSWERED:
        lines += [question(found, language()), str(SEE_HINTS).format(name)]
    else:
        if isinstance(found, Open):
            lines.insert(0, str(RUBRIC))
        given = {"answer": str(answer)[:2000]} if isinstance(found, MultipleChoice | Open) else {}
        lines += _remember(name, result.status, mistake=result.mistake, **given)
    show(result.status, f"{TITLES[result.status]} · {name}", "\n\n".join(lines))


def hint(name: str) -> None:
    """Gives one more hint to the exercise `name` at each call, and after three the folded solution."""
    found = _find(name)
    if found is None or isinstance(found, Prediction):
        return
    _hints_given[name] += 1
    count = _hints_given[name]
    total = len(found.hints)
    lines = [f"**{number}/{total}** {text}" for number, text in enumerate(found.hints[:count], start=1)]
    folded = solution(found) if count > total else ""
    show("hint", f"{Text('提示', 'Hints')} · {name}", "\n\n".join(lines), folded)


def predict(name: str, choice: Any = None) -> None:
    """Records what the learner expects to happen, before it is run; `predicted` shows it again."""
    found = _find(name)
    if found is None:
        return
    result = grade(found, choice)
    lines = [result.message]
    if result.status != SUBMITTED:
        lines.append(question(found, language()))
    else:
        lines += _remember(name, SUBMITTED, answer=result.mistake)
    show(result.status, f"{TITLES[result.status]} · {name}", "\n\n".join(lines))


def predicted(name: str) -> None:
    """Shows the learner's prediction beside what happens, and why."""
    found = _find(name)
    if found is None:
        return
    if not isinstance(found, Prediction):
        raise CourseError(f"{name} asks for no prediction: see it with `check(\"{name}\")`.")
    try:
        event = progress.last(name)
    except CourseError:   # `predict` has said that nothing was saved
        event = None
    happens = found.options[found.happens]
    truth = f"{Text('实际：', 'What happens: ')}**{found.happens}** {happens.text}\n\n{happens.why}"
    if event is None or event.get("answer") not in found.options:
        ask = Text(f"还没有猜测：先运行 `predict(\"{name}\", …)`。",
                   f"No prediction yet: run `predict(\"{name}\", …)`.")
        show(UNANSWERED, f"{TITLES[UNANSWERED]} · {name}", str(ask), truth)
        return
    letter = event["answer"]
    guess = f"{Text('猜测：', 'Predicted: ')}**{letter}** {found.options[letter].text}"
    why = "" if letter == found.happens else f"\n\n{found.options[letter].why}"
    show(SUBMITTED, f"{Text('猜测与结果', 'Prediction and result')} · {name}", f"{guess}{why}\n\n{truth}")


def solution(found: Code | MultipleChoice | Open) -> str:
    """The reference solution as Markdown in the reader's language."""
    match found:
        case Code():
            source = inspect.getsource(found.reference).removeprefix("@sheet.reference\n")
            return f"```python\n{source.rstrip()}\n```"
        case MultipleChoice():
            right = found.options[found.right]
            return f"**{found.right}** {right.text}\n\n{right.why}"
        case Open():
            return "\n".join(f"- {point}" for point in found.rubric)


def _find(name: str) -> Exercise | None:
    try:
        return exercise(name)
    except KeyError:
        show(WRONG, name, str(Text("没有这个练习：检查名称的拼写。", "There is no such exercise: check its "
                                                                     "spelling.")))
        return None


def _remember(name: str, status: str, **more) -> list[str]:
    try:
        progress.remember(name, status, **more)
    except CourseError as error:
        return [str(Text(f"进度没有保存：{error}", f"Progress was not saved: {error}"))]
    return []
