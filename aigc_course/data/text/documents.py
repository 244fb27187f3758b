"""Held-out documents: a document is never cut, and one that occurs twice lies on one side only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from aigc_course.data.splits import split
from aigc_course.errors import CourseError

T = TypeVar("T")


def split_documents(documents: Sequence[T], shares: Sequence[float] = (0.8, 0.1, 0.1), seed: int = 0) -> list[list[T]]:
    """As many lists as shares (train, validation, test) of the distinct documents, in an order that `seed` draws.

    Duplicates are dropped before anything is drawn, so that no list holds a document of another. Choose settings on
    the validation part and look at the test part once.
    Raises: CourseError if the shares do not sum to 1 or leave a part without documents.
    """
    distinct = list(dict.fromkeys(documents))
    parts = list(split(distinct, lambda document: [document], shares, seed))
    if not all(parts):
        raise CourseError(f"{len(distinct)} distinct documents are too few for {len(shares)} parts: load more.")
    return parts
