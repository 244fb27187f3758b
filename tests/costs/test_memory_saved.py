"""Bytes kept for the backward pass: counted against arithmetic, and the exponents in which attention's grow."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from aigc_course.costs.memory import saved_for_backward
from aigc_course.models.attention import attention

F32 = 4


def test_a_linear_layer_keeps_its_input_and_not_its_weights():
    net, x = nn.Linear(8, 16), torch.randn(32, 8)
    with saved_for_backward(net) as saved:
        y = net(x)
    assert saved.now == saved.peak == 32 * 8 * F32
    del y
    assert saved.now == 0 and saved.peak == 32 * 8 * F32


def test_two_views_of_one_tensor_count_once_and_backward_frees():
    x = torch.randn(10, 10, requires_grad=True)
    with saved_for_backward() as saved:
        y = x[:5] * x[5:]
        assert saved.now == 100 * F32
        y.sum().backward()
        assert saved.now == 0


def test_one_graph_after_the_other_peaks_at_the_larger():
    with saved_for_backward() as saved:
        for n in (30, 10):
            x = torch.randn(n, requires_grad=True)
            x.exp().sum().backward()
    assert saved.peak == 30 * F32


def test_a_graph_that_never_goes_back_is_freed_with_its_result():
    x = torch.randn(10, requires_grad=True)
    with saved_for_backward() as saved:
        y = x.exp().softmax(0)                                     # both keep what they put out
        assert saved.now == 2 * 10 * F32
        del y
    assert saved.now == 0


def test_checkpointing_keeps_only_the_input():
    net, x = nn.Sequential(nn.Linear(8, 800), nn.Tanh(), nn.Linear(800, 8)), torch.randn(32, 8, requires_grad=True)
    with saved_for_backward(net) as whole:
        kept = net(x)
    with saved_for_backward(net) as less:
        again = checkpoint(net, x, use_reentrant=False)
    assert torch.equal(kept, again)
    assert whole.now == 32 * (8 + 800) * F32 and less.now == 32 * 8 * F32


@pytest.mark.parametrize(("how", "expected"), [("plain", 2), ("fused", 1)])
def test_memory_of_attention_grows_with_the_square_of_the_length_or_with_the_length(how, expected):
    lengths, bytes_ = (256, 512, 1024), []
    for length in lengths:
        q, k, v = (torch.randn(1, 2, length, 4, requires_grad=True) for _ in range(3))
        with saved_for_backward() as saved:
            out = attention(q, k, v, causal=True, how=how)
            bytes_.append(saved.now)
        assert out.shape == (1, 2, length, 4)
    exponents = [math.log2(b / a) for a, b in zip(bytes_, bytes_[1:], strict=False)]
    assert exponents == pytest.approx([expected] * 2, abs=0.05)
