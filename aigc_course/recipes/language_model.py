"""Recurrent language models: of verse, of long documents in windows, and the bit that must be carried over a lag.

    config = LanguageModelRecipe(LanguageModelConfig(vocab=len(vocabulary)))
    run = build(config)
    for log in train(run, batches(config, documents), config.steps): ...
    poems = [vocabulary.decode(ids) for ids in generate(run.nets["lm"], [[]] * 10, 40)]

`python -m aigc_course.recipes.language_model` trains the LSTM of verse that comes with the course.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.streams import Documents, Streams
from aigc_course.data.vocabulary import BOS, PAD, UNK, Vocabulary
from aigc_course.models.rnn import (
    WEIGHTS,
    LanguageModel,
    LanguageModelConfig,
    generate,
    lm_turns,
    load_language_model,
    nats,
    save_language_model,
)
from aigc_course.recipes.classifier import one_cycle
from aigc_course.recipes.texts import documents, quality
from aigc_course.recipes.texts import form_rates as form_rates
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Run, Turn, train


@dataclass(frozen=True)
class LanguageModelRecipe:
    """The defaults suit a few thousand short documents, such as quatrains."""

    net: LanguageModelConfig
    steps: int = 1000
    tokens: int = 450
    """Positions of a batch; with `net.rows` a batch is `tokens // rows` positions of each row instead."""
    lr: float = 5e-3
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    decay: float = 0.01
    seed: int = 0


VERSE = LanguageModelRecipe(LanguageModelConfig(vocab=0, embed=64, width=160, tied=True), steps=3000)
"""The run behind the weights that come with the course; the vocabulary's size is filled in when it is known."""


def build(config: LanguageModelRecipe, compute: Compute = Compute()) -> Run:
    """A language model as learner "lm"; train it with `batches(config, documents)`."""
    seed_all(config.seed)
    net = LanguageModel(config.net).to(compute.device)
    opt = torch.optim.AdamW(net.parameters(), config.lr, betas=(0.9, 0.99), weight_decay=config.decay)
    lr = partial(one_cycle, steps=config.steps, peak=config.lr)
    return Run(lm_turns, {"lm": Learner(net, opt, lr=lr, clip=config.clip)}, compute)


def batches(config: LanguageModelRecipe, documents: Sequence[Sequence[int]]) -> Documents | Streams:
    """Whole documents in buckets, or, for a net that carries its state, windows of streams."""
    if config.net.rows:
        return Streams(documents, config.net.rows, config.tokens // config.net.rows, config.seed)
    return Documents(documents, config.tokens, config.seed)


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


def recall_turns(nets: Mapping[str, nn.Module], batch: Sequence[Tensor], step: int) -> Iterator[Turn]:
    """Cross-entropy of the bit at the last position alone; logs the share that is right."""
    inputs, bits = batch
    logits = nets["lm"](inputs)[0][:, -1, :2]                                                            # (B, 2)
    yield Turn("lm", F.cross_entropy(logits, bits), {"right": (logits.argmax(1) == bits).float().mean()})


def build_recall(kind: str, memory: int = 0, lr: float = 3e-3, seed: int = 0, compute: Compute = Compute()) -> Run:
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


def write(net: LanguageModel, vocabulary: Vocabulary, n: int, seed: int = 0, **settings) -> list[str]:
    """n texts of at most 40 tokens from nothing, with random numbers of their own; settings as for `generate`."""
    with aside(seed):
        written = generate(net, [[]] * n, length=40, banned=(PAD, BOS, UNK), **settings)
    return [vocabulary.decode(ids) for ids in written]


def continued(net: LanguageModel, vocabulary: Vocabulary, line: str, temperature: float = 0.8) -> str:
    """The line and what the model writes after it; torch's random stream decides."""
    (ids,) = generate(net, [vocabulary.encode(line)], length=40, temperature=temperature, banned=(PAD, BOS, UNK))
    return vocabulary.decode(ids)


def main(
    seed: int = 0,
    steps: int = VERSE.steps,
    out: Annotated[Path, typer.Option(help="Where to write the weights.")] = resource_root() / WEIGHTS,
) -> None:
    """Train the LSTM of the course's verse, report its quality, write its weights."""
    texts = documents("verse", seed=seed)
    known, vocabulary = texts.known, Vocabulary.of(texts.known)
    config = replace(VERSE, net=replace(VERSE.net, vocab=len(vocabulary)), seed=seed, steps=steps)
    run = build(config, Compute.best())
    given = batches(config, [vocabulary.encode(poem) for poem in known])
    finish(train(run, given, config.steps), config.steps, "lm")
    out.parent.mkdir(parents=True, exist_ok=True)
    save_language_model(run.nets["lm"].cpu(), vocabulary, out)
    print(f"wrote {out.name} ({out.stat().st_size / 1024:.0f} KiB)")

    net, vocabulary = load_language_model(out)                              # what is reported is what others load
    for name, value in quality(net, vocabulary, nats, write, texts, poems=True).items():
        print(f"{name}: {value:.3g}")


if __name__ == "__main__":
    typer.run(main)
