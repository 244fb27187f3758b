"""Which numbers a setting can have: types for the fields of configs.

    lr: Rate = 1e-3

Whatever comes from outside, a command line or a file, is held against them in one place, `runs.options.read`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Range:
    """The numbers from `least` to `most`, both included unless an end is open. No number that is none is among them."""

    least: float
    most: float
    open: str = ""
    """"least", "most", or neither."""

    def __contains__(self, value: float) -> bool:
        return (self.least <= value <= self.most
                and not (self.open == "least" and value == self.least or self.open == "most" and value == self.most))

    def __str__(self) -> str:
        return (f"{'above' if self.open == 'least' else 'from'} {self.least:,} "
                f"{'and below' if self.open == 'most' else 'up to'} {self.most:,}")


Count = Annotated[int, Range(1, 10**9)]
"""Rounds, and whatever else takes time but no memory."""
Many = Annotated[int, Range(1, 10**6)]
"""What is held in memory together: examples, those of a batch, its tokens."""
Size = Annotated[int, Range(1, 2**16)]
"""Of a layer."""
Depth = Annotated[int, Range(1, 1000)]
"""Layers on top of one another."""
Threads = Annotated[int, Range(1, 1024)]
"""A system has no more of them for one process; asked for a million, some end it without a word."""
Whole = Annotated[int, Range(0, 10**6)]
"""What may be left out: 0."""
Seed = Annotated[int, Range(0, 2**32 - 1)]
Rate = Annotated[float, Range(0, 100, "least")]
"""A learning rate; at 0 nothing is learnt."""
Bound = Annotated[float, Range(0, 10**6, "least")]
"""What a gradient is cut to; at 0 nothing is learnt, below it the loss is climbed."""
Weight = Annotated[float, Range(0, 10**6)]
"""Of a term of the loss."""
Share = Annotated[float, Range(0, 1, "most")]
"""A part of a whole, never all of it."""
Part = Annotated[float, Range(0, 1, "least")]
"""A part of a whole, never nothing."""
