"""What probes need to look at gradients, however an answer is put together."""

from typing import Any

import torch


def through(value: Any) -> torch.Tensor:
    """`value` as a tensor to send a gradient back through; a list or tuple of tensors becomes one.

    What hangs on no leaf (a number, an array of NumPy's, a detached tensor) becomes a zero of its own: there the
    gradient ends, and the leaves get none.
    """
    try:
        whole = tensor(value)
    except (TypeError, ValueError, RuntimeError):
        return torch.zeros((), requires_grad=True)
    return whole if whole.requires_grad else torch.zeros((), requires_grad=True)


def gradient(leaf: torch.Tensor) -> torch.Tensor:
    """What has come back to `leaf`; zeros if nothing has."""
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def tensor(value: Any) -> torch.Tensor:
    """A tensor, an array or nested lists of these as one tensor. Raises: TypeError, ValueError or RuntimeError."""
    return torch.stack([tensor(part) for part in value]) if isinstance(value, list | tuple) else torch.as_tensor(value)
