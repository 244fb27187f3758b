"""A character BERT of short documents, such as quatrains: it fills in characters that were taken out.

    config = BERTRecipe(BERTConfig(vocab=len(vocabulary) + 1, context=32, width=96, layers=3, heads=4))
    run = build(config)
    for log in train(run, gpt.batches(config, documents), config.steps): ...
    filled(run.nets["bert"], vocabulary, poems, place=3)

`aigc train bert --preset course` trains the one that comes with the course on its regulated verse; `aigc train bert`
any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from aigc_course.compute import Compute, seed_all
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.vocabulary import BOS, EOS, SPECIAL, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text import hub
from aigc_course.models.text.bert import BERT, BERTConfig, bert_turns, fill
from aigc_course.ranges import Bound, Count, Many, Part, Rate, Seed, Weight
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.learning import learner
from aigc_course.recipes.text.gpt import batches
from aigc_course.recipes.text.texts import DOCUMENTS, documents
from aigc_course.resources import resource_root
from aigc_course.runs.job import Family, Job, Shipped
from aigc_course.train import Run

FOLDER = Path("models/verse_bert")


@dataclass(frozen=True)
class BERTRecipe:
    net: BERTConfig
    """Its vocab 0 is filled in: the characters of the data, and last the token that hides others."""
    steps: Count = 1500
    """Rounds of training."""
    tokens: Many = 1000
    """Positions of a batch, padding included."""
    lr: Rate = 3e-3
    """Highest learning rate of one cycle."""
    clip: Bound = 1.0
    """Largest length (L2 norm) of the gradient."""
    decay: Weight = 0.01
    """AdamW's weight decay."""
    share: Part = 0.25
    """How many of the tokens are asked for."""
    seed: Seed = 0
    """Of the weights, of the order of the data, of what is hidden, and of the verse that is composed."""
    examples: Many = 20_000
    """How many poems are composed to learn from; real data is taken as it is."""


VERSE = BERTRecipe(BERTConfig(vocab=0, context=32, width=96, layers=3, heads=4, dropout=0.0))
"""Regulated quatrains of five characters a line; the vocabulary's size is filled in when it is known."""
LARGE = BERTRecipe(BERTConfig(vocab=0), steps=10_000, tokens=64_000, lr=3e-4)
"""BERT-base's size, for a GPU."""


def build(config: BERTRecipe, compute: Compute = Compute()) -> Run:
    """A BERT as learner "bert"; train it with `gpt.batches(config, documents)`."""
    seed_all(config.seed)
    net = BERT(config.net).to(compute.device)
    objective = partial(bert_turns, mask=config.net.vocab - 1, share=config.share)
    learners = {"bert": learner(net, config, betas=(0.9, 0.98), weight_decay=config.decay, fused=True)}
    return Run(objective, learners, compute)


def hidden_at(net: BERT, vocabulary: Vocabulary, texts: Sequence[str], place: int | Sequence[int]) -> Tensor:
    """The texts as ids (B, T), BOS … EOS, with the character `place` of each, counted from 0, hidden.

    place: of all texts, or one for each.
    """
    tokens = pad([[BOS, *vocabulary.encode(text), EOS] for text in texts])
    tokens[torch.arange(len(tokens)), torch.as_tensor(place) + 1] = net.config.vocab - 1
    return tokens


def filled(net: BERT, vocabulary: Vocabulary, texts: Sequence[str], place: int | Sequence[int]) -> list[str]:
    """The texts with the character `place`, counted from 0, taken out and written by the net."""
    device = net.tokens.weight.device
    unknown = [*range(len(SPECIAL)), *range(len(vocabulary), net.config.vocab)]
    written = fill(net, hidden_at(net, vocabulary, texts, place).to(device), net.config.vocab - 1, unknown)
    return [vocabulary.decode(row) for row in written]


def load() -> tuple[BERT, Vocabulary]:
    """The course's BERT of verse and its characters. Raises: CourseError when the folder is damaged."""
    return hub.load_as(BERT, resource_root() / FOLDER), hub.load_vocabulary(resource_root() / FOLDER)


def quality(net: BERT, vocabulary: Vocabulary, texts: Sequence[str]) -> dict[str, float]:
    """How many characters, and how many signs, of unseen texts the net finds when they are hidden one at a time; where
    all texts have one length, also by place (from 0)."""
    draw, right = np.random.default_rng(0), {"characters": [], "signs": []}
    for _ in range(4):
        places = [int(draw.integers(len(text))) for text in texts]
        for answer, text, place in zip(filled(net, vocabulary, texts, places), texts, places, strict=True):
            kind = "characters" if text[place].isalnum() else "signs"
            right[kind].append(answer[place:place + 1] == text[place])
    if len(set(map(len, texts))) == 1:
        right |= {f"characters at place {place}": [
            answer[place:place + 1] == text[place]
            for answer, text in zip(filled(net, vocabulary, texts, place), texts, strict=True)]
            for place in range(len(texts[0]))}
    return {f"hidden {kind} found (0 to 1)": sum(found) / len(found) for kind, found in right.items() if found}


def with_gaps(net: BERT, vocabulary: Vocabulary, texts: Sequence[str]) -> list[str]:
    """Each text with the middle one of its characters in brackets, as the net fills it in when it cannot see it."""
    places = [len(text) // 2 for text in texts]
    return [f"{answer[:place]}[{answer[place:place + 1]}]{answer[place + 1:]}"
            for answer, place in zip(filled(net, vocabulary, texts, places), places, strict=True)]


def job(config: BERTRecipe, data: str, compute: Compute) -> Job:
    """A BERT of short documents in characters."""
    texts = documents(data, config.examples, config.seed)
    vocabulary = Vocabulary.of(texts.known)
    needed, longest = len(vocabulary) + 1, max(map(len, (*texts.known, *texts.unseen))) + 2
    if config.net.vocab not in (0, needed):
        raise CourseError(f"The data has {needed - 1} different characters, and with the token that hides others the "
                          f"net's vocab is {needed}, not {config.net.vocab}: leave it at 0, which fills it in.")
    if longest > config.net.context:
        raise CourseError(f"The longest text has {longest} tokens with its beginning and end, and the net reads "
                          f"{config.net.context}: set its context to {longest} or more.")
    config = replace(config, net=replace(config.net, vocab=needed))
    run = build(config, compute)
    given, net = batches(config, [vocabulary.encode(text) for text in texts.known], compute), run.nets["bert"]
    return Job(run, given, "tokens", count=lambda batch: batch[0].numel(),
               samples=partial(with_gaps, net, vocabulary, texts.unseen[:8]),
               measure=partial(quality, net, vocabulary, texts.unseen),
               save=lambda path: hub.save(net, path, vocabulary, half=True), hot=list(net.blocks))


FAMILY = Family(
    "bert", FAMILIES["bert"].title, {"laptop": VERSE, "gpu": LARGE, "course": VERSE}, DOCUMENTS, job,
    lambda path: (hub.load(path), hub.load_vocabulary(path)), ".", {"course": Shipped("verse_bert", "verse")})
