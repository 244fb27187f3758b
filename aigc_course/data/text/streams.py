"""Documents as batches for a language model: whole and bucketed by length, in windows that continue one another, or in
windows that begin anywhere.

All are pure functions of (seed, step), as `Batches` is. A document is a list of ids without BOS and EOS.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from aigc_course.data.text.sequences import cut, pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD
from aigc_course.errors import CourseError


class Documents:
    """Batches of whole documents of similar lengths: `documents[step]` is (tokens (B, T),), BOS … EOS PAD ….

    Each epoch shuffles the documents, sorts them by length (stably, so that equal lengths stay shuffled), cuts them
    into batches and shuffles these; no document is left out.

    Args:
        documents: lists of ids.
        tokens: positions of a batch at most, padding included.
        seed: a whole number ≥ 0.
        device: where the batches shall lie.
    Raises:
        CourseError: no documents, or one that alone exceeds `tokens`.
    """

    def __init__(self, documents: Sequence[Sequence[int]], tokens: int = 2000, seed: int = 0,
                 device: torch.device | str = "cpu"):
        self.padded = pad([[BOS, *document, EOS] for document in documents]).to(device)
        self.lengths = np.array([len(document) + 2 for document in documents])
        if self.lengths.max() > tokens:
            raise CourseError(f"The longest document has {self.lengths.max()} ids with BOS and EOS, and a batch may "
                              f"hold {tokens}: set tokens higher, or read long documents with Streams.")
        self.seed = seed
        in_order = np.sort(self.lengths)
        self.cuts = cut(np.stack([in_order, np.zeros_like(in_order)], axis=1), tokens)
        held = sum(len(part) * part.max() for part in np.split(in_order, self.cuts[1:-1]))
        self.waste: float = 1 - self.lengths.sum() / held
        """Share of the positions in all batches that are padding, 0..1."""
        self._epoch, self._plan = -1, []

    def __len__(self) -> int:
        """Batches per epoch."""
        return len(self.cuts) - 1

    def __getitem__(self, step: int) -> tuple[Tensor]:
        if step < 0:
            raise IndexError(f"batch {step}: steps count from 0")
        epoch, place = divmod(step, len(self))
        if epoch != self._epoch:
            draw = np.random.default_rng((self.seed, epoch))
            order = draw.permutation(len(self.lengths))
            order = order[np.argsort(self.lengths[order], kind="stable")]
            batches = np.split(order, self.cuts[1:-1])
            self._epoch, self._plan = epoch, [batches[k] for k in draw.permutation(len(batches))]
        rows = self._plan[place]
        chosen = torch.from_numpy(rows).to(self.padded.device)
        return (self.padded[chosen, :int(self.lengths[rows].max())],)


class Streams:
    """Long documents read on and on: `streams[step]` is (tokens (B, T + 1), fresh (B,) bool) for truncated BPTT.

    Row b of a batch continues row b of the batch before, the last token of one window being the first of the next, so
    that every token is a target once. A document begins at the beginning of a window, where `fresh` is true; PAD fills
    the last window of a document, and a row that has run out of documents. Which documents share a row is settled by
    their lengths, so that the rows end together; each epoch shuffles the order within every row.

    Args:
        documents: lists of ids.
        rows: streams side by side, B.
        window: targets in a window, T.
        seed: a whole number ≥ 0.
        device: where the batches shall lie.
    Raises:
        CourseError: fewer documents than rows, or a window below 1.
    """

    continues = True
    """Row b continues row b of the batch before: who shares batches out must keep rows together (`Sharded`)."""

    def __init__(self, documents: Sequence[Sequence[int]], rows: int, window: int, seed: int = 0,
                 device: torch.device | str = "cpu"):
        if window < 1 or not 1 <= rows <= len(documents):
            raise CourseError(f"{len(documents)} documents do not fill {rows} rows of windows of {window}: "
                              "give at most as many rows as documents, and a window of 1 or more.")
        self.window, self.seed, self.device = window, seed, device
        self.documents = [torch.tensor([BOS, *document, EOS]) for document in documents]
        windows = [-(-(len(document) - 1) // window) for document in self.documents]
        self.rows: list[list[int]] = [[] for _ in range(rows)]
        filled = [0] * rows
        for i in sorted(range(len(documents)), key=lambda i: -windows[i]):           # the longest first, where room is
            row = filled.index(min(filled))
            self.rows[row].append(i)
            filled[row] += windows[i]
        self.length = max(filled)
        self.waste: float = 1 - sum(len(d) - 1 for d in self.documents) / (self.length * rows * window)
        """Share of the targets that are padding, 0..1."""
        self._epoch, self._tokens, self._fresh = -1, torch.empty(0), torch.empty(0)

    def __len__(self) -> int:
        """Batches per epoch."""
        return self.length

    def __getitem__(self, step: int) -> tuple[Tensor, Tensor]:
        if step < 0:
            raise IndexError(f"batch {step}: steps count from 0")
        epoch, place = divmod(step, self.length)
        if epoch != self._epoch:
            self._lay_out(epoch)
        return self._tokens[:, place], self._fresh[:, place]

    def _lay_out(self, epoch: int) -> None:
        draw = np.random.default_rng((self.seed, epoch))
        self._tokens = torch.full((len(self.rows), self.length, self.window + 1), PAD)
        self._fresh = torch.zeros(len(self.rows), self.length, dtype=torch.bool)
        for row, members in enumerate(self.rows):
            place = 0
            for i in draw.permutation(members):
                self._fresh[row, place] = True
                document = self.documents[i]
                for start in range(0, len(document) - 1, self.window):
                    piece = document[start:start + self.window + 1]
                    self._tokens[row, place, :len(piece)] = piece
                    place += 1
        self._epoch, self._tokens, self._fresh = epoch, self._tokens.to(self.device), self._fresh.to(self.device)


@dataclass(frozen=True)
class Windows:
    """`[step]` -> (tokens (B, T + 1),): windows of one long text, each beginning anywhere, drawn from (seed, step).

    Args:
        text: ids (N,); the windows lie on its device.
        rows: windows of a batch, B.
        window: targets in a window, T.
        seed: a whole number ≥ 0.
    Raises:
        CourseError: a text that is shorter than a window and one token more.
    """

    text: Tensor
    rows: int
    window: int
    seed: int = 0

    def __post_init__(self):
        if len(self.text) <= self.window:
            raise CourseError(f"A text of {len(self.text)} tokens has no window of {self.window} and one to predict: "
                              "give a longer text or a shorter window.")

    def __getitem__(self, step: int) -> tuple[Tensor]:
        starts = np.random.default_rng((self.seed, step)).integers(len(self.text) - self.window, size=self.rows)
        places = torch.from_numpy(starts)[:, None] + torch.arange(self.window + 1)
        return (self.text[places.to(self.text.device)],)
