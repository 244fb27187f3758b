"""How likely a language model finds a text, in nats: token by token, and document by document."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.data.text.sequences import pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD


def token_nats(logits: Tensor, targets: Tensor) -> Tensor:
    """−log p of each target in nats: (B, T, V), (B, T) -> (B, T), with 0 where the target is PAD."""
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none").view_as(targets)


def document_nats(read: Callable[[Tensor], Tensor], documents: Sequence[Sequence[int]], size: int,
                  device: torch.device) -> Tensor:
    """`nats` of any language model: read gives the `token_nats` (B, T) of tokens (B, T + 1), BOS … EOS, then PAD."""
    order, found = sorted(range(len(documents)), key=lambda i: len(documents[i])), torch.zeros(len(documents))
    for rows in (order[i:i + size] for i in range(0, len(order), size)):
        tokens = pad([[BOS, *documents[i], EOS] for i in rows]).to(device)
        found[rows] = read(tokens).sum(dim=1).to(found)
    return found
