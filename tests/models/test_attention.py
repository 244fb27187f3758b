"""Attention and its heads against torch in value and gradient; masks, cache, positions and scale by what they claim."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.errors import CourseError
from aigc_course.models import attention as A
from aigc_course.models.attention import KVCache, MultiHeadAttention, attention, attention_weights, causal_mask
from aigc_course.models.text.transformer import Block


def value_and_gradients(function, *inputs: Tensor) -> list[Tensor]:
    leaves = [one.detach().clone().requires_grad_() for one in inputs]
    value = function(*leaves)
    weights = torch.arange(value.numel(), dtype=value.dtype).view_as(value).cos()     # a sum that tells places apart
    return [value, *torch.autograd.grad((value * weights).sum(), leaves)]


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


Q, K, V = drawn(2, 3, 5, 8), drawn(2, 3, 7, 8, seed=1), drawn(2, 3, 7, 8, seed=2)
PADDED = torch.tensor([7, 4])[:, None, None, None] > torch.arange(7)


@pytest.mark.parametrize("how", ["plain", "fused", "auto"])
@pytest.mark.parametrize("mask", [None, PADDED, causal_mask(5, 7), PADDED & causal_mask(5, 7)],
                         ids=["all", "padding", "causal", "both"])
def test_attention_equals_torch_in_value_and_gradient(how, mask):
    ours = value_and_gradients(lambda *qkv: attention(*qkv, mask, how=how), Q, K, V)
    torch.testing.assert_close(ours, value_and_gradients(
        lambda *qkv: F.scaled_dot_product_attention(*qkv, attn_mask=mask), Q, K, V))


@pytest.mark.parametrize("dtype, dropout, kernel", [(torch.float32, 0.0, True), (torch.float32, 0.1, False),
                                                    (torch.bfloat16, 0.0, False)])
def test_auto_takes_the_kernel_where_it_was_measured_to_be_faster(monkeypatch, dtype, dropout, kernel):
    called = []
    monkeypatch.setattr(F, "scaled_dot_product_attention", lambda q, *args, **options: called.append(1) or q)
    attention(Q.to(dtype), K.to(dtype), V.to(dtype), dropout=dropout)
    assert bool(called) is kernel


def test_attention_by_hand():
    """Two keys with scores 0 and ln 3 weigh ¼ and ¾: q·k/√D with D = 4, k = (2 ln 3, 0, 0, 0)."""
    q = torch.tensor([1.0, 0, 0, 0]).view(1, 1, 1, 4)
    k = torch.zeros(1, 1, 2, 4)
    k[..., 1, 0] = 2 * math.log(3)
    torch.testing.assert_close(attention_weights(q, k).flatten(), torch.tensor([0.25, 0.75]))


@pytest.mark.parametrize("how", ["plain", "fused"])
@pytest.mark.parametrize("queries", [1, 3, 7])
@pytest.mark.parametrize("mask", [None, PADDED], ids=["all", "padding"])
def test_causal_queries_are_the_last_positions(how, queries, mask):
    """With fewer queries than keys, as after a cache, each still sees itself and all before it, and nothing later."""
    q = Q.repeat(1, 1, 2, 1)[:, :, :queries]
    past = torch.arange(7) <= torch.arange(7 - queries, 7)[:, None]
    wanted = F.scaled_dot_product_attention(q, K, V, attn_mask=past if mask is None else past & mask)
    torch.testing.assert_close(attention(q, K, V, mask, causal=True, how=how), wanted)


def test_hidden_keys_weigh_exactly_nothing():
    weights = attention_weights(Q, K, PADDED)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 5))
    assert (weights[1, ..., 4:] == 0).all() and (weights[0] > 0).all()


@pytest.mark.parametrize("how", ["plain", "fused"])
def test_dropout_hides_weights_and_keeps_the_mean(how):
    torch.manual_seed(0)
    ones = torch.ones(64, 4, 16, 8)
    out = attention(drawn(64, 4, 16, 8), drawn(64, 4, 16, 8, seed=1), ones, dropout=0.5, how=how)
    assert out.std() > 0.1 and abs(out.mean() - 1) < 0.02


def test_scores_keep_variance_one_and_the_softmax_its_gradient():
    """Without 1/√D, scores of D = 1,024 have standard deviation 32: the softmax is one-hot and passes no gradient."""
    for width in (4, 64, 1024):
        q, k = drawn(1, 1, 400, width), drawn(1, 1, 400, width, seed=1)
        weights = attention_weights(q, k)
        scores = weights.log() - weights.log().mean(dim=-1, keepdim=True)
        assert 0.9 < scores.std() < 1.1
        assert (weights * (1 - weights)).sum(-1).mean() > 0.9                         # trace of the softmax's Jacobian
        unscaled = attention_weights(q * math.sqrt(width), k)
        assert width < 1024 or (unscaled * (1 - unscaled)).sum(-1).mean() < 0.3


# --- several heads ----------------------------------------------------------------------------------------------------


def torchs(ours: MultiHeadAttention) -> nn.MultiheadAttention:
    """nn.MultiheadAttention with our weights."""
    theirs = nn.MultiheadAttention(ours.out.in_features, ours.heads, batch_first=True)
    theirs.load_state_dict({"in_proj_weight": ours.qkv.weight, "in_proj_bias": ours.qkv.bias,
                            "out_proj.weight": ours.out.weight, "out_proj.bias": ours.out.bias})
    return theirs


def gradients(net: nn.Module, names: dict[str, str]) -> dict[str, Tensor]:
    return {ours: net.get_parameter(theirs).grad for ours, theirs in names.items()}


@pytest.mark.parametrize("how", ["plain", "fused"])
@pytest.mark.parametrize("cross", [False, True])
@pytest.mark.parametrize("heads", [1, 2, 6])
def test_heads_equal_torch_in_value_and_gradient(how, cross, heads):
    torch.manual_seed(0)
    ours = MultiHeadAttention(12, heads)
    nn.init.normal_(ours.qkv.bias)
    theirs, x, memory = torchs(ours), drawn(2, 5, 12), drawn(2, 7, 12, seed=1)
    A.use_attention(ours, how)
    given = (x, memory) if cross else (x,)
    real = torch.tensor([7 if cross else 5, 3])[:, None] > torch.arange(7 if cross else 5)
    mask = real[:, None, None] if cross else real[:, None, None] & causal_mask(5, 5)

    def their_value(x, other=None):
        other = x if other is None else other
        return theirs(x, other, other, key_padding_mask=~real, need_weights=False,
                      attn_mask=None if cross else ~causal_mask(5, 5))[0]

    torch.testing.assert_close(value_and_gradients(lambda *given: ours(*given, mask=mask), *given),
                               value_and_gradients(their_value, *given))
    names = {"qkv.weight": "in_proj_weight", "qkv.bias": "in_proj_bias",
             "out.weight": "out_proj.weight", "out.bias": "out_proj.bias"}
    ours(*given, mask=mask).square().sum().backward()
    their_value(*given).square().sum().backward()
    torch.testing.assert_close(gradients(ours, {name: name for name in names}), gradients(theirs, names))


def test_watching_shows_torchs_weights_and_changes_nothing():
    torch.manual_seed(0)
    ours, x = MultiHeadAttention(12, 3), drawn(2, 5, 12)
    before = ours(x, causal=True)
    with A.watch(ours) as seen:
        during = ours(x, causal=True)
    (weights,) = seen[""]
    _, wanted = torchs(ours)(x, x, x, attn_mask=~causal_mask(5, 5), average_attn_weights=False)
    torch.testing.assert_close(weights, wanted)
    assert torch.equal(before, during) and ours.seen is None


def test_watched_weights_hide_padding_and_the_future_together():
    torch.manual_seed(0)
    ours, x = MultiHeadAttention(12, 3), drawn(2, 5, 12)
    real = torch.tensor([5, 3])[:, None] > torch.arange(5)
    with A.watch(ours) as seen:
        ours(x, mask=real[:, None, None], causal=True)
    (weights,) = seen[""]
    _, wanted = torchs(ours)(x, x, x, key_padding_mask=~real, attn_mask=~causal_mask(5, 5), average_attn_weights=False)
    torch.testing.assert_close(weights, wanted)
    assert (weights[1, :, :, 3:] == 0).all() and (weights.triu(1) == 0).all()


@pytest.mark.parametrize("how", ["plain", "fused"])
def test_padding_on_the_left_weighs_nothing_on_either_path(how):
    """Queries of padding see themselves alone; the others, what they would see without it."""
    q, k, v = (drawn(1, 2, 6, 4, seed=seed) for seed in range(3))
    real = torch.arange(6) >= 2
    mask = (real & causal_mask(6, 6)) | torch.eye(6, dtype=torch.bool)
    found = A.attention(q, k, v, mask, causal=True, how=how)
    alone = A.attention(*(part[:, :, 2:] for part in (q, k, v)), causal=True, how=how)
    torch.testing.assert_close(found[:, :, 2:], alone)
    torch.testing.assert_close(found[:, :, :2], v[:, :, :2])


def test_heads_split_the_features_and_never_the_sequence():
    x = drawn(2, 9, 12)
    heads = MultiHeadAttention(12, 3).split(x)
    assert heads.shape == (2, 3, 9, 4)
    assert torch.equal(heads[:, 1, 5], x[:, 5, 4:8])


def test_an_indivisible_width_is_refused():
    with pytest.raises(CourseError, match="3 heads cannot share 10 features"):
        MultiHeadAttention(10, 3)
    with pytest.raises(CourseError, match="'plain', 'fused' or 'auto'"):
        A.use_attention(MultiHeadAttention(4, 2), "flash")


# --- cache ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pieces", [[6], [1] * 6, [3, 1, 2]])
def test_cached_attention_equals_attention_to_everything(pieces):
    torch.manual_seed(0)
    net, x = MultiHeadAttention(12, 3), drawn(2, 6, 12)
    cache = KVCache(6)
    with torch.no_grad():
        parts = [net(part, causal=True, cache=cache) for part in x.split(pieces, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), net(x, causal=True))


def test_cached_memory_is_projected_once():
    torch.manual_seed(0)
    net, x, memory, cache = MultiHeadAttention(12, 3), drawn(2, 2, 12), drawn(2, 7, 12, seed=1), KVCache(7)
    with torch.no_grad():
        parts = [net(part, memory, cache=cache) for part in x.split(1, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), net(x, memory))
    assert cache.length == 7


def test_a_full_cache_says_so_and_memory_stays_flat():
    cache = KVCache(2)
    cache.extend(K[:, :, :1], V[:, :, :1])
    kept = cache.keys.data_ptr()
    cache.extend(K[:, :, 1:2], V[:, :, 1:2])
    assert cache.keys.data_ptr() == kept and cache.keys.shape[2] == 2
    with pytest.raises(CourseError, match="room for 2 positions"):
        cache.extend(K[:, :, :1], V[:, :, :1])


# --- positions --------------------------------------------------------------------------------------------------------


def test_without_positions_attention_permutes_with_its_input():
    torch.manual_seed(0)
    block, x, order = Block(12, 3).eval(), drawn(2, 6, 12), torch.tensor([3, 1, 5, 0, 2, 4])
    torch.testing.assert_close(block(x[:, order]), block(x)[:, order])
    placed = x + A.sinusoids(6, 12)
    assert (block(x[:, order] + A.sinusoids(6, 12)) - block(placed)[:, order]).abs().max() > 0.1


def test_sinusoids_are_the_published_formula_and_shift_by_rotation():
    """PE(t + 3) is one linear map of PE(t) for all t: what lets attention learn distances (section 3.5)."""
    table = A.sinusoids(50, 6).double()
    assert table.shape == (50, 6)
    for t, i in ((0, 0), (7, 1), (49, 2)):
        angle = t / 10_000 ** (2 * i / 6)
        torch.testing.assert_close(table[t, 2 * i:2 * i + 2].tolist(), [math.sin(angle), math.cos(angle)],
                                   atol=1e-5, rtol=0)
    shift = torch.linalg.lstsq(table[:-3], table[3:]).solution
    torch.testing.assert_close(table[:-3] @ shift, table[3:], atol=1e-5, rtol=0)
    with pytest.raises(CourseError, match="come in pairs"):
        A.sinusoids(4, 5)


def test_rotated_products_depend_on_the_distance_alone():
    q, k = drawn(1, 8), drawn(1, 8, seed=1)

    def product(m: int, n: int) -> Tensor:
        (a, b), (c, d) = (A.rotation(torch.tensor([place]), 8) for place in (m, n))
        return (A.rotate(q, a, b) * A.rotate(k, c, d)).sum()

    torch.testing.assert_close(product(5, 2), product(103, 100), atol=1e-5, rtol=0)
    torch.testing.assert_close(product(0, 0), (q * k).sum())
    assert (product(5, 2) - product(5, 3)).abs() > 1e-3


@pytest.mark.slow
def test_rotation_equals_llamas_in_value_and_gradient():
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

    x, places = drawn(2, 3, 7, 8), torch.arange(7) + 4
    config = LlamaConfig(hidden_size=24, num_attention_heads=3)
    cos, sin = LlamaRotaryEmbedding(config)(x, places[None])
    theirs = value_and_gradients(lambda x: apply_rotary_pos_emb(x, x, cos, sin)[0], x)
    torch.testing.assert_close(value_and_gradients(lambda x: A.rotate(x, *A.rotation(places, 8)), x), theirs)
