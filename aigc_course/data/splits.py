"""Splits that do not leak: what belongs together stays together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from random import Random
from typing import TypeVar

from aigc_course.errors import CourseError

T = TypeVar("T")


def connected(items: Sequence[T], keys: Callable[[T], Iterable[Hashable]]) -> list[list[T]]:
    """Group items so that two which share a key, directly or by way of others, are in one group.

    The connected components of the graph whose edges are shared keys, by union-find. Groups come in the order of their
    first items, items in their own.
    """
    parent = list(range(len(items)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]  # halves the path for the next who asks
            i = parent[i]
        return i

    owner: dict[Hashable, int] = {}
    for i, item in enumerate(items):
        for key in keys(item):
            parent[root(i)] = root(owner.setdefault(key, i))
    groups: dict[int, list[T]] = defaultdict(list)
    for i, item in enumerate(items):
        groups[root(i)].append(item)
    return list(groups.values())


def split(
    items: Sequence[T],
    keys: Callable[[T], Iterable[Hashable]],
    shares: Sequence[float] = (0.9, 0.05, 0.05),
    seed: int = 0,
) -> tuple[list[T], ...]:
    """Random parts (training, validation, test) between which no key is shared.

    Args:
        items: what to split.
        keys: of one item; items that share one go to the same part.
        shares: of the parts; they sum to 1. A later part gets at most its share, the first what is left.
        seed: of the choice.
    Raises:
        CourseError: shares that are negative or do not sum to 1.
    """
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6:
        raise CourseError(f"The shares {tuple(shares)} sum to {sum(shares):g}: give shares that sum to 1.")
    groups = connected(items, keys)
    Random(seed).shuffle(groups)
    parts: list[list[T]] = [[] for _ in shares]
    for group in groups:
        room = (
            part for part, share in zip(parts[1:], shares[1:], strict=True)
            if len(part) + len(group) <= share * len(items)
        )  # fmt: skip
        next(room, parts[0]).extend(group)
    for part in parts:
        Random(seed).shuffle(part)  # else groups would stand together
    return tuple(parts)
