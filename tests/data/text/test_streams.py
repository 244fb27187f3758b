"""Batches of documents: nothing lost, nothing twice, little padding, the same for every step asked in any order."""

from __future__ import annotations

import pytest
import torch

from aigc_course.data.text.streams import Documents, Streams, Windows
from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError


def some(n: int = 60, longest: int = 40) -> list[list[int]]:
    """Documents whose ids tell which document they are."""
    return [[4 + i] * (1 + (7 * i) % longest) for i in range(n)]


def unpadded(tokens: torch.Tensor) -> list[list[int]]:
    return [[token for token in row if token != PAD] for row in tokens.tolist()]


def test_every_epoch_holds_each_document_once_whole():
    batches = Documents(some(), tokens=300, seed=3)
    epochs = [[row for step in range(e * len(batches), (e + 1) * len(batches)) for row in unpadded(*batches[step])]
              for e in range(2)]
    wanted = sorted([BOS, *document, EOS] for document in some())
    assert sorted(epochs[0]) == sorted(epochs[1]) == wanted and epochs[0] != epochs[1]
    assert all(batches[step][0].numel() <= 300 for step in range(len(batches)))
    held = sum(batches[step][0].numel() for step in range(len(batches)))
    assert batches.waste == pytest.approx(1 - sum(map(len, wanted)) / held)


def test_little_of_a_bucketed_batch_is_padding():
    assert Documents(some(600), tokens=300).waste < 0.03
    assert Streams(some(600, longest=300), rows=8, window=16).waste < 0.1


def test_batches_of_any_step_are_the_same_whenever_they_are_asked_for():
    for make in (lambda: Documents(some(), tokens=300, seed=1), lambda: Streams(some(), 4, 8, seed=1)):
        forwards, backwards = make(), make()
        steps = range(2 * len(forwards))
        seen = [forwards[step] for step in steps]
        for step in reversed(steps):
            assert all(torch.equal(a, b) for a, b in zip(seen[step], backwards[step], strict=True))
        with pytest.raises(IndexError):
            forwards[-1]


def test_streams_hand_every_document_on_from_window_to_window():
    batches = Streams(some(), rows=4, window=8, seed=0)
    for epoch in range(2):
        read: list[list[int]] = []
        for row in range(4):
            for step in range(epoch * len(batches), (epoch + 1) * len(batches)):
                tokens, fresh = (part[row] for part in batches[step])
                assert tokens.shape == (9,)
                if fresh:
                    read.append([int(tokens[0])])
                if tokens[0] != PAD:
                    assert int(tokens[0]) == read[-1][-1]          # the last target is the next input
                    read[-1] += [token for token in tokens[1:].tolist() if token != PAD]
        assert sorted(read) == sorted([BOS, *document, EOS] for document in some())
    targets = sum(len(document) + 1 for document in some())
    held = len(batches) * 4 * 8
    assert batches.waste == pytest.approx(1 - targets / held)


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(CourseError, match="longest document has 42"):
        Documents(some(), tokens=41)
    with pytest.raises(CourseError, match="60 documents"):
        Streams(some(), rows=61, window=8)
    with pytest.raises(CourseError, match="window"):
        Streams(some(), rows=2, window=0)


def test_windows_begin_anywhere_the_first_and_the_last_place_included():
    windows = Windows(torch.arange(7), rows=200, window=4)
    found = torch.cat([windows[step][0] for step in range(3)])
    assert {*found[:, 0].tolist()} == {0, 1, 2} and (found.diff(dim=1) == 1).all()
    assert {*found[:, -1].tolist()} == {4, 5, 6}
    assert Windows(torch.arange(5), 3, 4)[0][0].tolist() == [[0, 1, 2, 3, 4]] * 3
