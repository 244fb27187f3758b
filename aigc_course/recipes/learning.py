"""How most recipes learn: the rate of the optimiser goes through one cycle, and no gradient is longer than a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

import torch
from torch import nn

from aigc_course.schedules import one_cycle
from aigc_course.train import Learner


class Cycle(Protocol):
    """What every such recipe's config has; properties, since a config is frozen."""

    @property
    def steps(self) -> int: ...

    @property
    def lr(self) -> float: ...

    @property
    def clip(self) -> float: ...


class Portions(Protocol):
    """What a recipe's batches are drawn by: so many positions in each, in an order that the seed decides."""

    @property
    def tokens(self) -> int: ...

    @property
    def seed(self) -> int: ...


def learner(net: nn.Module, config: Cycle, optimiser: Callable[..., torch.optim.Optimizer] = torch.optim.AdamW,
            weights: Iterable[Any] | None = None, **options: Any) -> Learner:
    """A learner whose rate climbs to `config.lr` and falls to nothing at `config.steps`, gradients clipped.

    weights: what moves, or groups of it as the optimiser takes them; None is all of the net. options: the optimiser's.
    """
    opt = optimiser(net.parameters() if weights is None else weights, config.lr, **options)
    return Learner(net, opt, lr=partial(one_cycle, steps=config.steps, peak=config.lr), clip=config.clip)
