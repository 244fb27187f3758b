"""Answers that nobody foresaw: exceptions, endless loops, other shapes, other types."""

import contextlib
import threading
import time

import pytest
import torch

from aigc_course.exercises import limit
from aigc_course.exercises.bank import exercise
from aigc_course.exercises.grade import RIGHT, UNANSWERED, WRONG, grade
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
