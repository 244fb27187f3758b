"""Trained Seq2Seq nets: letters backwards, dates of twelve locales to ISO 8601, English to Chinese.

    config = DATES
    source, target = vocabularies(pairs)                      # pairs of texts, e.g. dates(20_000, combinations=SEEN)
    run = build(config, source, target)
    for log in train(run, batches(config, pairs, source, target), config.steps): ...
    model = Translator(run.nets["seq2seq"], source, target)
    translate(model, ["de_DE 5. März 2024"])

`aigc train seq2seq --preset course` trains the date translator that comes with the course, `aigc train seq2seq` any
other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from aigc_course.compute import Compute, seed_all
from aigc_course.data.text.sequences import Buckets, encode_pairs
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.models.text.seq2seq import Seq2Seq, Seq2SeqConfig, seq2seq_turns
from aigc_course.models.text.translator import Translator, translate
from aigc_course.ranges import Bound, Count, Many, Rate, Seed, Share, Size
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.learning import Portions, learner
from aigc_course.recipes.text.pairs import DATA, Pairs, exactness, shown, tasks
from aigc_course.recipes.text.pairs import reversals as reversals
from aigc_course.recipes.text.pairs import words as words
from aigc_course.resources import resource
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.train import Run

WEIGHTS = "models/dates_seq2seq.safetensors"
FILE = "seq2seq.safetensors"
"""The name of the weights in a run's folder."""


@dataclass(frozen=True)
class Seq2SeqRecipe:
    attention: Literal["dot", "general", "additive"] | None = "general"
    """How the decoder scores the source's positions: "dot", "general", "additive"; None: it sees one vector of it."""
    embedding: Size = 32
    """Numbers for each token."""
    hidden: Size = 64
    """Width of the recurrent states."""
    drop: Share = 0.0
    """Share of the embeddings and of the head's inputs that training sets to 0."""
    steps: Count = 1000
    """Rounds of training."""
    tokens: Many = 2000
    """Positions of a batch, source and target together."""
    lr: Rate = 1e-2
    """The peak of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    seed: Seed = 0
    """Of the weights, of the order of the data, and of the pairs that are made."""
    examples: Many = 20_000
    """How many dates or words are made to learn from; real data is taken as it is."""


REVERSAL = Seq2SeqRecipe(attention="additive")
"""For `reversals`."""
DATES = Seq2SeqRecipe(hidden=128, steps=1000)
"""For dates: within a minute."""
TRANSLATION = Seq2SeqRecipe(embedding=64, hidden=128, drop=0.2, steps=3000, lr=5e-3)
"""For Tatoeba's sentences."""
LARGE = Seq2SeqRecipe(embedding=256, hidden=1024, drop=0.2, steps=10_000, tokens=50_000, lr=2e-3)
"""For a GPU."""


def build(config: Seq2SeqRecipe, source: Vocabulary, target: Vocabulary, compute: Compute = Compute()) -> Run:
    """A net for these vocabularies as learner "seq2seq"; train with `batches(config, pairs, source, target)`."""
    seed_all(config.seed)
    net = Seq2Seq(Seq2SeqConfig(len(source), len(target), config.embedding, config.hidden, config.attention,
                                config.drop)).to(compute.device)
    return Run(seq2seq_turns, {"seq2seq": learner(net, config, torch.optim.Adam, fused=True)}, compute)


def batches(config: Portions, pairs: Pairs, source: Vocabulary, target: Vocabulary,
            compute: Compute = Compute()) -> Buckets:
    """Batches of similar lengths; as the Transformer takes them, too."""
    return Buckets(encode_pairs(pairs, source, target), config.tokens, config.seed, compute.device)


def vocabularies(pairs: Pairs, size: int | None = None) -> tuple[Vocabulary, Vocabulary]:
    """One vocabulary for each side, of at most `size` tokens."""
    source, target = (Vocabulary.of(side, size=size) for side in zip(*pairs, strict=True))
    return source, target


def exact(model: Translator, pairs: Pairs, beam: int = 1) -> float:
    """The share of pairs whose target is written without any mistake, 0..1."""
    return sum(written == wanted for written, (_, wanted) in
               zip(translate(model, [text for text, _ in pairs], beam), pairs, strict=True)) / len(pairs)


def load_dates() -> Translator:
    """The translator of dates that comes with the course (data/models/dates_seq2seq.md)."""
    return Translator.load(resource(WEIGHTS))


def load(path: Path) -> tuple[Seq2Seq, Vocabulary, Vocabulary]:
    """What a run saved: the net, frozen, and its vocabularies."""
    model = Translator.load(path)
    return model.net, model.source, model.target


def job(config: Seq2SeqRecipe, data: str, compute: Compute) -> Job:
    """A Seq2Seq net that learns pairs of texts, character by character."""
    held = tasks(data, config.examples, config.seed)
    source, target = vocabularies(held.known)
    run, given = build(config, source, target, compute), batches(config, held.known, source, target, compute)
    model = Translator(run.nets["seq2seq"], source, target)
    answer = partial(translate, model)
    return Job(run, given, "tokens", count=positions, samples=partial(shown, answer, held),
               measure=partial(exactness, answer, held), save=model.save,
               hot=[model.net])


def positions(batch: tuple[Tensor, Tensor]) -> int:
    """Tokens of a batch (source (B, S), target (B, T)), padding included."""
    return batch[0].numel() + batch[1].numel()


FAMILY = Family(
    "seq2seq", FAMILIES["seq2seq"].title, {"laptop": DATES, "gpu": LARGE, "course": DATES}, DATA, job, load, FILE,
    {"course": Shipped("dates_seq2seq.safetensors", "dates")})
