"""Metrics of texts and of language models.

A text is a string, whose tokens are its characters, or a list or tensor of tokens. Negative log-likelihoods are in
nats and are *sums* over a whole data set: a mean of per-sentence means would weigh the words of short sentences more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from aigc_course.errors import CourseError


def _per(nats: float, many: int, what: str) -> float:
    if shape := tuple(getattr(nats, "shape", ())):
        raise CourseError(f"The negative log-likelihood has the shape {shape}: give one number, the sum.")
    nats, many = float(nats), int(many)
    if many < 1:
        raise CourseError(f"There are {many} {what}: a mean needs at least one.")
    if not nats >= 0:                                                                          # also refuses NaN
        raise CourseError(f"The negative log-likelihood is {nats}, which no probabilities give: expected 0 or more "
                          "nats, summed over all tokens.")
    return nats / many


def perplexity(nats: float, tokens: int) -> float:
    """exp(nats / tokens), 1 … ∞: a uniform choice among so many tokens would surprise as much (Jelinek et al. 1977).

    nats: the sum of −ln p over all tokens, EOS included when the model predicts it. Perplexities compare only between
    models with the same tokens; `bits_per_character` compares all.
    """
    each = _per(nats, tokens, "tokens")
    return math.exp(each) if each < 709 else math.inf                                     # exp(710) overflows a float


def bits_per_character(nats: float, characters: int) -> float:
    """nats / (characters · ln 2), 0 … ∞: does not depend on how the characters were cut into tokens."""
    return _per(nats, characters, "characters") / math.log(2)


def ngrams(text: Sequence, n: int) -> list[tuple]:
    """All len(text) − n + 1 pieces of n successive tokens. Raises: CourseError for n < 1."""
    if n < 1:
        raise CourseError(f"n is {n}: an n-gram has at least one token.")
    text = _tokens(text)
    return list(zip(*(text[i:] for i in range(n)), strict=False))


def distinct_n(texts: Sequence[Sequence], n: int) -> float:
    """Distinct n-grams / all n-grams of all texts together, 0 … 1 (Li et al. 2016, arXiv 1510.03055).

    Falls as texts repeat each other, and with their number: compare equal amounts of text. NaN without any n-gram.
    """
    found = [gram for text in _list(texts) for gram in ngrams(text, n)]
    return len(set(found)) / len(found) if found else math.nan


def repetition(texts: Sequence[Sequence], n: int = 4) -> float:
    """The share of n-grams that occurred earlier in the *same* text, 0 … 1 (Welleck et al. 2020, arXiv 1908.04319)."""
    found = [ngrams(text, n) for text in _list(texts)]
    total = sum(map(len, found))
    return 1 - sum(len(set(grams)) for grams in found) / total if total else math.nan


def longest_copy(text: str, corpus: str | Sequence[str]) -> str:
    """The longest piece of text that occurs word for word within one document of the corpus; the first of several.

    A window slides over the text: it grows while its content is found, else drops its first character, so that the
    corpus is searched at most twice per character. Join many documents once and pass the string when testing many
    texts; matches may then run across the joints.
    """
    if not isinstance(corpus, str):
        joint = next(chr(code) for code in range(0xE000, 0xF900) if chr(code) not in text)    # never part of a match
        corpus = joint.join(corpus)
    best = start = end = 0
    where = 0
    while end < len(text):
        if text[start:end + 1] in corpus:
            end += 1
            if end - start > best:
                best, where = end - start, start
        elif start == end:
            start = end = end + 1
        else:
            start += 1
    return text[where:where + best]


def exact_match(predicted: Sequence, wanted: Sequence) -> float:
    """The share of predictions that equal what was wanted in full, 0 … 1. Raises: CourseError for unequal lengths."""
    predicted, wanted = _list(predicted), _list(wanted)
    if len(predicted) != len(wanted) or not len(wanted):
        raise CourseError(f"{len(predicted)} predictions were given for {len(wanted)} wanted texts: "
                          "give equally many, at least one.")
    return sum(_tokens(a) == _tokens(b) for a, b in zip(predicted, wanted, strict=True)) / len(wanted)


def _tokens(text: Any) -> Sequence:
    """Tensors as numbers: as tensors no two tokens are equal, since they are compared as objects."""
    return text.tolist() if hasattr(text, "tolist") else text


def _list(texts: Sequence) -> Sequence:
    if isinstance(texts, str):
        raise CourseError("Expected a list of texts, not one text: write [text].")
    return texts
