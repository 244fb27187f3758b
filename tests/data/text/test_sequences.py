"""Padding and buckets: nothing lost, nothing twice, little padding, the same batch whenever it is asked for."""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pytest
import torch

from aigc_course.data.text.sequences import BOS, EOS, PAD, Buckets, cut, encode_pairs, pad
from aigc_course.errors import CourseError


def some_pairs(n: int = 500, seed: int = 0) -> list:
    draw = random.Random(seed)
    return [([draw.randint(4, 30) for _ in range(draw.randint(2, 20))] + [EOS],
             [BOS] + [draw.randint(4, 30) for _ in range(draw.randint(1, 25))] + [EOS]) for _ in range(n)]


def unpadded(buckets: Buckets, epoch: int) -> Counter:
    seen = Counter()
    for step in range(epoch * len(buckets), (epoch + 1) * len(buckets)):
        for rows in zip(*buckets[step], strict=True):
            seen[tuple(tuple(row[row != PAD].tolist()) for row in rows)] += 1
    return seen


def test_pad_by_hand():
    assert pad([[5, 6], [7]]).tolist() == [[5, 6], [7, PAD]]
    assert pad([[5, 6], [7]], left=True).tolist() == [[5, 6], [PAD, 7]]
    assert pad([(5,)]).dtype == torch.long
    for empty in ([], [[5], []]):
        with pytest.raises(CourseError, match="nothing to pad"):
            pad(empty)


def test_pairs_of_text_get_their_marks():
    class Letters:
        def encode(self, text):
            return [ord(letter) for letter in text]

    assert encode_pairs([("ab", "c"), ("", "")], Letters(), Letters()) == [
        ([97, 98, EOS], [BOS, 99, EOS]), ([EOS], [BOS, EOS])]


def test_every_pair_is_in_every_epoch_once_and_whole():
    pairs = some_pairs()
    buckets, wanted = Buckets(pairs, 300), Counter((tuple(a), tuple(b)) for a, b in pairs)
    assert unpadded(buckets, 0) == unpadded(buckets, 1) == wanted


def test_a_batch_depends_on_seed_and_step_alone():
    pairs = some_pairs()
    one, other = Buckets(pairs, 300, seed=5), Buckets(pairs, 300, seed=5)
    last = 2 * len(one) - 1
    for step in (last, 0, 3):
        for a, b in zip(one[step], other[step], strict=True):
            assert torch.equal(a, b)
    assert not torch.equal(one[0][0], one[len(one)][0])                    # epochs differ
    assert not torch.equal(one[0][0], Buckets(pairs, 300, seed=6)[0][0])   # and so do seeds


def test_no_batch_exceeds_its_budget_and_padding_is_counted_right():
    buckets = Buckets(some_pairs(), 300)
    positions = [source.numel() + target.numel() for source, target in buckets]
    padding = sum(int((part == PAD).sum()) for batch in buckets for part in batch)
    assert max(positions) <= 300 and buckets.waste == pytest.approx(padding / sum(positions))
    assert Buckets(some_pairs(5000), 400).waste < 0.10


def test_equal_lengths_meet_others_in_every_epoch():
    """Sorting must not freeze who meets whom: of pairs of one length, two epochs make different batches."""
    buckets = Buckets([([k + 4, EOS], [BOS, k + 4, EOS]) for k in range(64)], 8 * 5)
    together = [{frozenset(source[:, 0].tolist()) for source, _ in map(buckets.__getitem__, steps)}
                for steps in (range(8), range(8, 16))]
    assert len(buckets) == 8 and together[0] != together[1]


def test_cut_by_hand():
    assert cut(np.array([[1, 1], [1, 1], [1, 3], [2, 2]]), 8) == [0, 2, 3, 4]


def test_impossible_buckets_are_refused():
    for pairs, options, words in (([], {}, "nothing to pad"), (some_pairs(3), {"tokens": 5}, "set tokens to"),
                                  (some_pairs(3), {"seed": -1}, "from 0 up"), ([([5], [])], {}, "nothing to pad")):
        with pytest.raises(CourseError, match=words):
            Buckets(pairs, **options)
    with pytest.raises(IndexError):
        Buckets(some_pairs(3))[-1]


def test_batches_do_not_come_in_the_order_of_their_lengths():
    """Sorted by length are the pairs within an epoch, not its batches; nor does every epoch take them in one order."""
    buckets = Buckets(some_pairs(), 300)
    sizes = [[sum(buckets.lengths[rows].max(axis=0)) for rows in buckets.plan(epoch)] for epoch in (0, 1)]
    for order in sizes:
        assert order != sorted(order) and order != sorted(order, reverse=True)
        assert abs(np.corrcoef(np.arange(len(order)), order)[0, 1]) < 0.5
    assert sizes[0] != sizes[1] and sorted(sizes[0]) == sorted(sizes[1])
