"""Text metrics against numbers worked out by hand and against brute force."""

from __future__ import annotations

import math
import random

import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import (
    bits_per_character,
    distinct_n,
    exact_match,
    longest_copy,
    ngrams,
    perplexity,
    repetition,
)


def test_a_uniform_choice_has_its_own_number_as_perplexity():
    assert perplexity(7 * math.log(32), 7) == pytest.approx(32)
    assert bits_per_character(7 * math.log(32), 7) == pytest.approx(5)
    assert perplexity(0, 3) == 1 and bits_per_character(0, 3) == 0


def test_two_tokenisations_of_one_text_have_the_same_bits_per_character():
    """Twelve characters as 12 tokens of 2 bits or as 4 tokens of 6 bits: perplexities 4 and 64, both 2 bits."""
    nats = 24 * math.log(2)
    assert perplexity(nats, 12) == pytest.approx(4) and perplexity(nats, 4) == pytest.approx(64)
    assert bits_per_character(nats, 12) == pytest.approx(2)


def test_impossible_tokens_make_it_infinite():
    assert perplexity(math.inf, 5) == math.inf and bits_per_character(math.inf, 5) == math.inf
    assert perplexity(1e6, 1) == math.inf


@pytest.mark.parametrize("nats", [-1.0, math.nan])
def test_what_no_model_gives_is_refused(nats):
    with pytest.raises(CourseError, match="negative log-likelihood"):
        perplexity(nats, 5)
    with pytest.raises(CourseError, match="0 characters"):
        bits_per_character(1.0, 0)


def test_distinct_and_repeated_by_hand():
    assert ngrams("abc", 2) == [("a", "b"), ("b", "c")] and ngrams("a", 2) == []
    assert distinct_n(["abab", "abc"], 2) == 3 / 5          # ab ba ab | ab bc: three distinct of five
    assert repetition(["abab", "abc"], 2) == pytest.approx(1 / 5)          # only the second ab within abab
    assert distinct_n([["a", "b"], ["a", "b"]], 1) == 0.5
    assert math.isnan(distinct_n(["a"], 2)) and math.isnan(repetition(["a"], 2))
    with pytest.raises(CourseError, match="at least one token"):
        distinct_n(["abc"], 0)
    with pytest.raises(CourseError, match="list of texts"):
        distinct_n("abc", 1)


def test_a_copied_line_is_found():
    assert longest_copy("但愿人长久，千里共婵娟。", ["明月几时有？", "千里共婵娟"]) == "千里共婵娟"
    assert longest_copy("xyz", ["abc"]) == "" and longest_copy("", ["abc"]) == "" and longest_copy("abc", []) == ""


def test_copies_end_at_the_end_of_a_document():
    assert longest_copy("abcdef", ["xxabc", "defxx"]) == "abc"
    assert longest_copy("abcdef", "xxabcdefxx") == "abcdef"
    assert longest_copy("a\ue000b", ["a", "b"]) == "a"          # whatever stands between the documents


def test_longest_copy_equals_brute_force():
    draw = random.Random(0)
    for _ in range(300):
        text = "".join(draw.choices("ab", k=draw.randrange(1, 12)))
        corpus = ["".join(draw.choices("ab", k=draw.randrange(8))) for _ in range(3)]
        pieces = {text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1)}
        longest = max(len(piece) for piece in pieces if any(piece in document for document in corpus))
        found = longest_copy(text, corpus)
        assert len(found) == longest and found in text and any(found in document for document in corpus)


def test_exact_match():
    assert exact_match(["2024-03-05", "2024-03-06"], ["2024-03-05", "2024-03-07"]) == 0.5
    with pytest.raises(CourseError, match="2 predictions were given for 1"):
        exact_match(["a", "b"], ["a"])
    with pytest.raises(CourseError, match="not one text"):
        exact_match("ab", "ab")


def test_tokens_may_be_tensors():
    rows = torch.tensor([[5, 6, 5, 6], [5, 6, 7, 8]])
    lists = rows.tolist()
    for measure in (distinct_n, repetition):
        assert measure(rows, 2) == measure(list(rows), 2) == measure(lists, 2) < 1
    assert exact_match(rows, [[5, 6, 5, 6], [5, 6, 7, 9]]) == 0.5


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.int64])
def test_nats_may_be_a_tensor_of_one_number(dtype):
    nats = torch.tensor(8, dtype=dtype)
    assert perplexity(nats, torch.tensor(4)) == pytest.approx(math.exp(2))
    assert bits_per_character(nats, 4) == pytest.approx(2 / math.log(2))
    with pytest.raises(CourseError, match="the sum"):
        perplexity(nats.expand(3), 4)
