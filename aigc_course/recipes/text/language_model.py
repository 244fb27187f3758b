"""Recurrent language models: of verse, of long documents in windows, and the bit that must be carried over a lag.

    config = LanguageModelRecipe(LanguageModelConfig(vocab=len(vocabulary)))
    run = build(config)
    for log in train(run, batches(config, documents), config.steps): ...
    poems = [vocabulary.decode(ids) for ids in generate(run.nets["lm"], [[]] * 10, 40)]

`aigc train lstm --preset course` trains the LSTM of verse that comes with the course; `aigc train lstm` any other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.text.streams import Documents, Streams
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.models.text.rnn import (
    LanguageModel,
    LanguageModelConfig,
    generate,
    lm_turns,
    load_language_model,
    nats,
    save_language_model,
)
from aigc_course.models.text.sampling import silent
from aigc_course.ranges import Bound, Count, Many, Rate, Seed, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.learning import learner
from aigc_course.recipes.text.texts import DOCUMENTS, POEMS, documents, fitted, quality
from aigc_course.recipes.text.texts import form_rates as form_rates
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.train import Learner, Nets, Run, Turn


@dataclass(frozen=True)
class LanguageModelRecipe:
    """The defaults suit a few thousand short documents, such as quatrains."""

    net: LanguageModelConfig
    """Its vocab 0 is filled in: as many tokens as the characters of the data."""
    steps: Count = 1000
    """Rounds of training."""
    tokens: Many = 450
    """Positions of a batch; with `net.rows` a batch is `tokens // rows` positions of each row instead."""
    lr: Rate = 5e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    decay: Weight = 0.01
    """AdamW's weight decay."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the verse that is composed."""
    examples: Many = 20_000
    """How many poems are composed to learn from; real data is taken as it is."""


VERSE = LanguageModelRecipe(LanguageModelConfig(vocab=0, embed=64, width=160, tied=True), steps=3000)
"""The run behind the weights that come with the course; the vocabulary's size is filled in when it is known."""
LARGE = LanguageModelRecipe(LanguageModelConfig(vocab=0, embed=512, width=1024, layers=2, dropout=0.2, tied=True),
                            steps=10_000, tokens=32_000, lr=2e-3)
"""For a GPU, which reads hundreds of documents at once in about the time of one."""
FILE = "lstm.safetensors"
"""The name of the weights in a run's folder."""


def build(config: LanguageModelRecipe, compute: Compute = Compute()) -> Run:
    """A language model as learner "lm"; train it with `batches(config, documents)`."""
    seed_all(config.seed)
    net = LanguageModel(config.net).to(compute.device)
    return Run(lm_turns, {"lm": learner(net, config, betas=(0.9, 0.99), weight_decay=config.decay)}, compute)


def batches(config: LanguageModelRecipe, documents: Sequence[Sequence[int]],
            compute: Compute = Compute()) -> Documents | Streams:
    """Whole documents in buckets, or, for a net that carries its state, windows of streams."""
    if config.net.rows:
        return Streams(documents, config.net.rows, config.tokens // config.net.rows, config.seed, compute.device)
    return Documents(documents, config.tokens, config.seed, compute.device)


# --- a bit over a lag -------------------------------------------------------------------------------------------------

ZERO, ONE, BLANK, ASK = range(4)


@dataclass(frozen=True)
class BitOverLag:
    """`[step]` -> (inputs (B, lag + 1), bits (B,)): a bit, blanks, and a question `lag` positions after the bit."""

    lag: int
    size: int = 16
    seed: int = 0

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        draw = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        bits = torch.randint(2, (self.size,), generator=draw)
        inputs = torch.full((self.size, self.lag + 1), BLANK)
        inputs[:, 0], inputs[:, -1] = bits, ASK
        return inputs, bits


def recall_turns(nets: Nets, batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Cross-entropy of the bit at the last position alone; logs the share that is right."""
    inputs, bits = batch
    logits = nets["lm"](inputs)[0][:, -1, :2]                                                            # (B, 2)
    yield Turn("lm", F.cross_entropy(logits, bits), {"right": (logits.argmax(1) == bits).float().mean()})


def build_recall(kind: Literal["rnn", "lstm", "gru"], memory: int = 0, lr: float = 3e-3, seed: int = 0,
                 compute: Compute = Compute()) -> Run:
    """A small net that shall carry a bit; memory > 0 is the chrono initialisation of an LSTM's gates."""
    seed_all(seed)
    net = LanguageModel(LanguageModelConfig(vocab=4, kind=kind, embed=8, width=24, memory=memory)).to(compute.device)
    return Run(recall_turns, {"lm": Learner(net, torch.optim.Adam(net.parameters(), lr), clip=1.0)}, compute)


@torch.no_grad()
def recalled(net: LanguageModel, lag: int, size: int = 500) -> float:
    """Share of bits named correctly after `lag` positions: 0.5 is guessing."""
    net.eval()
    inputs, bits = BitOverLag(lag, size, seed=99)[0]
    return (net(inputs)[0][:, -1, :2].argmax(1) == bits).float().mean().item()


# --- verse ------------------------------------------------------------------------------------------------------------


def write(net: LanguageModel, vocabulary: Vocabulary, n: int, seed: int = 0, length: int = 40,
          **settings) -> list[str]:
    """n texts of at most `length` tokens from nothing, with random numbers of their own; settings as for `generate`."""
    with aside(seed):
        written = generate(net, [[]] * n, length=length, banned=silent(len(vocabulary), net.config.vocab), **settings)
    return [vocabulary.decode(ids) for ids in written]


def continued(net: LanguageModel, vocabulary: Vocabulary, line: str, temperature: float = 0.8) -> str:
    """The line and what the model writes after it; torch's random stream decides."""
    banned = silent(len(vocabulary), net.config.vocab)
    (ids,) = generate(net, [vocabulary.encode(line)], length=40, temperature=temperature, banned=banned)
    return vocabulary.decode(ids)


def targets(batch: Sequence[Tensor]) -> int:
    """Tokens to predict in a batch (tokens (B, T + 1), …), padding included."""
    return batch[0][:, 1:].numel()


def job(config: LanguageModelRecipe, data: str, compute: Compute) -> Job:
    """A recurrent language model of short documents in characters."""
    texts = documents(data, config.examples, config.seed)
    vocabulary = Vocabulary.of(texts.known)
    config = replace(config, net=replace(config.net, vocab=fitted(config.net.vocab, len(vocabulary))))
    run, given = build(config, compute), batches(config, [vocabulary.encode(text) for text in texts.known], compute)
    net, shorter = run.nets["lm"], partial(write, length=2 * max(map(len, texts.known)))
    return Job(run, given, "tokens", count=targets,
               samples=partial(shorter, net, vocabulary, 8),
               measure=partial(quality, net, vocabulary, nats, shorter, texts, data in POEMS),
               save=partial(save_language_model, net, vocabulary), hot=[net])


FAMILY = Family(
    "lstm", FAMILIES["lstm"].title, {"laptop": VERSE, "gpu": LARGE, "course": VERSE}, DOCUMENTS, job,
    load_language_model, FILE, {"course": Shipped("verse_lstm.safetensors", "verse")})
