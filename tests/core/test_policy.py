"""Threads and precision chosen by trying: what is chosen when, and that trying leaves no trace."""

from __future__ import annotations

import random

import pytest
import torch

from aigc_course import policy
from aigc_course.compute import Compute, rng_state, seed_all
from aigc_course.policy import Choice, choose_policy
from aigc_course.train import Run, train
from tests.core.families import FAMILIES, batches, same, weights


@pytest.fixture(autouse=True)
def two_threads():
    torch.set_num_threads(2)                                     # `one_thread` of conftest puts it back


def clock_says(monkeypatch, seconds: dict[str, float], noise: float = 0.0) -> list[tuple[str, int, str]]:
    """Let every round take the seconds of its choice, "2 bf16", give or take `noise`; return who was clocked."""
    asked, random_source = [], random.Random(0)

    def clock(run: Run, given, accumulate: int) -> float:
        name = f"{torch.get_num_threads()} {run.compute.precision}"
        asked.append((name, run.step, str(accumulate)))
        return seconds[name] * (1 + random_source.uniform(-noise, noise))

    monkeypatch.setattr(policy, "clock", clock)
    return asked


def gan() -> Run:
    seed_all(0)
    return FAMILIES["gan"]()


@pytest.mark.parametrize(("best", "noise", "times"), [
    ("1 thread, bf16", 0.1, {"2 fp32": 1.0, "1 fp32": 0.8, "2 bf16": 0.9, "1 bf16": 0.5}),
    ("1 thread, fp32", 0.1, {"2 fp32": 1.0, "1 fp32": 0.6, "2 bf16": 2.0, "1 bf16": 3.0}),
    ("2 threads, bf16", 0.1, {"2 fp32": 1.0, "1 fp32": 1.9, "2 bf16": 0.4, "1 bf16": 0.7}),
    ("2 threads, fp32", 0.1, {"2 fp32": 1.0, "1 fp32": 1.8, "2 bf16": 1.3, "1 bf16": 2.0}),
    ("1 thread, fp32", 0.0, {"2 fp32": 1.0, "1 fp32": 0.94, "2 bf16": 1.2, "1 bf16": 0.99}),
    ("2 threads, fp32", 0.0, {"2 fp32": 1.0, "1 fp32": 0.97, "2 bf16": 0.98, "1 bf16": 0.99}),    # not worth a change
])
def test_the_fastest_is_chosen_and_the_default_kept_unless_it_pays(monkeypatch, times, best, noise):
    clock_says(monkeypatch, times, noise)
    found = choose_policy(gan(), batches("gan"), seconds=0.01)
    assert str(found.choice) == best
    assert list(found.ratios)[0] == Choice(2, "fp32") and found.ratios[Choice(2, "fp32")] == 1
    for choice, ratio in found.ratios.items():
        assert ratio == pytest.approx(times[f"{choice.threads} {choice.precision}"], rel=2.5 * noise + 1e-9)


def test_all_choices_play_the_same_rounds_and_the_hopeless_are_left_out(monkeypatch):
    asked = clock_says(monkeypatch, {"2 fp32": 1.0, "1 fp32": 1.2, "2 bf16": 9.0, "1 bf16": 9.0})
    run = gan()
    run.step = 5
    found = choose_policy(run, batches("gan"), accumulate=3, seconds=0)
    steps = {name: [step for who, step, _ in asked if who == name] for name, *_ in asked}
    assert steps["2 fp32"] == steps["1 fp32"] == [5, 5, 6]                        # the first is not counted
    assert steps["2 bf16"] == steps["1 bf16"] == [5, 5]
    assert {accumulate for *_, accumulate in asked} == {"3"}
    assert found.choice == Choice(2, "fp32")


def test_a_round_is_clocked_with_what_was_chosen(monkeypatch):
    seen = []
    run = gan()
    usual = run.objective

    def turns(nets, batch, step):
        seen.append((torch.get_num_threads(), torch.is_autocast_enabled("cpu")))
        return usual(nets, batch, step)

    run.objective = turns
    choose_policy(run, batches("gan"), seconds=0)
    assert {(1, False), (2, False)} <= set(seen)
    run.objective = usual
    Choice(1, "bf16").apply(run)
    assert torch.get_num_threads() == 1 and run.compute == Compute(dtype=torch.bfloat16)


@pytest.mark.parametrize("name", FAMILIES)
def test_trying_leaves_no_trace(name):
    seed_all(0)
    run = FAMILIES[name]()
    for _ in train(run, batches(name), 3):
        pass
    before, stream, scale = weights(run), rng_state()["torch"], run.compute
    optimisers = {who: repr(one.opt.state_dict()) for who, one in run.learners.items()}
    choose_policy(run, batches(name), seconds=0)
    assert same(weights(run), before) and torch.equal(rng_state()["torch"], stream) and run.compute is scale
    assert run.step == 3 and torch.get_num_threads() == 2
    assert {who: repr(one.opt.state_dict()) for who, one in run.learners.items()} == optimisers


def test_threads_come_back_when_trying_fails():
    run = gan()
    usual = run.objective
    run.objective = lambda *given: usual(*given) if torch.get_num_threads() == 2 else iter([1 / 0])
    with pytest.raises(ZeroDivisionError):
        choose_policy(run, batches("gan"))
    assert torch.get_num_threads() == 2


def test_what_is_not_tried(monkeypatch):
    asked = clock_says(monkeypatch, {"2 fp32": 1.0, "1 fp32": 0.1, "2 bf16": 0.2, "1 bf16": 0.3})
    run = gan()
    assert choose_policy(run, batches("gan"), threads=[2], precisions=["fp32"]).choice == Choice(2, "fp32")
    monkeypatch.setattr(policy, "is_joined", lambda: True)              # processes must agree
    assert choose_policy(run, batches("gan")).ratios == {Choice(2, "fp32"): 1.0}
    assert not asked
    monkeypatch.setattr(policy, "is_joined", lambda: False)
    run.compute = Compute(dtype=torch.bfloat16)                                    # asked for: only threads are tried
    found = choose_policy(run, batches("gan"), seconds=0)
    assert set(found.ratios) == {Choice(2, "bf16"), Choice(1, "bf16")}
    run.compute = Compute(torch.device("cuda"), torch.bfloat16)
    assert choose_policy(run, batches("gan")).choice == Choice(2, "bf16")
