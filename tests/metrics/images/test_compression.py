"""Quantised principal components where rate and distortion are known."""

from __future__ import annotations

import math

import pytest
import torch
from sklearn.decomposition import PCA

from aigc_course.errors import CourseError
from aigc_course.metrics.images.compression import fit_pca, quantised_pca


@pytest.fixture
def rows():
    generator = torch.Generator().manual_seed(0)
    spread = torch.tensor([4.0, 2.0, 1.0, 0.5, 0.1]).double()
    turn = torch.linalg.qr(torch.randn(5, 5, generator=generator).double()).Q
    return torch.randn(8000, 5, generator=generator).double() * spread @ turn + 3


def test_axes_and_codes_equal_sklearns(rows):
    ours, theirs = fit_pca(rows, 3), PCA(3).fit(rows.numpy())
    wanted = torch.from_numpy(theirs.components_)
    torch.testing.assert_close((ours.axes * wanted).sum(1).abs(), torch.ones(3).double())
    restored = torch.from_numpy(theirs.inverse_transform(theirs.transform(rows.numpy())))
    torch.testing.assert_close(ours.decode(ours.encode(rows)), restored)


def test_fine_steps_cost_the_differential_entropy_and_err_by_a_twelfth(rows):
    """h(N(0, σ²)) − log Δ nats per coefficient, and Δ²/12 of error, for Δ well below every σ (Gersho 1979)."""
    step, half = 0.05, 4000
    rate, decoded = quantised_pca(fit_pca(rows, 5), rows[:half], rows[half:], step)
    entropy = sum(math.log(s) + 0.5 * math.log(2 * math.pi * math.e) - math.log(step) for s in (4, 2, 1, 0.5, 0.1))
    assert rate == pytest.approx(entropy, abs=0.4)                       # too few rows for the finest tables
    assert (decoded - rows[half:]).square().mean().item() == pytest.approx(step**2 / 12, rel=0.05)


def test_coarser_steps_cost_less_and_err_more_down_to_the_mean(rows):
    pca, points = fit_pca(rows, 5), []
    for step in (0.1, 0.5, 2.0, 8.0, 200.0):
        rate, decoded = quantised_pca(pca, rows, rows, step)
        points.append((rate, (decoded - rows).square().mean().item()))
    rates, errors = zip(*points, strict=True)
    assert list(rates) == sorted(rates, reverse=True) and list(errors) == sorted(errors)
    assert rates[-1] == pytest.approx(0, abs=1e-3)
    assert errors[-1] == pytest.approx(rows.var(dim=0, correction=0).mean().item())


def test_values_never_counted_cost_much_but_not_everything(rows):
    rate, decoded = quantised_pca(fit_pca(rows, 5), rows[:100], rows[:10] + 50, 1.0)
    assert 5 < rate < 100 and decoded.isfinite().all()


def test_impossible_requests_are_refused(rows):
    with pytest.raises(CourseError, match="ask for fewer"):
        fit_pca(rows, 6)
    with pytest.raises(CourseError, match="NaN"):
        fit_pca(rows / 0, 2)


@pytest.mark.parametrize(("value", "count"), [(0.0, 750), (1.0, 250)])
def test_a_value_costs_what_the_training_rows_say(value, count):
    known = torch.tensor([0.0] * 750 + [1.0] * 250).double()[:, None]
    pca = fit_pca(known, 1)._replace(axes=torch.ones(1, 1).double())         # the sign of an axis is arbitrary
    rate, decoded = quantised_pca(pca, known, torch.full((7, 1), value).double(), 1.0)
    assert rate == pytest.approx(-math.log((count + 0.5) / 1001))
    assert decoded.unique().item() == pytest.approx(round(value - 0.25) + 0.25)
