"""Every exercise against every answer that is known to be right or wrong: a test for each rule, all exercises in it."""

import json
import re
from functools import cache

from aigc_course.authoring.check import CALL
from aigc_course.authoring.findings import prose
from aigc_course.authoring.places import Course
from aigc_course.authoring.rules import HALF_WIDTH
from aigc_course.authoring.terms import is_chinese, misused, read_terms
from aigc_course.exercises.ask import solution
from aigc_course.exercises.bank import exercise, lesson, names
from aigc_course.exercises.grade import RIGHT, SUBMITTED, UNANSWERED, WRONG, Observed, alike, grade, observe
from aigc_course.exercises.kinds import Code, MultipleChoice, Open, Prediction, Text, question

ALL = {name: exercise(name) for name in names()}
CODE = {name: found for name, found in ALL.items() if isinstance(found, Code)}
CHOICES = {name: found for name, found in ALL.items() if isinstance(found, MultipleChoice)}

# Right answers of other kinds than the bank's own: numbers of NumPy and of plain Python, lists for tensors, and what is
# computed without gradients where nothing is trained.
ALSO_RIGHT = {
    "gpt-parameters": ["lambda *sizes: np.int64(right(*sizes))", "lambda *sizes: torch.tensor(right(*sizes))",
                       "lambda *sizes: float(right(*sizes))", "lambda *sizes: np.array(right(*sizes), dtype=object)"],
    "dcgan-output-size": ["lambda *sizes: np.int32(right(*sizes))", "lambda *sizes: torch.tensor(right(*sizes))"],
    "errata-block-parameters": ["lambda *sizes: np.int64(right(*sizes))"],
    "errata-descends-from": ["lambda *inputs: np.bool_(right(*inputs))"],
    "errata-older-parents": ["lambda *inputs: tuple(list(edge) for edge in right(*inputs))"],
    "failed-seeds": ["lambda *inputs: np.int64(right(*inputs))"],
    "perplexity-average": ["lambda nats, tokens: math.exp(nats.sum() / tokens.sum())",
                           "lambda nats, tokens: np.exp(nats.numpy().sum() / tokens.numpy().sum())"],
    "weighted-gradients": ["torch.no_grad()(right)",
                           "lambda g, n: np.average(g.numpy(), axis=0, weights=n.numpy())"],
    "held-out-average": ["lambda log_joint: scipy.special.logsumexp(log_joint.numpy(), axis=1).mean()"],
    "latent-slerp": ["lambda a, b, t: slerp_by_math(a, b, t)"],
    "mixture-log-density": ["lambda *inputs: right(*inputs).tolist()"],
    "gan-value-at-best": ["lambda p, q: sum(scipy.special.xlogy(a, a / (a + b)) + scipy.special.xlogy(b, b / (a + b))"
                          " for a, b in zip(p.tolist(), q.tolist()))"],
    "softmax-gradient": ["lambda p, g: right(p, g).numpy()", "lambda p, g: right(p, g).tolist()"],
    "bptt-recurrent-gradient": ["lambda *inputs: right(*inputs).numpy()"],
    "gradient-leak": ["lambda w, b: (w.numpy() / np.where(b.numpy()[:, None] == 0, np.nan, b.numpy()[:, None]))[1]"],
    "gpt-top-p": ["top_p_with_the_tie_out", "lambda logits, p: right(logits, p).numpy()"],
    "draw-by-counts": ["draw_by_subtracting"],
    "ngram-add-k": ["lambda counts, k: right(counts, k).T.contiguous().T", "lambda counts, k: list(right(counts, k))",
                    "lambda counts, k: right(counts, k).to_sparse()"],
    "ngram-boundaries": ["lambda documents: {pair: np.int64(n) for pair, n in right(documents).items()}"],
    "curve-smoothing": ["lambda *inputs: np.array(right(*inputs))", "lambda *inputs: tuple(right(*inputs))"],
    "hf-left-pad": ["lambda *inputs: [part.tolist() for part in right(*inputs)]",
                    "lambda *inputs: tuple(part.numpy() for part in right(*inputs))"],
    "image-sharpness": ["lambda images: [float(one) for one in right(images)]"],
    "precision-clip": ["lambda *inputs: tuple(right(*inputs))"],
    "scale-leak": ["lambda *inputs: [part.numpy() for part in right(*inputs)]"],
    "conv-correlate": ["lambda *inputs: [list(row) for row in right(*inputs)]"],
    "rnn-lstm-step": ["lambda *inputs: tuple(right(*inputs))"],
    "gan-in-turns": ["lambda *inputs: tuple(right(*inputs))"],
    "softmax-mask": ["lambda *inputs: torch.unbind(right(*inputs))"],
}


def slerp_by_math(a, b, t):
    import math
    angle = math.acos(a @ b / (a.norm() * b.norm()))
    return (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)


def top_p_with_the_tie_out(logits, p):
    """The other convention: what comes after a sum of exactly p, in the arithmetic of this machine, is kept as well."""
    import torch
    ordered, order = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    ordered = ordered.masked_fill(probabilities.cumsum(-1) - probabilities > p, -torch.inf)
    return torch.empty_like(logits).scatter(-1, order, ordered)


def draw_by_subtracting(counts, u):
    for letter, count in counts.items():
        u -= count / sum(counts.values())
        if u < 0:
            return letter
    return letter


def also_right(name: str) -> list:
    import math

    import numpy as np
    import scipy.special
    import torch
    scope = {**globals(), "math": math, "np": np, "scipy": scipy, "torch": torch, "right": CODE[name].reference}
    return [eval(answer, scope) for answer in ALSO_RIGHT.get(name, ())]


def lines(failures: list[str]) -> str:
    return "\n" + "\n".join(failures)


@cache
def seen(name: str, answer) -> Observed:
    return observe(CODE[name].probe, answer)


def test_every_exercise_lies_in_the_folder_of_the_first_lesson_that_asks_it():
    failures = []
    course, first = Course.here(), {}
    for notebook in course.names():
        cells = json.loads(course.notebook(notebook, "zh").read_text(encoding="utf-8"))["cells"]
        for cell in cells:
            if cell["cell_type"] == "code":
                for _, name in CALL.findall("".join(cell["source"])):
                    first.setdefault(name, notebook)
    assert len(ALL) > 100
    for name in ALL:
        if lesson(name) != first.get(name):
            failures.append(f"{name}: lies in {lesson(name)}, asked first in {first.get(name, 'no lesson')}")
    assert not failures, lines(failures)


def test_right_answers_pass():
    failures = []
    assert set(ALSO_RIGHT) <= set(CODE)
    for name, found in CODE.items():
        if len(found.others) < 2:
            failures.append(f"{name}: has {len(found.others)} other right answers, two are needed")
        for answer in (found.reference, *found.others, *also_right(name)):
            result = grade(found, answer)
            if result.status != RIGHT:
                failures.append(f"{name}, {answer.__name__}: {result.message}")
    assert not failures, lines(failures)


def test_each_mistake_gets_its_own_hint(monkeypatch):
    failures = []
    for name, found in CODE.items():
        if len(found.mistakes) < 3 or len({mistake.hint for mistake in found.mistakes}) < len(found.mistakes):
            failures.append(f"{name}: needs three mistakes, each with a hint of its own")
        for number, mistake in enumerate(found.mistakes):
            result = grade(found, mistake.answer)
            if (result.status, result.mistake, result.message) != (WRONG, number, str(mistake.hint)):
                failures.append(f"{name}, {mistake.answer.__name__}: {result}")
            for language in ("zh", "en"):
                monkeypatch.setenv("AIGC_LANG", language)
                if str(mistake.hint) != getattr(mistake.hint, language):
                    failures.append(f"{name}, {mistake.answer.__name__}: its hint is not in the reader's language")
    assert not failures, lines(failures)


def test_the_blank_is_unanswered():
    failures = []
    for name, found in CODE.items():
        if grade(found, found.blank).status != UNANSWERED:
            failures.append(name)
    assert not failures, lines(failures)


def test_no_two_mistakes_look_alike():
    failures = []
    for name, found in CODE.items():
        wrong = [found.blank, *(mistake.answer for mistake in found.mistakes)]
        for number, one in enumerate(wrong):
            for other in wrong[number + 1:]:
                if alike(seen(name, one), seen(name, other)):
                    failures.append(f"{name}: {one.__name__} and {other.__name__}")
    assert not failures, lines(failures)


def test_gradients_are_graded():
    """Where a gradient is asked for, the right value without it is wrong, and the message says so."""
    failures = []
    import torch
    for name, found in CODE.items():
        labels = [label.zh for label, _ in seen(name, found.reference).items]
        if not found.gradient:
            if any(torch.is_tensor(value) and value.requires_grad
                   for value in seen(name, found.reference).returned):
                failures.append(f"{name}: hands out leaves of a graph, though no gradient is asked for")
            continue
        detached = grade(found, lambda *inputs, right=found.reference: right(*inputs).detach())
        if detached.status != WRONG or "梯度" not in detached.message or not any("梯度" in one for one in labels):
            failures.append(f"{name}: {detached}")
    assert sum(found.gradient for found in CODE.values()) > 15
    assert not failures, lines(failures)


def test_the_solution_shown_is_the_reference():
    failures = []
    for name, found in CODE.items():
        scope = {}
        source = re.search(r"```python\n(.*)\n```", solution(found), re.DOTALL)[1]
        exec("import torch\nimport torch.nn.functional as F\nfrom torch import nn\n" + source, scope)
        if not source.startswith("def ") or grade(found, scope[found.reference.__name__]).status != RIGHT:
            failures.append(name)
    assert not failures, lines(failures)


def test_the_task_names_the_function():
    failures = []
    for name, found in CODE.items():
        for language in ("zh", "en"):
            if f"`{found.reference.__name__}(" not in getattr(found.task, language):
                failures.append(f"{name}, {language}")
    assert not failures, lines(failures)


def spellings(letter: str) -> list[str]:
    wide = chr(ord(letter) + ord("ａ") - ord("a"))
    return [letter, letter.upper(), f" {letter} ", f"({letter})", f"{letter}.", wide, f"（{wide}）", f"'{letter}'"]


def test_every_option_is_explained(monkeypatch):
    failures = []
    for name, found in CHOICES.items():
        if len(found.options) < 4 or len({option.why for option in found.options.values()}) < len(found.options):
            failures.append(f"{name}: needs three typical mistakes and the right one, each explained")
        for language in ("zh", "en"):
            monkeypatch.setenv("AIGC_LANG", language)
            for letter, option in found.options.items():
                for spelling in spellings(letter):
                    result = grade(found, spelling)
                    if result.status != (RIGHT if letter == found.right else WRONG) or (
                            getattr(option.why, language) not in result.message):
                        failures.append(f"{name}, {spelling!r}, {language}: {result}")
            for nonsense in ("z", "ab", 3, "我不知道"):
                result = grade(found, nonsense)
                if result.status != WRONG or " / ".join(found.options) not in result.message:
                    failures.append(f"{name}, {nonsense!r}, {language}: {result}")
    assert not failures, lines(failures)


def test_nothing_is_not_an_answer():
    failures = []
    for name, found in ALL.items():
        for nothing in (None, ..., "", "  "):
            if grade(found, nothing).status != UNANSWERED:
                failures.append(f"{name}, {nothing!r}")
    assert not failures, lines(failures)


def test_open_questions_have_a_rubric_and_predictions_an_outcome():
    failures = []
    for name, found in ALL.items():
        match found:
            case Open():
                right = len(found.rubric) >= 3 and len(found.hints) == 3 and (
                    grade(found, "因为……").status == SUBMITTED)
            case Prediction():
                right = found.happens in found.options and len(found.options) >= 3 and (
                    grade(found, found.happens).status == SUBMITTED)
            case _:
                right = len(found.hints) == 3
        if not right:
            failures.append(name)
    assert not failures, lines(failures)


def texts(value) -> list[Text]:
    """Every Text in an exercise, however deep."""
    if isinstance(value, Text):
        return [value]
    if isinstance(value, dict):
        return texts(tuple(value.values()))
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    return texts(tuple(vars(value).values())) if hasattr(value, "__dataclass_fields__") else []


def test_both_languages_keep_house_style():
    failures = []
    terms = read_terms(Course.here().terms)
    for name, found in ALL.items():
        for text in texts(found):
            if not text.zh or not text.en or is_chinese(prose(text.en)) or HALF_WIDTH.search(prose(text.zh)):
                failures.append(f"{name}: {text}")
        for language in ("zh", "en"):
            whole = "\n\n".join(getattr(text, language) for text in texts(found))
            failures += [f"{name}: {wrong}" for wrong in misused(whole, language, terms)]
        if len(texts(found)) <= 3 or question(found, "zh") == question(found, "en"):
            failures.append(f"{name}: lacks texts, or asks the same in both languages")
    assert not failures, lines(failures)
