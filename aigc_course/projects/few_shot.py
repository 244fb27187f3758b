"""Learning in context: a GPT that sees a new task in every sequence, and answers by the examples before the question.

    run = build(FewShot())
    for log in train(run, LetterTasks(), FewShot().steps): ...
    right(run.nets["gpt"], LetterTasks("rule", seed=99)[0][0]).float().mean(0)      # by the number of examples

Brown et al. 2020, "Language Models are Few-Shot Learners", https://arxiv.org/abs/2005.14165

A task is a function from 8 questions to 8 answers. A sequence asks 17 questions, drawn with replacement, about one
task: "c?" "cF" "a?" "aB" … . Each example is a token of its own, as a frequent word is; so the k-th question comes
after k examples. Either any answer may belong to a question (`table`), and an example tells of nothing but itself; or
all of them follow one rule (`rule`), the answer lying a number of letters after the question that differs from task to
task, and one example tells of all.

Legend
    B  sequences      N  questions of a sequence, so that T = 2 N      K  letters to ask for, and to answer with
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.compute import Compute, seed_all
from aigc_course.data.text.vocabulary import SPECIAL, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.recipes.learning import learner
from aigc_course.train import Nets, Run, Turn

K, N = 8, 17
QUESTION, EXAMPLE = len(SPECIAL), len(SPECIAL) + K
"""The ids of the first question, "a?", and of the first example, "aA"."""
WORDS = Vocabulary([*SPECIAL, *[f"{q}?" for q in "abcdefgh"], *[q + a for q in "abcdefgh" for a in "ABCDEFGH"]])
KINDS = ("table", "rule", "mixed", "none")


@dataclass(frozen=True)
class LetterTasks:
    """`[step]` -> (tokens (B, 2 N),), a pure function of (seed, step)."""

    kind: str = "mixed"
    """"table", "rule", "mixed" for either with equal chances, or "none": every example is about another table."""
    tasks: int | None = None
    """How many tasks there are in all; None draws a fresh one for every sequence."""
    size: int = 64
    seed: int = 0

    def __post_init__(self):
        if self.kind not in KINDS:
            raise CourseError(f"There are no tasks of the kind {self.kind!r}: choose one of {', '.join(KINDS)}.")

    def __getitem__(self, step: int) -> tuple[Tensor]:
        draw = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        if self.tasks is None:
            tables = self.tables(self.size, draw)
        else:
            world = self.tables(self.tasks, torch.Generator().manual_seed(self.seed))
            tables = world[torch.randint(self.tasks, (self.size,), generator=draw)]               # (B, K)
        asked = torch.randint(K, (self.size, N), generator=draw)                                  # (B, N)
        answers = tables.gather(1, asked)
        if self.kind == "none":
            answers = torch.randint(K, asked.shape, generator=draw)
        return (torch.stack([QUESTION + asked, EXAMPLE + K * asked + answers], dim=2).flatten(1),)

    def tables(self, many: int, draw: torch.Generator) -> Tensor:
        """Tasks, (many, K): row i holds the answer to each question."""
        rules = (torch.arange(K) + torch.randint(K, (many, 1), generator=draw)) % K
        if self.kind == "rule":
            return rules
        tables = torch.randint(K, (many, K), generator=draw)
        by_rule = torch.rand(many, 1, generator=draw) < (0.5 if self.kind == "mixed" else 0)
        return torch.where(by_rule, rules, tables)


@dataclass(frozen=True)
class FewShot:
    """Settings with which a few seconds of one core suffice."""

    net: GPTConfig = GPTConfig(vocab=len(WORDS), context=2 * N, width=32, layers=1, heads=2, dropout=0.0,
                               positions="rotary")
    steps: int = 300
    lr: float = 1e-2
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    decay: float = 0.01
    seed: int = 0


def build(config: FewShot = FewShot(), compute: Compute = Compute()) -> Run:
    """A GPT as learner "gpt"; train it with `LetterTasks`."""
    seed_all(config.seed)
    net = GPT(config.net).to(compute.device)
    learners = {"gpt": learner(net, config, betas=(0.9, 0.99), weight_decay=config.decay, fused=True)}
    return Run(answer_turns, learners, compute)


def answer_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Mean nats per answer, after 0, 1, … N − 1 examples alike: what a GPT does, but for the questions, which are
    drawn by chance."""
    (tokens,) = batch
    hidden = nets["gpt"].hidden(tokens[:, :-1])[:, ::2]                                            # (B, N, C)
    yield Turn("gpt", F.cross_entropy(nets["gpt"].logits(hidden).flatten(0, 1), tokens[:, 1::2].flatten()))


@torch.no_grad()
def right(net: GPT, tokens: Tensor) -> Tensor:
    """Whether the likeliest answer to each question is the right one, (B, N) bool: column k is after k examples."""
    net.eval()
    return net(tokens[:, :-1])[:, ::2].argmax(dim=-1) == tokens[:, 1::2]


def seen(tokens: Tensor) -> Tensor:
    """Whether each question was asked before in its sequence, (B, N) bool."""
    asked = tokens[:, ::2]
    return (asked[:, :, None] == asked[:, None]).tril(-1).any(dim=2)


def best_of_tables(k: int) -> float:
    """The largest share of right answers that anybody reaches on tables after k examples, 1/K … 1.

    A question that was asked before is answered for certain; of the others nothing is known.
    """
    unseen = (1 - 1 / K) ** k
    return 1 - unseen + unseen / K
