"""Answers that nobody foresaw: exceptions, endless loops, other shapes, other types."""

import contextlib
import threading
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import torch

from aigc_course.exercises import limit
from aigc_course.exercises.bank import exercise
from aigc_course.exercises.compare import same
from aigc_course.exercises.grade import NOTHING_RETURNED, RIGHT, UNANSWERED, WRONG, grade
from aigc_course.exercises.kinds import Code, Mistake, Text
from aigc_course.exercises.limit import TookTooLong, limited

LOSS = exercise("gan-generator-loss")


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("AIGC_LANG", "en")


def endless(fake_logits):
    while True:
        pass


def stubborn(fake_logits):
    for _ in range(3):
        with contextlib.suppress(Exception):
            endless(fake_logits)
    return fake_logits


def test_an_exception_becomes_a_message_with_the_line():
    def broken(fake_logits):
        return fake_logits / undefined_name  # noqa: F821
    result = grade(LOSS, broken)
    assert result.status == WRONG and result.mistake is None
    assert "NameError" in result.message and "return fake_logits / undefined_name" in result.message


def test_wrong_arguments_become_a_message():
    result = grade(LOSS, lambda: 0)
    assert result.status == WRONG and "TypeError" in result.message


def test_system_exit_is_not_let_through():
    def leaving(fake_logits):
        raise SystemExit(1)
    assert grade(LOSS, leaving).status == WRONG


@pytest.mark.parametrize("answer", [endless, stubborn])
def test_an_endless_loop_is_stopped(answer):
    began = time.monotonic()
    result = grade(LOSS, answer, seconds=0.3)
    assert result.status == WRONG and "stopped" in result.message
    assert time.monotonic() - began < 60


def test_an_endless_loop_is_stopped_where_there_are_no_timers(monkeypatch):
    monkeypatch.delattr(limit.signal, "setitimer")
    result = grade(LOSS, endless, seconds=0.3)
    assert result.status == WRONG and "stopped" in result.message


def test_an_endless_loop_is_stopped_outside_the_main_thread():
    results = []
    worker = threading.Thread(target=lambda: results.append(grade(LOSS, endless, seconds=0.3)))
    worker.start()
    worker.join(60)
    assert results and "stopped" in results[0].message


@pytest.mark.parametrize("way", [limit._by_signal, limit._by_thread])
def test_a_limit_hands_on_values_and_errors(way):
    assert way(lambda: 7, 5.0) == 7
    with pytest.raises(ZeroDivisionError):
        way(lambda: 1 / 0, 5.0)


def test_a_timer_that_was_set_before_survives():
    before = limit.signal.getsignal(limit.signal.SIGALRM)
    with pytest.raises(TookTooLong):
        limited(lambda: endless(None), 0.2)
    assert limit.signal.getsignal(limit.signal.SIGALRM) == before
    time.sleep(0.6)   # a timer left running would end this test


def test_something_that_is_no_function():
    assert "function" in grade(LOSS, torch.tensor(0.7)).message


def test_a_stub_that_raises_is_unanswered():
    def stub(fake_logits):
        raise NotImplementedError
    assert grade(LOSS, stub).status == UNANSWERED


def test_an_unknown_mistake_names_the_first_difference():
    result = grade(LOSS, lambda logits: 2 * torch.nn.functional.softplus(-logits).mean())
    assert result.status == WRONG and result.mistake is None
    assert result.message.startswith("the loss: expected")


def test_grading_moves_no_random_stream():
    torch.manual_seed(3)
    expected = torch.randn(2)
    torch.manual_seed(3)
    assert grade(exercise("gan-detach"), exercise("gan-detach").reference).status == RIGHT
    assert torch.equal(torch.randn(2), expected)


def test_an_answer_given_under_no_grad_is_graded_all_the_same():
    with torch.no_grad():
        assert grade(LOSS, LOSS.reference).status == RIGHT


# What `same` takes for one value: libraries, nesting, layouts, dtypes.
EQUAL = [
    (7, np.int64(7)), (7, torch.tensor(7)), (7, 7.0), (7, np.array(7, dtype=object)), (True, np.bool_(True)),
    (124_439_808, torch.tensor(124_439_808)), (0.1, np.float32(0.1)), (0.5, Fraction(1, 2)),
    (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), ((1, 2), (3, 4))),
    (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), [torch.tensor([1.0, 2.0]), np.array([3, 4])]),
    (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[1.0, 3.0], [2.0, 4.0]]).T),
    (torch.tensor([[0.0, 2.0]]), torch.tensor([[0.0, 2.0]]).to_sparse()),
    (torch.tensor([0.5, 2.0]), torch.tensor([0.5, 2.0], dtype=torch.bfloat16)),
    (torch.tensor([0.5]), torch.tensor([0.5], requires_grad=True)), (torch.tensor([True]), torch.tensor([1])),
    (torch.tensor([1 + 2j]), np.array([1 + 2j])), (float("nan"), torch.tensor(float("nan"))),
    ([torch.ones(2), torch.ones(3)], ([1, 1], np.ones(3))), (["a", "b"], np.array(["a", "b"])), ([], ()),
    ({"a": 1}, {"a": np.float32(1)}),
]
DIFFERENT = [
    (124_439_808, 124_439_809), (124_439_808, 124_439_809.0), (7, "7"), (7, None), (7, [7]), (1.0, 1.001),
    (torch.ones(2, 3), torch.ones(3, 2)), (torch.ones(3), torch.ones(3, 1)), (["a"], ["b"]), (["a"], ["a", "b"]),
    ([torch.ones(2), torch.ones(3)], [torch.ones(2)]), (float("nan"), 0.0), (float("inf"), -float("inf")),
    ({"a": 1}, {"a": 2}), (None, ...), ("a", None), (7, lambda: 7), (torch.ones(2), ["a", "b"]),
]


def test_equal_values_are_equal_however_they_are_written():
    assert [pair for pair in EQUAL if not (same(*pair) and same(*pair[::-1]))] == []
    assert [pair for pair in DIFFERENT if same(*pair) or same(*pair[::-1])] == []


def probing(*inputs, **more) -> Code:
    """An exercise about one call of a function of one argument, for each of `inputs`."""
    def probe(answer):
        for value in inputs:
            yield Text("值", "the value"), answer(value)
    return replace(LOSS, probe=probe, mistakes=(), **more)


SQUARE = probing(3.0, reference=lambda x: x * x, blank=lambda x: ...)


def said(wanted, got) -> str:
    return grade(probing(0, reference=lambda x: wanted, blank=lambda x: ...), lambda x: got).message


def test_a_message_shows_the_first_place_that_differs():
    long = torch.zeros(2, 50)
    long[1, 30] = 1.5
    assert said(long, torch.zeros(2, 50)) == "the value at [1, 30]: expected `1.5`, got `0`."
    assert said(long.requires_grad_(), torch.zeros(2, 50).tolist()).startswith("the value at [1, 30]: expected `1.5`")
    assert said([torch.ones(2), torch.ones(3)], [torch.ones(2), torch.tensor([1.0, 1, 2])]) == (
        "the value at [1, 2]: expected `1`, got `2`.")
    assert said([("a", "b"), ("c", "d")], [("a", "b"), ("c", "x")]) == "the value at [1, 1]: expected `d`, got `x`."
    assert said("the moon " * 20, "the moon " * 10 + "sank") == (
        f"the value at [90]: expected `…{('the moon ' * 7)[:59]}…`, got `…sank`.")
    assert said(torch.ones(2, 3), torch.ones(3)) == (
        "the value: expected `[1, 1, 1, 1, …]` (2×3), got `[1, 1, 1]` (3).")


def test_a_message_shows_whole_numbers_in_full_and_others_as_far_as_they_differ():
    assert said(124_439_808, 124_439_800) == "the value: expected `124,439,808`, got `124,439,800`."
    assert said(124_439_808, np.float32(1.5)) == "the value: expected `124,439,808`, got `1.5`."
    assert said(1.0, 1.0011) == "the value: expected `1`, got `1.001`."
    assert said(0.69314718, 0.69331) == "the value: expected `0.6931`, got `0.6933`."
    assert said(12.3456, 12.3478) == "the value: expected `12.3456`, got `12.3478`."   # both 12.35
    assert said(True, False) == "the value: expected `True`, got `False`."
    assert said(0.5, None) == str(NOTHING_RETURNED)


def test_a_forgotten_return_is_said_to_be_one():
    def forgotten(x):
        x * x   # noqa: B018

    def half_forgotten(x):   # noqa: RET503
        if x > 5:
            return x * x

    def computing(*inputs):
        found = [inputs]   # noqa: F841

    for name in ("gan-generator-loss", "bpe-merge", "softmax-mask", "draw-by-counts", "hf-left-pad", "precision-clip"):
        result = grade(exercise(name), computing)
        assert (result.status, result.message) == (WRONG, str(NOTHING_RETURNED)), name
    assert grade(SQUARE, forgotten).message == str(NOTHING_RETURNED)
    assert grade(SQUARE, half_forgotten).message == str(NOTHING_RETURNED)


def test_a_stub_is_unanswered_however_empty():
    def passing(*inputs):
        pass

    def dotted(*inputs):
        ...

    def described(*inputs):
        """What is still to be written."""

    def returning(*inputs):
        return

    def with_a_gap(*inputs):
        first = sum(map(float, range(3)))
        return first, ...

    for name in ("gan-generator-loss", "bpe-merge", "gan-frozen-discriminator", "hf-left-pad"):
        for stub in (passing, dotted, described, returning, with_a_gap):
            assert grade(exercise(name), stub).status == UNANSWERED, (name, stub)


def test_where_nothing_is_to_be_returned_nobody_is_told_to_return():
    def moving_nothing(generator, discriminator, z, lr):
        generator(z)
    result = grade(exercise("gan-frozen-discriminator"), moving_nothing)
    assert result.status == WRONG and "it did not move" in result.message


def test_another_error_than_a_mistakes_is_no_such_mistake():
    def too_early(x):
        raise IndexError("list index out of range")

    hint_ = Text("提示", "That index is out of range.")
    known = replace(SQUARE, mistakes=(Mistake(too_early, hint_),))
    assert grade(known, lambda x: [][3]).message == hint_.en
    other = grade(known, lambda x: {}["key"])
    assert other.mistake is None and "KeyError" in other.message


def test_an_answer_that_raises_is_not_the_reference_that_refuses():
    def refusing(x):
        raise ValueError("no")

    refused = probing(3.0, reference=refusing, blank=lambda x: ...)
    assert grade(refused, refusing).status == RIGHT
    assert grade(refused, lambda x: {}["key"]).status == WRONG
    assert grade(refused, lambda x: x).status == WRONG


def test_what_has_another_form_is_said_and_no_mistake_of_that_form_is_blamed():
    merge = exercise("bpe-merge")
    result = grade(merge, lambda parts, pair: 5)
    assert result.status == WRONG and result.mistake is None
    assert "What is returned, `5`, has not the form" in result.message
    known = replace(merge, mistakes=(Mistake(lambda parts, pair: 7, Text("七", "Seven.")),))
    assert grade(known, lambda parts, pair: 7).message == "Seven."
    assert grade(known, lambda parts, pair: 5).mistake is None
