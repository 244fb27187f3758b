"""Pairs of texts to learn from, by name or from a file of your own, and how well a net answers the ones held out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import sacrebleu

from aigc_course.data import splits
from aigc_course.data.seeds import training_seed
from aigc_course.data.text.dates import SEEN, UNSEEN, dates
from aigc_course.data.text.sequences import Text
from aigc_course.data.text.tatoeba import split as split_tatoeba
from aigc_course.data.text.tatoeba import tatoeba
from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import exact_match
from aigc_course.recipes.text.texts import read

TASKS = {
    "dates": "dates as people of twelve countries write them -> 2024-03-05",
    "reversal": "words of up to 12 letters -> the same backwards",
    "reversal-24": "the same with words of up to 24 letters",
    "sorting": "words of up to 12 letters -> their letters in order",
}
DATA = TASKS | {"FILE": "a file of your own (UTF-8), on each line source⇥target, both read character by character"}
TRANSLATIONS = {
    "tatoeba": "English -> Chinese: sentences of the volunteers of Tatoeba",
    "FILE": "a file of your own (UTF-8), on each line source⇥target: words -> characters",
}
IDEOGRAPH = re.compile("[\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")
"""Characters that are words of their own, or nearly: Chinese, Japanese, Korean."""

Pairs = Sequence[tuple[Text, Text]]
Answer = Callable[[Sequence[Text]], list[str]]
"""Sources -> what a net answers to each."""


class Held(NamedTuple):
    """Pairs to train on, and by name what is held out."""

    known: Pairs
    unseen: Mapping[str, Pairs]


def tasks(data: str, examples: int = 20_000, seed: int = 0) -> Held:
    """Pairs of one of `TASKS`, or of a file, in characters. Raises: CourseError as `from_file` does."""
    if data == "dates":
        return Held(dates(examples, seed, combinations=SEEN), {
            "unseen days": dates(2000, seed=1, split="held-out", combinations=SEEN),
            "unseen days in unseen patterns": dates(2000, seed=1, split="held-out", combinations=UNSEEN)})
    if data in TASKS:
        return Held(*letters(data, examples, seed))
    known, unseen = from_file(data)
    return Held(known, {"unseen pairs": unseen})


def letters(task: str, examples: int, seed: int) -> tuple[Pairs, Mapping[str, Pairs]]:
    """Words backwards or in order; words that are held out are not among the known ones."""
    longest = 24 if task == "reversal-24" else 12
    known = [source for source, _ in reversals(examples, longest, seed=training_seed(2 + seed))]
    held = {"unseen words": reversals(1000, 12, shortest=4, seed=1_000_003)}
    if task == "reversal-24":
        held = {f"unseen words of {n} letters": reversals(500, n, n, seed=3) for n in (5, 10, 15, 20, 24, 25)}
    seen = set(known)

    def pairs(words: Iterable[str]) -> Pairs:
        return [(word, "".join(sorted(word)) if task == "sorting" else word[::-1]) for word in words]

    return pairs(known), {name: pairs(source for source, _ in words if source not in seen)
                          for name, words in held.items()}


def reversals(n: int, longest: int, shortest: int = 1, seed: int = 0, letters: str = "abcdefghij") -> list:
    """n pairs such as ("ecafe", "eface"); each length from `shortest` to `longest` is equally likely."""
    draw = np.random.default_rng((seed, shortest, longest))
    words = ("".join(draw.choice(list(letters), size)) for size in draw.integers(shortest, longest + 1, n))
    return [(word, word[::-1]) for word in words]


def translations(data: str) -> Held:
    """English and Chinese, or a file: the source in words, the target in characters."""
    if data == "tatoeba":
        known, _, unseen = split_tatoeba(tatoeba())
        known, unseen = ([(pair.en, pair.zh) for pair in part] for part in (known, unseen))
    else:
        known, unseen = from_file(data)
    known, unseen = ([(words(source), target) for source, target in part] for part in (known, unseen))
    return Held(known, {"unseen sentences": unseen})


def words(sentence: str) -> list[str]:
    """Words and signs in lower case: "Don't go!" -> ["don't", "go", "!"]. Ideographs are words of their own."""
    found = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d|[^\w\s]", sentence.lower())
    return [piece for word in found for piece in (word if IDEOGRAPH.search(word) else [word])]


def from_file(path: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(known, unseen) pairs of a file of lines "source⇥target", of which a tenth, but no sentence of both, is unseen.

    Empty lines and further fields of a line are passed over. Raises: CourseError, naming file and line, for a line
    without a target, and for fewer than 20 pairs.
    """
    pairs = []
    for number, line in enumerate(read(path).split("\n"), start=1):
        if not line.strip():
            continue
        fields = [field.strip() for field in line.split("\t")]
        if len(fields) < 2 or not all(fields[:2]):
            raise CourseError(f"Line {number} of {path} is no pair: write a source, a tab and its target on each line.")
        pairs.append((fields[0], fields[1]))
    known, unseen = splits.split(list(dict.fromkeys(pairs)), lambda pair: enumerate(pair), shares=(0.9, 0.1))
    if not unseen or len(known) < 2:
        raise CourseError(f"{path} holds {len(pairs)} pairs, too few to hold some out that share no sentence with the "
                          "others: give 20 or more.")
    return known, unseen


# --- how well a net answers -------------------------------------------------------------------------------------------


def exactness(answer: Answer, held: Held) -> dict[str, float]:
    """The share of each held-out set that is answered without any mistake: name -> value."""
    return {f"{name} answered exactly (0 to 1)": exact_match(answer([source for source, _ in pairs]),
                                                            [target for _, target in pairs])
            for name, pairs in held.unseen.items()}


def bleu(answer: Answer, held: Held) -> dict[str, float]:
    """BLEU and chrF of the answers to unseen sentences, each with all its translations as references: name -> value.

    BLEU counts characters where the references have ideographs (sacrebleu's tokenizer zh), else words (13a).
    """
    asked: dict[tuple, list[str]] = {}
    for source, target in held.unseen["unseen sentences"]:
        # only a source may be a list of words
        asked.setdefault(tuple(source), []).append(cast(str, target))
    written = answer([list(source) for source in asked])
    most = max(map(len, asked.values()))
    references: list[list[Any]] = [                             # None where a source has fewer, which sacrebleu takes
        [targets[i] if i < len(targets) else None for targets in asked.values()] for i in range(most)]
    tokenizer = "zh" if any(IDEOGRAPH.search(targets[0]) for targets in asked.values()) else "13a"
    found = sacrebleu.corpus_bleu(written, references, tokenize=tokenizer)
    return {f"BLEU ({tokenizer}, 0 to 100)": found.score,
            "chrF (0 to 100)": sacrebleu.corpus_chrf(written, references).score,
            "length over reference": found.sys_len / found.ref_len}


def shown(answer: Answer, held: Held, n: int = 8) -> list[str]:
    """The first held-out sources, each with what the net answers."""
    sources = [source for source, _ in next(iter(held.unseen.values()))[:n]]
    return [f"{source if isinstance(source, str) else ' '.join(source)} -> {written}"
            for source, written in zip(sources, answer(sources), strict=True)]
