"""Trained Seq2Seq nets: letters backwards, dates of twelve locales to ISO 8601, English to Chinese.

    config = DATES
    source, target = vocabularies(pairs)                      # pairs of texts, e.g. dates(20_000, combinations=SEEN)
    run = build(config, source, target)
    for log in train(run, batches(config, pairs, source, target), config.steps): ...
    model = Translator(run.nets["seq2seq"], source, target)
    translate(model, ["de_DE 5. März 2024"])

`python -m aigc_course.recipes.seq2seq` trains the date translator that comes with the course.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
import typer

from aigc_course.compute import Compute, seed_all
from aigc_course.data.dates import SEEN, UNSEEN, dates
from aigc_course.data.sequences import Buckets, Text, encode_pairs
from aigc_course.data.vocabulary import Vocabulary
from aigc_course.models.seq2seq import Seq2Seq, Seq2SeqConfig, seq2seq_turns
from aigc_course.models.translator import Translator, translate
from aigc_course.recipes.learning import learner
from aigc_course.resources import resource, resource_root
from aigc_course.show.progress import finish
from aigc_course.train import Run, train

WEIGHTS = "models/dates_seq2seq.safetensors"

Pairs = Sequence[tuple[Text, Text]]


@dataclass(frozen=True)
class Seq2SeqRecipe:
    attention: str | None = "general"
    embedding: int = 32
    hidden: int = 64
    drop: float = 0.0
    steps: int = 1000
    tokens: int = 2000
    """Positions of a batch, source and target together."""
    lr: float = 1e-2
    """The peak of one cycle."""
    clip: float = 1.0
    seed: int = 0


REVERSAL = Seq2SeqRecipe(attention="additive")
"""For `reversals`."""
DATES = Seq2SeqRecipe(hidden=128, steps=1000)
"""For dates: within a minute."""
TRANSLATION = Seq2SeqRecipe(embedding=64, hidden=128, drop=0.2, steps=3000, lr=5e-3)
"""For Tatoeba's sentences."""


def build(config: Seq2SeqRecipe, source: Vocabulary, target: Vocabulary, compute: Compute = Compute()) -> Run:
    """A net for these vocabularies as learner "seq2seq"; train with `batches(config, pairs, source, target)`."""
    seed_all(config.seed)
    net = Seq2Seq(Seq2SeqConfig(len(source), len(target), config.embedding, config.hidden, config.attention,
                                config.drop)).to(compute.device)
    return Run(seq2seq_turns, {"seq2seq": learner(net, config, torch.optim.Adam, fused=True)}, compute)


def batches(config: Seq2SeqRecipe, pairs: Pairs, source: Vocabulary, target: Vocabulary,
            compute: Compute = Compute()) -> Buckets:
    """Batches of similar lengths; of the config only `tokens` and `seed` count, which the Transformer's has too."""
    return Buckets(encode_pairs(pairs, source, target), config.tokens, config.seed, compute.device)


def vocabularies(pairs: Pairs, size: int | None = None) -> tuple[Vocabulary, Vocabulary]:
    """One vocabulary for each side, of at most `size` tokens."""
    return tuple(Vocabulary.of(side, size=size) for side in zip(*pairs, strict=True))


def words(sentence: str) -> list[str]:
    """English words and signs in lower case: "Don't go!" -> ["don't", "go", "!"]."""
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d|[^\w\s]", sentence.lower())


def reversals(n: int, longest: int, shortest: int = 1, seed: int = 0, letters: str = "abcdefghij") -> list:
    """n pairs such as ("ecafe", "eface"); each length from `shortest` to `longest` is equally likely."""
    draw = np.random.default_rng((seed, shortest, longest))
    words = ("".join(draw.choice(list(letters), size)) for size in draw.integers(shortest, longest + 1, n))
    return [(word, word[::-1]) for word in words]


def exact(model: Translator, pairs: Pairs, beam: int = 1) -> float:
    """The share of pairs whose target is written without any mistake, 0..1."""
    return sum(written == wanted for written, (_, wanted) in
               zip(translate(model, [text for text, _ in pairs], beam), pairs, strict=True)) / len(pairs)


def load_dates() -> Translator:
    """The translator of dates that comes with the course (data/models/dates_seq2seq.md)."""
    return Translator.load(resource(WEIGHTS))


def main(
    seed: int = 0,
    folder: Annotated[Path, typer.Option(help="Where to write the weights.")] = resource_root(),
) -> None:
    """Train the course's translator of dates, report its quality, write its weights."""
    config = replace(DATES, seed=seed)
    pairs = dates(20_000, combinations=SEEN)
    source, target = vocabularies(pairs)
    run = build(config, source, target)
    finish(train(run, batches(config, pairs, source, target), config.steps), config.steps, "seq2seq")
    out = folder / WEIGHTS
    out.parent.mkdir(parents=True, exist_ok=True)
    Translator(run.nets["seq2seq"], source, target).save(out)
    print(f"wrote {out.name} ({out.stat().st_size / 1024:.0f} KiB)")
    model = Translator.load(out)                                              # what is reported is what others load
    for name, split, combinations in (("known days", "train", SEEN), ("held-out days", "held-out", SEEN),
                                      ("held-out days, unseen combinations", "held-out", UNSEEN)):
        share = exact(model, dates(2000, seed=1, split=split, combinations=combinations))
        print(f"{name}: {share:.2%} exact")


if __name__ == "__main__":
    typer.run(main)
