"""From logits to the next token: greedy, temperature, top-k and top-p, for every model that writes token by token."""

from __future__ import annotations

import torch
from torch import Tensor


def sampling_distribution(logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """The distribution that a sampler with these three settings draws from.

    logits: (..., V). temperature > 0 divides them; top_k > 0 keeps the k likeliest tokens; top_p < 1 then keeps the
    smallest set of likeliest tokens whose probabilities sum to at least top_p (never fewer than one). Of tokens
    that are equally likely the earlier one is kept. Returns probabilities (..., V) that sum to 1.

    Sources: Fan et al. 2018 (top-k); Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (top-p).
    Raises: ValueError for a temperature that is not positive, or top_p outside (0, 1].
    """
    if temperature <= 0 or not 0 < top_p <= 1:
        raise ValueError(f"expected temperature > 0 and 0 < top_p <= 1, got {temperature} and {top_p}")
    ordered, order = torch.sort(logits / temperature, dim=-1, descending=True, stable=True)
    if top_k:
        ordered[..., top_k:] = -torch.inf
    probabilities = ordered.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities
    probabilities = probabilities * (before < top_p)
    probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return torch.zeros_like(probabilities).scatter(-1, order, probabilities)


def next_token(logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """One token for each row: logits (B, V) -> (B,) long, drawn from `sampling_distribution`.

    temperature = 0 is its limit, greedy decoding: the likeliest token, the earliest of equals, and no random number.
    Raises: ValueError for settings that mean nothing, as `sampling_distribution` does.
    """
    if temperature == 0:
        return logits.argmax(dim=-1)
    return torch.multinomial(sampling_distribution(logits, temperature, top_k, top_p), 1).squeeze(-1)
