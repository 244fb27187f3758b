"""Learning in context: what the tasks are, what nobody can do better, and that a short training gets there."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.projects.few_shot import (
    EXAMPLE,
    QUESTION,
    WORDS,
    FewShot,
    K,
    LetterTasks,
    N,
    best_of_tables,
    build,
    right,
    seen,
)
from aigc_course.train import train


def pairs(kind: str, **settings) -> tuple[torch.Tensor, torch.Tensor]:
    """Questions and answers, each (B, N), 0 … K − 1."""
    (tokens,) = LetterTasks(kind, **settings)[0]
    questions, examples = tokens[:, ::2] - QUESTION, tokens[:, 1::2] - EXAMPLE
    assert tokens.shape == (64, 2 * N) and (examples // K == questions).all()         # an example repeats its question
    return questions, examples % K


def answered(tokens: torch.Tensor) -> torch.Tensor:
    """The table of each sequence that asks every question, (B', K)."""
    examples = tokens[:, 1::2] - EXAMPLE
    whole = torch.stack([(examples // K == q).any(dim=1) for q in range(K)]).all(dim=0)
    return torch.stack([examples[whole].where(examples[whole] // K == q, -1).max(dim=1).values % K
                        for q in range(K)], dim=1)


@pytest.mark.parametrize("kind", ["table", "rule", "mixed"])
def test_a_sequence_is_about_one_task(kind):
    questions, answers = pairs(kind)
    same = questions[:, :, None] == questions[:, None]
    assert ((answers[:, :, None] == answers[:, None]) | ~same).all()


def test_kinds_differ_as_they_say():
    questions, answers = pairs("rule")
    shift = (answers - questions) % K
    assert (shift == shift[:, :1]).all() and len(shift[:, 0].unique()) == K
    by_rule = []
    for kind in ("table", "mixed", "none"):
        questions, answers = pairs(kind)
        shift = (answers - questions) % K
        by_rule.append((shift == shift[:, :1]).all(dim=1).float().mean().item())
    assert by_rule[0] == by_rule[2] == 0 and 0.3 < by_rule[1] < 0.7
    same = questions[:, :, None] == questions[:, None]
    assert not ((answers[:, :, None] == answers[:, None]) | ~same).all(dim=(1, 2)).any()


def test_tasks_are_fresh_or_few_and_a_step_is_always_the_same():
    assert torch.equal(LetterTasks(seed=3)[5][0], LetterTasks(seed=3)[5][0])
    assert not torch.equal(LetterTasks(seed=3)[5][0], LetterTasks(seed=3)[6][0])
    assert not torch.equal(LetterTasks(seed=3)[5][0], LetterTasks(seed=4)[5][0])
    tokens = torch.cat([LetterTasks("table", tasks=1)[step][0] for step in range(5)])
    assert len(tokens[:, 1::2].unique()) == K                        # one task: one answer to each question
    tokens = torch.cat([LetterTasks("table", tasks=3)[step][0] for step in range(5)])
    assert len({tuple(row) for row in answered(tokens).tolist()}) == 3
    with pytest.raises(CourseError, match="'tables': choose one of table, rule, mixed, none"):
        LetterTasks("tables")


def test_words_name_the_ids():
    assert WORDS.tokens[QUESTION] == "a?" and WORDS.tokens[EXAMPLE + K + 2] == "bC"
    assert len(WORDS) == FewShot().net.vocab


def test_nobody_does_better_than_the_closed_form():
    """A reader who looks up what was answered, and guesses otherwise, reaches it exactly."""
    (tokens,) = LetterTasks("table", size=40_000, seed=5)[0]
    known = seen(tokens)
    assert not known[:, 0].any()
    reached = known.float() + (~known).float() / K
    for k in range(N):
        assert reached[:, k].mean().item() == pytest.approx(best_of_tables(k), abs=0.01)
    assert best_of_tables(0) == 1 / K and best_of_tables(1000) == pytest.approx(1)


def test_an_answer_depends_on_the_examples_before_it_alone():
    net, (tokens,) = build(FewShot(seed=1)).nets["gpt"].eval(), LetterTasks(size=4)[0]
    changed = tokens.clone()
    changed[:, 2 * 6:] = LetterTasks(size=4, seed=8)[0][0][:, 2 * 6:]
    assert torch.equal(net(tokens)[:, :12], net(changed)[:, :12])


@pytest.mark.slow
def test_a_short_training_learns_to_learn():
    """Tables as well as anybody could, rules from one example; trained on one task, the same net learns nothing new."""
    run = build()
    for _ in train(run, LetterTasks(), FewShot().steps):
        pass
    shares = {kind: right(run.nets["gpt"], LetterTasks(kind, size=2000, seed=99)[0][0]).float().mean(dim=0)
              for kind in ("table", "rule", "none")}
    best = torch.tensor([best_of_tables(k) for k in range(N)])
    assert (shares["table"] - best).abs().max() < 0.05
    assert shares["rule"][0] < 0.2 and shares["rule"][2:].min() > 0.95
    assert shares["none"].max() < 0.2

    config = replace(FewShot(), steps=100)
    run = build(config)
    for _ in train(run, LetterTasks("table", tasks=1), config.steps):
        pass
    assert right(run.nets["gpt"], LetterTasks("table", tasks=1)[500][0]).float().mean() > 0.99
    assert right(run.nets["gpt"], LetterTasks("table", size=2000, seed=99)[0][0]).float().mean(0).max() < 0.2
