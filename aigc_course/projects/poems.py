"""Quatrains by two kinds of net: an LSTM that writes character after character, Seq2Seq that writes the next line.

    poems = corpus()                                          # 8,000 quatrains of the course's own verse
    config = RECIPES["seq2seq_poem"]
    run, data, vocabulary = build("seq2seq_poem", config, poems)
    for log in train(run, data, config.steps): ...

A writer is a function that continues beginnings: ["归日抱琴怜细草，"] -> ["归日抱琴怜细草，旧时…"]. Its texts have no
line breaks; `laid_out` puts them in for `check_verse`.

`aigc train poems-lstm` and `aigc train poems-seq2seq` train the writers that come with the course.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import torch

from aigc_course.compute import Compute, aside
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.verse import rhyme, tones, verse
from aigc_course.data.text.verse.compose import GROUPS
from aigc_course.data.text.verse.prosody import RHYMES
from aigc_course.data.text.vocabulary import EOS, Vocabulary
from aigc_course.metrics.text.language import longest_copy
from aigc_course.models.text import rnn, seq2seq
from aigc_course.models.text.ngram import NGram
from aigc_course.models.text.rnn import LanguageModel, LanguageModelConfig, load_language_model, save_language_model
from aigc_course.models.text.sampling import next_token, silent
from aigc_course.models.text.translator import Translator
from aigc_course.recipes.catalogue import FAMILIES
from aigc_course.recipes.text import language_model as lm_recipe
from aigc_course.recipes.text import seq2seq as seq2seq_recipe
from aigc_course.recipes.text.language_model import LanguageModelRecipe
from aigc_course.recipes.text.seq2seq import Seq2SeqRecipe
from aigc_course.resources import resource
from aigc_course.runs.job import Family, Job, Shipped

LENGTH = 7
LIMIT = 4 * (LENGTH + 1) + 8  # characters after which a poem without an end is cut off
BEFORE = {"seq2seq_line": 1, "seq2seq_poem": 3, "seq2seq_rhyme": 3}
"""How many lines before it a Seq2Seq sees of the line that it writes."""
PLANNED = "seq2seq_rhyme"
"""Is told the rhyme group in advance, and writes each line from its end, where the rhyme is the first decision."""
MARKS: dict[str, str] = dict(zip(RHYMES, "abcdefghijklmn", strict=True))
"""Rhyme group -> the letter that stands before the source to announce it."""

_NEXT_LINE = Seq2SeqRecipe(embedding=64, hidden=160, drop=0.1, steps=2000, tokens=1500, lr=5e-3, examples=8000)
RECIPES = {
    "lstm": LanguageModelRecipe(LanguageModelConfig(vocab=0, embed=64, width=256, dropout=0.1), 1000, tokens=1500,
                                examples=8000),
    "seq2seq_line": _NEXT_LINE,
    "seq2seq_poem": _NEXT_LINE,
    PLANNED: _NEXT_LINE,
}
"""The runs behind the weights that come with the course, up to 100 CPU seconds each. An LSTM's vocabulary is filled in
by `build`."""

Writer = Callable[[Sequence[str]], list[str]]


# --- texts ------------------------------------------------------------------------------------------------------------


def corpus(n: int = 8000, seed: int = 0) -> list[str]:
    """Training poems without line breaks; another seed gives poems for tests (`verse`)."""
    return [poem.replace("\n", "") for poem in verse(n, seed, LENGTH)]


def lines(poem: str) -> list[str]:
    """The lines of a poem, each with the sign that ends it."""
    return re.findall("[^，。]*[，。]", poem)


def laid_out(poem: str) -> str:
    """A poem in two rows, as `check_verse` expects it: a line break after the first "。" that is not the last."""
    return re.sub("。(?=.)", "。\n", poem, count=1)


def next_lines(poems: Sequence[str], before: int, planned: bool = False) -> list[tuple[str, str]]:
    """Pairs (the last `before` lines or fewer, the line that follows them) of all poems.

    planned: the mark of the poem's rhyme group stands before the source, and the target is written from its end.
    """
    pairs = []
    for poem in poems:
        verses = lines(poem)
        mark = MARKS[cast(str, rhyme(verses[3][-2]))] if planned else ""
        pairs += [(mark + "".join(verses[max(i - before, 0) : i]), verses[i][:: -1 if planned else 1])
                  for i in range(1, len(verses))]
    return pairs


def planned_mark(first: str) -> str:
    """The mark for a poem that begins with this line: its own rhyme if it ends level, else a random one."""
    end = first[-2:-1]
    group = cast(str, rhyme(end)) if tones(end) == "平" else GROUPS[int(torch.randint(len(GROUPS), ()))]
    return MARKS[group]


# --- training ---------------------------------------------------------------------------------------------------------


def build(name: str, config: LanguageModelRecipe | Seq2SeqRecipe, poems: Sequence[str], compute: Compute = Compute()):
    """(run, batches, vocabulary) to train one of `RECIPES` on these poems."""
    vocabulary = Vocabulary.of([*poems, *MARKS.values()] if name == PLANNED else poems)
    if isinstance(config, LanguageModelRecipe):
        config = replace(config, net=replace(config.net, vocab=len(vocabulary)))
        data = lm_recipe.batches(config, [vocabulary.encode(poem) for poem in poems], compute)
        return lm_recipe.build(config, compute), data, vocabulary
    pairs = next_lines(poems, BEFORE[name], name == PLANNED)
    data = seq2seq_recipe.batches(config, pairs, vocabulary, vocabulary, compute)
    return seq2seq_recipe.build(config, vocabulary, vocabulary, compute), data, vocabulary


# --- writing ----------------------------------------------------------------------------------------------------------


def by_characters(net: LanguageModel, vocabulary: Vocabulary, temperature: float = 1.0) -> Writer:
    """A language model writes on, character after character, until it ends the poem."""

    def write(starts: Sequence[str]) -> list[str]:
        prompts = [vocabulary.encode(start) for start in starts]
        banned = silent(len(vocabulary), net.config.vocab)
        return [vocabulary.decode(ids) for ids in rnn.generate(net, prompts, LIMIT, temperature, banned=banned)]

    return write


def by_lines(model: Translator, before: int, temperature: float = 1.0, planned: bool = False) -> Writer:
    """A Seq2Seq adds line after line, each from the last `before` lines, until there are four.

    planned: its lines come from their ends and are turned round, and it is told a rhyme for each poem.
    """

    def choose(log_p):
        return next_token(log_p, temperature)

    def write(starts: Sequence[str]) -> list[str]:
        poems = [lines(start) for start in starts]
        plans = [planned_mark(start) if planned else "" for start in starts]
        while short := [n for n, poem in enumerate(poems) if len(poem) < 4]:
            texts = [plans[n] + "".join(poems[n][-before:]) for n in short]
            source = pad([[*model.source.encode(text), EOS] for text in texts]).to(model.net.head.weight.device)
            banned = silent(len(model.target), model.net.config.target)
            for n, ids in zip(short, seq2seq.generate(model.net, source, LENGTH + 5, choose, banned), strict=True):
                poems[n].append(model.target.decode(ids)[:: -1 if planned else 1])
        return ["".join(poem) for poem in poems]

    return write


def by_counts(model: NGram, vocabulary: Vocabulary, temperature: float = 1.0) -> Writer:
    """An n-gram model writes on, character after character, until it ends the poem."""

    def write(starts: Sequence[str]) -> list[str]:
        return [vocabulary.decode(model.sample(vocabulary.encode(start), temperature, longest=LIMIT,
                                               banned=silent(len(vocabulary), model.vocabulary)))
                for start in starts]

    return write


def shuffled(poems: Sequence[str], seed: int = 0) -> list[str]:
    """Each poem's characters in another order, its signs where they are: what is left without any order."""
    torch.manual_seed(seed)
    found = []
    for poem in poems:
        letters = [c for c in poem if c not in "，。"]
        order = iter(torch.randperm(len(letters)).tolist())
        found.append("".join(c if c in "，。" else letters[next(order)] for c in poem))
    return found


def marks(poems: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    """The share of poems that keep each rule of `RULES` for certain, all of them ("kept"), and what is copied.

    "copied": characters of the longest piece that stands in one of the `known` poems, on average; "new lines": the
    share of lines that are in none of them. The first line, which was given, does not count for these two.
    """
    found = lm_recipe.form_rates([laid_out(poem) for poem in poems])
    found["kept"] = found.pop("all")
    own = ["".join(lines(poem)[1:]) for poem in poems]
    text, seen = "\n".join(known), {line for poem in known for line in lines(poem)}
    found["copied"] = sum(len(longest_copy(poem, text)) for poem in own) / len(own)
    written = [line for poem in own for line in lines(poem)]
    found["new lines"] = sum(line not in seen for line in written) / max(len(written), 1)
    return found


# --- the trained writers ----------------------------------------------------------------------------------------------


def weights_of(name: str) -> str:
    return f"models/poems_{name}.safetensors"


def load_lstm(path: Path | None = None) -> tuple[LanguageModel, Vocabulary]:
    """The LSTM of this lesson (data/models/poems.md), in evaluation mode, and its vocabulary."""
    return load_language_model(path or resource(weights_of("lstm")))


def load_seq2seq(name: str, path: Path | None = None) -> Translator:
    """One of the Seq2Seqs of `BEFORE` as it comes with the course (data/models/poems.md)."""
    return Translator.load(path or resource(weights_of(name)))


def load_writer(name: str, temperature: float = 1.0, folder: Path | None = None) -> Writer:
    """A trained writer by its name in `RECIPES`."""
    path = folder / weights_of(name) if folder else None
    if name == "lstm":
        return by_characters(*load_lstm(path), temperature)
    return by_lines(load_seq2seq(name, path), BEFORE[name], temperature, name == PLANNED)


# --- the families -----------------------------------------------------------------------------------------------------


def job(config: LanguageModelRecipe | Seq2SeqRecipe, data: str, compute: Compute) -> Job:
    """A writer of quatrains. data: "lstm", or which lines a Seq2Seq sees, "line", "poem" or "rhyme"."""
    name = "lstm" if data == "lstm" else f"seq2seq_{data}"
    poems, firsts = corpus(config.examples, config.seed), [lines(poem)[0] for poem in corpus(200, seed=10_001)]
    run, given, vocabulary = build(name, config, poems, compute)
    (net,) = run.nets.values()
    if name == "lstm":
        writer, save = by_characters(net, vocabulary), partial(save_language_model, net, vocabulary)
        count = lm_recipe.targets
    else:
        model = Translator(net, vocabulary, vocabulary)
        writer, save = by_lines(model, BEFORE[name], planned=name == PLANNED), model.save
        count = seq2seq_recipe.positions

    def written(n: int) -> list[str]:
        with aside():
            return writer(firsts[:n])

    return Job(run, given, "tokens", count=count, samples=lambda: [laid_out(poem) for poem in written(8)],
               measure=lambda: {f"{rule} (0 to 1)" if rule != "copied" else "copied (characters, mean)": value
                                for rule, value in marks(written(200), poems).items()},
               save=save, hot=[net])


LSTM = Family(
    "poems-lstm", FAMILIES["poems-lstm"].title, {"course": RECIPES["lstm"]},
    {"lstm": "quatrains of seven characters a line that the course composes"}, job, load_language_model,
    "poems_lstm.safetensors", {"course": Shipped("poems_lstm.safetensors", "lstm")})
SEQ2SEQ = Family(
    "poems-seq2seq", FAMILIES["poems-seq2seq"].title,
    {"course-line": _NEXT_LINE, "course-poem": _NEXT_LINE, "course-rhyme": _NEXT_LINE},
    {"line": "quatrains of the course's own, each line from the one before", "poem": "each line from all before",
     "rhyme": "the same, told the rhyme in advance, and each line from its end"}, job, seq2seq_recipe.load,
    "poems_seq2seq.safetensors",
    {f"course-{data}": Shipped(f"poems_seq2seq_{data}.safetensors", data) for data in ("line", "poem", "rhyme")})
