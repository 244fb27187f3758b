"""A character BERT of short documents, such as quatrains: it fills in characters that were taken out.

    config = BERTRecipe(BERTConfig(vocab=len(vocabulary) + 1, context=32, width=96, layers=3, heads=4))
    run = build(config)
    for log in train(run, gpt.batches(config, documents), config.steps): ...
    filled(run.nets["bert"], vocabulary, poems, place=3)

`python -m aigc_course.recipes.bert` trains the one that comes with the course on its regulated verse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from aigc_course.compute import Compute, seed_all
from aigc_course.data.sequences import pad
from aigc_course.data.verse import verse
from aigc_course.data.vocabulary import BOS, EOS, Vocabulary
from aigc_course.models import hub
from aigc_course.models.bert import BERT, BERTConfig, bert_turns, fill
from aigc_course.recipes.classifier import one_cycle
from aigc_course.recipes.gpt import batches
from aigc_course.resources import resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Learner, Run, train

FOLDER = Path("models/verse_bert")


@dataclass(frozen=True)
class BERTRecipe:
    net: BERTConfig
    """The last id of its vocabulary stands for a hidden token."""
    steps: int = 1500
    tokens: int = 1000
    """Positions of a batch, padding included."""
    lr: float = 3e-3
    """Highest learning rate of one cycle."""
    clip: float = 1.0
    decay: float = 0.01
    share: float = 0.25
    """How many of the tokens are asked for."""
    seed: int = 0


VERSE = BERTRecipe(BERTConfig(vocab=0, context=32, width=96, layers=3, heads=4, dropout=0.0))
"""Regulated quatrains of five characters a line; the vocabulary's size is filled in when it is known."""


def build(config: BERTRecipe, compute: Compute = Compute()) -> Run:
    """A BERT as learner "bert"; train it with `gpt.batches(config, documents)`."""
    seed_all(config.seed)
    net = BERT(config.net).to(compute.device)
    opt = torch.optim.AdamW(net.parameters(), config.lr, betas=(0.9, 0.98), weight_decay=config.decay,
                            fused=compute.device.type in ("cpu", "cuda"))
    lr = partial(one_cycle, steps=config.steps, peak=config.lr)
    objective = partial(bert_turns, mask=config.net.vocab - 1, share=config.share)
    return Run(objective, {"bert": Learner(net, opt, lr=lr, clip=config.clip)}, compute)


def hidden_at(net: BERT, vocabulary: Vocabulary, texts: Sequence[str], place: int) -> Tensor:
    """The texts as ids (B, T), BOS … EOS, with the character `place` of each, counted from 0, hidden."""
    tokens = pad([[BOS, *vocabulary.encode(text), EOS] for text in texts])
    tokens[:, place + 1] = net.config.vocab - 1
    return tokens


def filled(net: BERT, vocabulary: Vocabulary, texts: Sequence[str], place: int) -> list[str]:
    """The texts with the character `place`, counted from 0, taken out and written by the net."""
    device = net.tokens.weight.device
    written = fill(net, hidden_at(net, vocabulary, texts, place).to(device), net.config.vocab - 1)
    return [vocabulary.decode(row) for row in written]


def load() -> tuple[BERT, Vocabulary]:
    """The course's BERT of verse and its characters. Raises: CourseError when the folder is damaged."""
    return hub.load(resource_root() / FOLDER), hub.load_vocabulary(resource_root() / FOLDER)


def main(
    folder: Annotated[Path, typer.Option(help="Where to save the model.")] = resource_root() / FOLDER,
    seed: int = 0,
    steps: int = VERSE.steps,
    poems: Annotated[int, typer.Option(help="How many poems to learn from.")] = 20_000,
) -> None:
    """Train a BERT on the course's verse, report how it fills gaps, save it as a folder."""
    known, unseen = verse(poems, seed=seed + 1, length=5), verse(500, seed=101, length=5)
    vocabulary = Vocabulary.of(known)
    config = replace(VERSE, net=replace(VERSE.net, vocab=len(vocabulary) + 1), seed=seed, steps=steps)
    compute = Compute.best()
    run = build(config, compute)
    given = batches(config, [vocabulary.encode(poem) for poem in known], compute)
    finish(train(run, given, config.steps), config.steps, "bert")
    hub.save(run.nets["bert"].cpu(), folder, vocabulary, half=True)

    net = hub.load(folder)                                                  # what is reported is what others load
    print(f"{sum(p.numel() for p in net.parameters()):,} parameters")
    for place in range(len(unseen[0])):
        answers = filled(net, vocabulary, unseen, place)
        print(place, f"{sum(a[place] == b[place] for a, b in zip(answers, unseen, strict=True)) / len(unseen):.1%}")


if __name__ == "__main__":
    typer.run(main)
