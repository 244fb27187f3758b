"""The sampling rules against their definitions, and the tokens that they draw."""

import pytest
import torch

from aigc_course.compute import aside
from aigc_course.models.text.sampling import next_token, sampling_distribution


def by_definition(logits, temperature, top_k, top_p):
    """The three rules, one token at a time."""
    weight = {i: torch.exp(torch.tensor(x / temperature, dtype=torch.float64)).item() for i, x in enumerate(logits)}
    ranked = sorted(weight, key=lambda i: -weight[i])[:top_k or None]
    total, kept, mass = sum(weight[i] for i in ranked), [], 0.0
    for i in ranked:
        kept.append(i)
        mass += weight[i] / total
        if mass >= top_p:
            break
    total = sum(weight[i] for i in kept)
    return [weight[i] / total if i in kept else 0.0 for i in range(len(logits))]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("top_k", [0, 1, 5])
@pytest.mark.parametrize("top_p", [0.05, 0.6, 1.0])
def test_the_distribution_follows_its_definition(temperature, top_k, top_p):
    logits = torch.randn(12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ours = sampling_distribution(logits, temperature, top_k, top_p)
    torch.testing.assert_close(ours, torch.tensor(by_definition(logits.tolist(), temperature, top_k, top_p),
                                                  dtype=torch.float64))
    batch = sampling_distribution(torch.stack([logits, -logits]), temperature, top_k, top_p)
    torch.testing.assert_close(batch[0], ours)


def test_without_truncation_it_is_softmax_and_leaves_the_logits_alone():
    logits = torch.randn(3, 7)
    copy = logits.clone()
    torch.testing.assert_close(sampling_distribution(logits, 0.5), (logits / 0.5).softmax(-1))
    sampling_distribution(logits, 0.5, top_k=2, top_p=0.5)
    assert torch.equal(logits, copy)


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_p": 0.0}, {"top_p": 1.1}, {"top_k": -1},
                                   {"temperature": float("nan")}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="expected temperature"):
        sampling_distribution(torch.zeros(3), **wrong)


def test_tokens_are_drawn_from_the_distribution_row_by_row():
    logits = torch.tensor([[0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 0.0]])
    setting = {"temperature": 0.8, "top_k": 3, "top_p": 0.97}
    with aside(0):
        drawn = torch.stack([next_token(logits, **setting) for _ in range(5000)])              # (5000, 2)
    shares = torch.stack([(drawn == token).float().mean(dim=0) for token in range(4)], dim=1)  # (2, 4)
    expected = sampling_distribution(logits, **setting)
    assert ((shares - expected).abs() < 4 * (expected * (1 - expected) / 5000).sqrt() + 1e-9).all()


def test_temperature_zero_is_greedy_and_draws_nothing():
    logits = torch.tensor([[0.0, 2.0, 2.0], [5.0, 1.0, 0.0]])
    before = torch.get_rng_state()
    assert next_token(logits, temperature=0).tolist() == [1, 0]
    assert torch.equal(before, torch.get_rng_state())
    assert next_token(logits, top_k=1).tolist() == [1, 0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16, torch.float64])
def test_top_p_of_1_keeps_every_token_however_unlikely(dtype):
    logits = torch.tensor([18.0, 0.0, 0.0, 0.0], dtype=dtype)
    torch.testing.assert_close(sampling_distribution(logits).double(), logits.double().softmax(-1), rtol=1e-5, atol=0)
    assert (sampling_distribution(torch.tensor([60.0, 0.0]), top_p=1.0) > 0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("p", [[0.5, 0.25, 0.125, 0.125], [0.4, 0.3, 0.2, 0.1], [0.7, 0.1, 0.1, 0.1], [0.6, 0.3, 0.1]])
def test_where_top_p_is_reached_exactly_nothing_more_is_kept(p, dtype):
    for many in range(1, len(p)):
        kept = sampling_distribution(torch.tensor(p, dtype=dtype).log(), top_p=sum(p[:many])) > 0
        assert kept.tolist() == [n < many for n in range(len(p))]
    assert (sampling_distribution(torch.tensor(p, dtype=dtype).log(), top_p=1e-9) > 0).sum() == 1


def test_equals_are_kept_from_the_first_on_and_more_than_all_are_all():
    level = torch.zeros(2, 5)
    assert (sampling_distribution(level, top_k=2) > 0).tolist() == [[True, True, False, False, False]] * 2
    assert (sampling_distribution(level, top_p=0.5) > 0).tolist() == [[True, True, True, False, False]] * 2
    assert torch.equal(sampling_distribution(level, top_k=99), sampling_distribution(level))
    assert next_token(torch.zeros(3, 4), temperature=0).tolist() == [0, 0, 0]


def test_excluded_tokens_are_never_drawn_and_small_temperatures_do_not_overflow():
    logits = torch.tensor([[-torch.inf, 1.0, -torch.inf, 0.0], [2.0, -torch.inf, -torch.inf, -torch.inf]])
    for settings in ({}, {"top_k": 3}, {"top_p": 0.999}, {"top_p": 1.0, "top_k": 9}):
        found = sampling_distribution(logits, **settings)
        torch.testing.assert_close(found.sum(-1), torch.ones(2))
        assert (found[logits == -torch.inf] == 0).all()
    assert sampling_distribution(torch.tensor([300.0, 299.0]), temperature=1e-37).tolist() == [1.0, 0.0]


def test_half_precision_is_counted_in_float32():
    logits = torch.randn(5, 2000, generator=torch.Generator().manual_seed(0)).bfloat16()
    for settings in ({}, {"top_p": 0.7}, {"temperature": 0.3, "top_k": 50}):
        found = sampling_distribution(logits, **settings)
        assert torch.equal(found, sampling_distribution(logits.float(), **settings)) and found.dtype is torch.float32
    assert next_token(logits).shape == (5,)


@pytest.mark.parametrize("settings", [{"top_p": 7.0}, {"top_k": -2}])
def test_greedy_decoding_does_not_hide_settings_that_mean_nothing(settings):
    with pytest.raises(ValueError, match="expected"):
        next_token(torch.zeros(1, 3), temperature=0, **settings)


def test_of_many_equals_the_first_are_kept():
    """A sort of thousands keeps the order of equals only if it is told to."""
    kept = sampling_distribution(torch.zeros(2, 20_000), top_k=3) > 0
    assert kept[:, :3].all() and kept.sum() == 6
