"""A character GPT of short documents, such as quatrains.

    config = GPTRecipe(GPTConfig(vocab=len(vocabulary), context=48, width=96, layers=3, heads=4))
    run = build(config)
    for log in train(run, batches(config, documents), config.steps): ...
    poems = write(run.nets["gpt"], vocabulary, 10)

`python -m aigc_course.recipes.gpt FOLDER` trains one on the course's regulated verse and saves it as a folder that
`transformers` loads, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.streams import Documents
from aigc_course.data.verse import check_verse, verse
from aigc_course.data.vocabulary import BOS, PAD, UNK, Vocabulary
from aigc_course.models import hub
from aigc_course.models.gpt import GPT, GPTConfig, generate, gpt_turns, nats
from aigc_course.recipes.classifier import one_cycle
from aigc_course.recipes.language_model import report_verse
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Run, train


@dataclass(frozen=True)
class GPTRecipe:
    net: GPTConfig
    steps: int = 1000
    tokens: int = 1500
    """Positions of a batch, padding included."""
    lr: float = 3e-3
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    decay: float = 0.1
    """Weight decay of matrices and embeddings; gains and biases have none."""
    seed: int = 0


VERSE = GPTRecipe(GPTConfig(vocab=0, context=32, width=96, layers=2, heads=4, dropout=0.0), steps=2700, tokens=750,
                  lr=6e-3)
"""Regulated quatrains of five characters a line; the vocabulary's size is filled in when it is known."""
FORM = ("lines", "length", "punctuation", "rhyme")
"""The rules of `check_verse` that make the form of a quatrain."""


def build(config: GPTRecipe, compute: Compute = Compute()) -> Run:
    """A GPT as learner "gpt"; train it with `batches(config, documents)`."""
    seed_all(config.seed)
    net = GPT(config.net).to(compute.device)
    matrices = [p for p in net.parameters() if p.ndim == 2]
    others = [p for p in net.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": config.decay}, {"params": others, "weight_decay": 0.0}]
    opt = torch.optim.AdamW(groups, config.lr, betas=(0.9, 0.99), fused=compute.device.type in ("cpu", "cuda"))
    lr = partial(one_cycle, steps=config.steps, peak=config.lr)
    return Run(gpt_turns, {"gpt": Learner(net, opt, lr=lr, clip=config.clip)}, compute)


def batches(config: GPTRecipe, documents: Sequence[Sequence[int]], compute: Compute = Compute()) -> Documents:
    """Whole documents (lists of ids without BOS and EOS) of similar lengths."""
    found = Documents(documents, config.tokens, config.seed)
    found.padded = found.padded.to(compute.device)
    return found


def write(net: GPT, vocabulary: Vocabulary, n: int, prompt: str = "", seed: int = 0, **settings) -> list[str]:
    """n texts that begin with `prompt`, otherwise as `continued`."""
    return continued(net, vocabulary, [prompt] * n, seed, **settings)


def continued(net: GPT, vocabulary: Vocabulary, starts: Sequence[str], seed: int = 0, **settings) -> list[str]:
    """Each start with what follows, as long as the context allows, with random numbers of their own.

    settings: temperature, top_k and top_p of `generate`.
    """
    ids = [vocabulary.encode(start) for start in starts]
    with aside(seed):
        texts = generate(net, ids, net.config.context - max(map(len, ids)) - 1, banned=(PAD, BOS, UNK), **settings)
    return [vocabulary.decode(text) for text in texts]


def in_form(texts: Sequence[str]) -> float:
    """The share of texts that keep all of `FORM` for certain, 0..1."""
    reports = map(check_verse, texts)
    return sum(all(getattr(report, rule) is True for rule in FORM) for report in reports) / len(texts)


def main(
    folder: Annotated[Path, typer.Argument(help="Where to save the model.")],
    seed: int = 0,
    steps: int = VERSE.steps,
    poems: Annotated[int, typer.Option(help="How many poems to learn from.")] = 20_000,
) -> None:
    """Train a GPT on the course's verse, report its quality, save it as a folder."""
    known, unseen = verse(poems, seed=seed + 1, length=5), verse(500, seed=101, length=5)
    vocabulary = Vocabulary.of(known)
    config = replace(VERSE, net=replace(VERSE.net, vocab=len(vocabulary)), seed=seed, steps=steps)
    compute = Compute.fastest()
    run = build(config, compute)
    given = batches(config, [vocabulary.encode(poem) for poem in known], compute)
    finish(train(run, given, config.steps), config.steps, "gpt")
    hub.save(run.nets["gpt"].cpu(), folder, vocabulary, half=True)

    net = hub.load(folder)                                                  # what is reported is what others load
    for temperature in (1.0, 0.7, 0.5):
        share = in_form(write(net, vocabulary, 500, temperature=temperature))
        print(f"temperature {temperature}: {share:.1%} with four lines of five, signs and rhyme right")
    report_verse(net, vocabulary, nats, write, known, unseen)


if __name__ == "__main__":
    typer.run(main)
