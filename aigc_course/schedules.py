"""Numbers that change while a net learns: functions of the round, all called as f(step, steps, peak)."""

from __future__ import annotations

import math


def one_cycle(step: int, steps: int, peak: float) -> float:
    """Learning rate of round `step`: half a cosine up for 30 % of the steps, half a cosine down to nothing.

    Source: L. Smith, N. Topin, "Super-Convergence", 2017, https://arxiv.org/abs/1708.07120.
    """
    warm = 0.3 * steps
    phase = 1 - step / warm if step < warm else (step - warm) / (steps - warm)
    return peak * max((1 + math.cos(math.pi * phase)) / 2, 0.01)


def linear(step: int, steps: int, peak: float) -> float:
    """From `peak` in a straight line to nothing at round `steps`."""
    return peak * max(0.0, 1 - step / steps)


def warm_up(step: int, steps: int, peak: float) -> float:
    """From nothing in a straight line to `peak` at round `steps`, where it stays (Bowman et al. 2016)."""
    return peak * min(1.0, step / steps)
