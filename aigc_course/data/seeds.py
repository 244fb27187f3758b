"""Seeds of what is drawn to learn from, apart from those of what is held out: no `--seed` can make the two meet."""

from __future__ import annotations

HELD_OUT = range(100, 2**64)
"""Whatever is drawn to be held out, beside data that is drawn to learn from, has one of these seeds."""


def training_seed(number: int) -> int:
    """The number-th seed, from 0, that is not in `HELD_OUT`: 0 … 99, then 2⁶⁴ and up."""
    return number if number < HELD_OUT.start else number - HELD_OUT.start + HELD_OUT.stop
