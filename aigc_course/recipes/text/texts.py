"""Texts to learn from, by name or from a file: short documents in characters, or long ones in byte pairs."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from torch import Tensor, nn

from aigc_course.data.seeds import training_seed
from aigc_course.data.text.bpe import BPE, LETTER, SHORT_WORD
from aigc_course.data.text.english import english
from aigc_course.data.text.tang import tang, tang_split
from aigc_course.data.text.verse import RULES, check_verse, verse
from aigc_course.data.text.vocabulary import EOS, SPECIAL, Vocabulary
from aigc_course.distributed import is_first
from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import longest_copy, perplexity

POEMS = {
    "verse": "quatrains of five characters a line that the course composes by the rules of regulated verse",
    "tang": "the quatrains of 《全唐诗》, in simplified characters",
}
DOCUMENTS = POEMS | {
    "FILE": "a text file of your own (UTF-8): documents with an empty line between them, or one on each line",
}
"""Data of models that read short documents character by character."""
PROSE = {"python": "English prose, about a million characters: what Python's own library says of itself"}
LEAST = 20
"""Documents of a file, so that some can be held out."""
EMPTY_LINE = re.compile(r"\n\s*\n")
HELD_OUT = 15
"""Every 15th document of prose is not trained on."""
FORM = ("lines", "length", "punctuation", "rhyme")
"""The rules of `check_verse` that make the form of a quatrain."""
RAREST = 10
"""A pair of neighbours must occur so often to become a token: a rarer one says too little."""
BYTE = {letter: byte for byte, letter in LETTER.items()}


class Texts(NamedTuple):
    """Documents to train on, and documents that are not trained on."""

    known: list[str]
    unseen: list[str]


def documents(data: str, examples: int = 20_000, seed: int = 0) -> Texts:
    """Short documents: composed verse (`examples` of them), the poems of the Tang, or those of a file.

    A composed poem that happens to be held out is left out.
    Raises: CourseError for a file that is missing, no UTF-8, or has fewer than 20 documents.
    """
    if data == "verse":
        unseen = verse(500, seed=101, length=5)
        apart = set(unseen)                                      # few lines are possible: two draws can be alike
        drawn = verse(examples, seed=training_seed(1 + seed), length=5)
        return Texts([poem for poem in drawn if poem not in apart], unseen)
    if data == "tang":
        known, _, unseen = tang_split(tang(simplified=True))
        return Texts(known, unseen)
    found = pieces(data, read(data))
    if len(found) < LEAST:
        raise CourseError(f"{data} holds {len(found)} different documents, with an empty line between them or one on "
                          f"each line: give {LEAST} or more.")
    first = first_held_out(found)
    if first:
        say(f"{data} has a document that is longer than many others together: it is learnt from, not held out.")
    return Texts([one for i, one in enumerate(found) if i % 10 != first], found[first::10])


def pieces(path: str, text: str) -> list[str]:
    """The different documents of a file: what stands between empty lines, or, where that is too few, on each line."""
    apart = [piece.strip() for piece in EMPTY_LINE.split(text.strip())]
    found = apart if len(apart) >= LEAST else [line.strip() for line in text.split("\n")]
    if 1 < len(apart) < LEAST <= len(set(found)):
        say(f"{path}: every line is taken as a document, since its empty lines would make no more than {len(apart)}.")
    return list(dict.fromkeys(filter(None, found)))              # a second copy must not stand among the unseen


def first_held_out(found: Sequence[str]) -> int:
    """From which document on every tenth is held out: the first, unless these hold more than a fifth of the text."""
    held = [sum(map(len, found[first::10])) for first in range(10)]
    return 0 if held[0] <= sum(held) / 5 else held.index(min(held))


def prose(data: str) -> Texts:
    """Long documents: English, or a file, of which the last tenth is held out, a fifth at most for the sake of a line.

    Raises: CourseError as `read` does.
    """
    if data == "python":
        found = list(english().values())
        return Texts([one for i, one in enumerate(found) if i % HELD_OUT], found[::HELD_OUT])
    text = read(data)
    first, last = len(text) * 8 // 10, len(text) * 9 // 10
    cut = text.rfind("\n", first, last) + 1
    if not cut:
        say(f"{data} has no end of a line near its last tenth, which is held out: it is cut within a line.")
        cut = text.rfind(" ", first, last) + 1 or last
    return Texts([text[:cut]], [text[cut:]])


def read(path: str) -> str:
    """A text file of a learner's; its lines end with "\\n", whatever system wrote it, and with nothing else.

    Raises: CourseError, naming the file, when it is missing, no UTF-8, or empty.
    """
    try:
        content = Path(path).read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise CourseError(f"{path} cannot be read ({error.strerror}): give one of the names that --help lists, or a "
                          "text file.") from error
    except UnicodeDecodeError as error:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise CourseError(f"{path} is UTF-16: save it as UTF-8.") from error
        raise CourseError(f"{path} is not UTF-8 from byte {error.start} on: save it as UTF-8.") from error
    if "\0" in text:
        raise CourseError(f"{path} has zero bytes, so it is UTF-16 or no text: save it as UTF-8.")
    if not text.strip():
        raise CourseError(f"{path} is empty: give a file with text.")
    return text


def say(sentence: str) -> None:
    """Print it, once where there are several processes."""
    if is_first():
        print(sentence, flush=True)


# --- tokens -----------------------------------------------------------------------------------------------------------


def fitted(vocab: int, needed: int) -> int:
    """The rows of an embedding: `vocab`, or as many as needed for 0. Raises: CourseError for too few."""
    if 0 < vocab < needed:
        raise CourseError(f"The data has {needed} different tokens and the net's vocab is {vocab}: "
                          f"set it to {needed} or more, or to 0, which takes as many as needed.")
    return vocab or needed


def learnt(texts: Sequence[str], vocab: int) -> BPE:
    """A byte-level BPE of at most `vocab` tokens: the merges of `train_bpe`, learnt by the library, which is faster.

    Raises: CourseError for fewer tokens than the 4 special ones and the 256 bytes.
    """
    least = len(SPECIAL) + 256
    if vocab < least:
        raise CourseError(f"A byte-level vocabulary of {vocab} tokens has no room for all bytes: "
                          f"give {least} or more, or 0.")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(SHORT_WORD.pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=vocab - len(SPECIAL), min_frequency=RAREST, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    return BPE([(_in_bytes(first), _in_bytes(second)) for first, second in merges])


def _in_bytes(part: str) -> bytes:
    """One side of the library's merge, in which each byte is written as a letter."""
    return bytes(BYTE[letter] for letter in part)


def stream(bpe: BPE, documents: Sequence[str]) -> Tensor:
    """All documents one after another, EOS after each: ids (N,)."""
    fast = bpe.library()
    return torch.tensor([number for text in documents for number in [*fast.encode(text).ids, EOS]])


# --- how well a model writes ------------------------------------------------------------------------------------------


def quality(net: nn.Module, vocabulary: Vocabulary, nats: Callable, write: Callable, texts: Texts,
            poems: bool) -> dict[str, float]:
    """How well a net models unseen documents, what form its samples keep, and what they copy: name -> value.

    nats, write: those of the net's kind, called as nats(net, documents) and write(net, vocabulary, n).
    poems: whether the texts are quatrains, so that their form can be judged.
    """
    unseen = [vocabulary.encode(text) for text in texts.unseen]
    tokens = sum(len(document) + 1 for document in unseen)
    found = {"perplexity of unseen texts (per character)": perplexity(nats(net, unseen).sum().item(), tokens)}
    written, together = write(net, vocabulary, 500), "\n\n".join(texts.known)
    if poems:
        rates = {"the form": in_form(written), **form_rates(written)}
        found |= {f"samples that keep {rule} (0 to 1)": rate for rule, rate in rates.items()}
    copies = [len(longest_copy(text, together)) for text in written[:100]]
    return found | {"longest copy (characters, mean)": sum(copies) / len(copies)}


def form_rates(texts: Sequence[str]) -> dict[str, float]:
    """For each rule of `check_verse`, and for "all" of them, the share of texts that keep it for certain."""
    reports = [check_verse(text) for text in texts]
    rates = {rule: sum(getattr(report, rule) is True for report in reports) / len(reports) for rule in RULES}
    return {**rates, "all": sum(report.kept for report in reports) / len(reports)}


def in_form(texts: Sequence[str]) -> float:
    """The share of texts that keep all of `FORM` for certain, 0..1."""
    reports = map(check_verse, texts)
    return sum(all(getattr(report, rule) is True for rule in FORM) for report in reports) / len(texts)
