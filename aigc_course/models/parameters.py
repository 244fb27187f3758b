"""The parameters of a net, held still or averaged over its training."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn


@contextlib.contextmanager
def frozen(net: nn.Module) -> Iterator[None]:
    """A forward pass through constant weights: gradients still flow through `net`, but none are kept for it."""
    weights = [weight for weight in net.parameters() if weight.requires_grad]
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)


def moving_average(net: nn.Module, decay: float) -> AveragedModel:
    """An exponential moving average of a net's weights, θ' ← decay·θ' + (1 − decay)·θ after each move.

    A generator's samples from it are better and steadier (Yazıcı et al. 2018, https://arxiv.org/abs/1806.04498).
    Batch normalisation's running mean and variance are buffers, not parameters: by default AveragedModel copies
    them from the net, whose statistics do not fit the averaged weights. `use_buffers=True` averages them as well.
    """
    return AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(decay), use_buffers=True)
