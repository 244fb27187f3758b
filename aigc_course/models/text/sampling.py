"""From logits to the next token: greedy, temperature, top-k and top-p, for every model that writes token by token."""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_course.data.text.vocabulary import BOS, PAD, UNK

SILENT = (PAD, BOS, UNK)
"""What no text says, though training may have given it a probability."""
ROUNDING = 1e-6
"""How far a sum of probabilities in float32 may be from the number that it stands for."""


def silent(known: int, rows: int) -> tuple[int, ...]:
    """The ids that a model of `rows` tokens must not write for a vocabulary that knows `known` of them: `SILENT`, and
    those of a vocabulary that was rounded up, which nothing decodes."""
    return *SILENT, *range(known, rows)


def sampling_distribution(logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """The distribution that a sampler with these three settings draws from.

    logits: (..., V), −∞ for a token that is never drawn. temperature > 0 divides them; top_k > 0 keeps the k likeliest
    tokens, all where there are fewer; top_p < 1 then keeps the smallest set of likeliest tokens whose probabilities sum
    to at least top_p, up to rounding (never fewer than one). Of tokens that are equally likely the earlier one is kept.
    Returns probabilities (..., V) that sum to 1, in float32 at least.

    Sources: Fan et al. 2018 (top-k); Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration" (top-p).
    Raises: ValueError for a temperature that is not positive, a negative top_k, or top_p outside (0, 1].
    """
    if not temperature > 0 or not 0 < top_p <= 1 or top_k < 0:
        raise ValueError(f"expected temperature > 0, top_k >= 0 and 0 < top_p <= 1, got {temperature}, {top_k} and "
                         f"{top_p}")
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    highest = logits.amax(dim=-1, keepdim=True)                       # taken off first: nothing overflows when divided
    ordered, order = torch.sort((logits - highest) / temperature, dim=-1, descending=True, stable=True)
    if top_k:
        ordered[..., top_k:] = -torch.inf
    probabilities = ordered.softmax(-1)
    if top_p < 1:
        before = probabilities.cumsum(-1).roll(1, -1)                 # the sum of the likelier ones
        before[..., 0] = 0
        probabilities = probabilities * (before < max(top_p - ROUNDING, ROUNDING))
        probabilities = probabilities / probabilities.sum(-1, keepdim=True)
    return torch.zeros_like(probabilities).scatter(-1, order, probabilities)


def next_token(logits: Tensor, temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0) -> Tensor:
    """One token for each row: logits (B, V) -> (B,) long, drawn from `sampling_distribution`.

    temperature = 0 is its limit, greedy decoding: the likeliest token, the earliest of equals, and no random number.
    Raises: ValueError for settings that mean nothing, as `sampling_distribution` does.
    """
    if temperature == 0 and top_k >= 0 and 0 < top_p <= 1:
        return logits.argmax(dim=-1)
    return torch.multinomial(sampling_distribution(logits, temperature, top_k, top_p), 1).squeeze(-1)
