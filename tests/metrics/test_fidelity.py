"""Distances against closed forms, other libraries, brute force, and what they must not notice."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.linalg
import torch
from sklearn.metrics.pairwise import polynomial_kernel

from aigc_course.errors import CourseError
from aigc_course.metrics import fidelity as m


def rows(n: int, f: int, seed: int, scale: float = 1.0, shift: float = 0.0) -> torch.Tensor:
    return scale * torch.randn(n, f, generator=torch.Generator().manual_seed(seed)) + shift


def covariance(f: int, rank: int, seed: int) -> torch.Tensor:
    a = rows(f, rank, seed).double()
    return a @ a.T / rank


# --- Fréchet distance ------------------------------------------------------------------------------------------------


def test_frechet_of_round_gaussians_is_the_sum_of_squares():
    """For diagonal covariances: |m₁ − m₂|² + Σ (s₁ − s₂)²."""
    m1, m2 = torch.tensor([1.0, 2.0, 3.0]).double(), torch.tensor([1.0, 0.0, 4.0]).double()
    s1, s2 = torch.tensor([1.0, 2.0, 0.5]).double(), torch.tensor([3.0, 2.0, 0.0]).double()
    found = m.gaussian_frechet(m1, torch.diag(s1**2), m2, torch.diag(s2**2))
    assert found == pytest.approx(5 + 4.25)


@pytest.mark.parametrize("ranks", [(8, 8), (8, 3), (2, 3)])
def test_frechet_equals_scipys_matrix_square_root(ranks):
    """Also for singular covariances, where the general square root is unstable."""
    m1, m2 = rows(2, 6, seed=1).double()
    c1, c2 = covariance(6, ranks[0], 2), covariance(6, ranks[1], 3)
    root = np.real(scipy.linalg.sqrtm((c1 @ c2).numpy()))
    wanted = (m1 - m2).square().sum().item() + np.trace(c1 + c2) - 2 * np.trace(root)
    assert m.gaussian_frechet(m1, c1, m2, c2) == pytest.approx(wanted, abs=1e-5)


def test_frechet_fits_mean_and_unbiased_covariance():
    x = rows(50, 4, seed=1)
    mean, cov = m.gaussian(x)
    np.testing.assert_allclose(mean, x.numpy().astype(float).mean(0))
    np.testing.assert_allclose(cov, np.cov(x.numpy().astype(float).T))


def test_frechet_invariances():
    a, b = rows(300, 5, seed=1), rows(400, 5, seed=2, scale=1.5, shift=0.7)
    distance = m.frechet_distance(a, b)
    turn, _ = torch.linalg.qr(rows(5, 5, seed=3).double())
    assert m.frechet_distance(a, a) == pytest.approx(0, abs=1e-9)
    assert m.frechet_distance(b, a) == pytest.approx(distance)
    assert m.frechet_distance(a + 3, b + 3) == pytest.approx(distance, rel=1e-5)
    assert m.frechet_distance(a.double() @ turn, b.double() @ turn) == pytest.approx(distance)
    assert m.frechet_distance(2 * a, 2 * b) == pytest.approx(4 * distance)


def test_frechet_shrinks_with_n_for_equal_distributions():
    small = m.frechet_distance(rows(50, 5, seed=1), rows(50, 5, seed=2))
    large = m.frechet_distance(rows(5000, 5, seed=1), rows(5000, 5, seed=2))
    assert 0 < large < 0.05 < small


# --- kernel distance -------------------------------------------------------------------------------------------------


def test_kernel_distance_equals_its_formula_with_sklearns_kernel():
    x, y = rows(40, 6, seed=1).numpy(), rows(30, 6, seed=2, shift=0.3).numpy()
    kxx, kyy, kxy = (polynomial_kernel(a, b, degree=3, coef0=1) for a, b in ((x, x), (y, y), (x, y)))
    wanted = ((kxx.sum() - np.trace(kxx)) / (40 * 39) + (kyy.sum() - np.trace(kyy)) / (30 * 29) - 2 * kxy.mean())
    assert m.kernel_distance(torch.tensor(x), torch.tensor(y)) == pytest.approx(wanted, rel=1e-4)


def test_kernel_distance_is_unbiased():
    """Between samples of one distribution its mean is 0 within three standard errors; with the diagonal it is not."""
    pairs = [(rows(40, 4, seed=2 * i), rows(40, 4, seed=2 * i + 1)) for i in range(300)]
    found = torch.tensor([m.kernel_distance(x, y) for x, y in pairs])
    error = found.std() / len(found) ** 0.5
    assert found.mean().abs() < 3 * error and (found < 0).any()
    biased = torch.tensor([((x @ x.T / 4 + 1) ** 3).mean() + ((y @ y.T / 4 + 1) ** 3).mean()
                           - 2 * ((x @ y.T / 4 + 1) ** 3).mean() for x, y in pairs])
    assert biased.mean() > 10 * error


def test_kernel_distance_sees_a_shift():
    assert m.kernel_distance(rows(500, 4, 1), rows(500, 4, 2, shift=0.5)) > 0.1


# --- density and coverage --------------------------------------------------------------------------------------------


def brute_force(real: torch.Tensor, fake: torch.Tensor, k: int) -> tuple[float, float]:
    radius = [sorted((a - b).norm().item() for b in real)[k] for a in real]
    inside = np.array([[(a - b).norm().item() < r for b in fake] for a, r in zip(real, radius, strict=True)])
    return inside.sum() / (k * len(fake)), inside.any(axis=1).mean()


def test_density_and_coverage_equal_brute_force():
    real, fake = rows(30, 3, seed=1), rows(25, 3, seed=2, scale=0.7)
    assert m.density_coverage(real, fake, k=3) == pytest.approx(brute_force(real, fake, 3))


def test_density_and_coverage_of_constructed_sets():
    real = torch.cat([rows(100, 2, seed=1, scale=0.1), rows(100, 2, seed=2, scale=0.1, shift=10)])
    assert m.density_coverage(real, real)[1] == 1.0
    assert m.density_coverage(real, real + 100) == (0.0, 0.0)
    density, coverage = m.density_coverage(real, rows(200, 2, seed=3, scale=0.1))       # one of the two modes
    assert 0.4 < coverage <= 0.5 and density > 0.8
    density, coverage = m.density_coverage(real, real[:1].expand(200, 2))                # one point, again and again
    assert coverage < 0.1 and density > 0.8


def test_expected_coverage_of_equal_distributions():
    """1 − Π (N − i)/(2N − i), i = 1 … k (equation 10 of the paper), whatever the distribution."""
    n, k = 100, 3
    wanted = 1 - np.prod([(n - i) / (2 * n - i) for i in range(1, k + 1)])
    found = [m.density_coverage(rows(n, 4, seed=2 * i), rows(n, 4, seed=2 * i + 1), k) for i in range(40)]
    density, coverage = np.mean(found, axis=0)
    assert coverage == pytest.approx(wanted, abs=0.02)
    assert density == pytest.approx(1, abs=0.05)


# --- accuracy, report, errors ----------------------------------------------------------------------------------------


def test_class_accuracy():
    assert m.class_accuracy(torch.tensor([1, 2, 3, 3]), torch.tensor([1, 2, 3, 4])) == 0.75


def test_report_shows_the_floor_and_whose_features():
    real, other, fake = rows(400, 3, 1), rows(300, 3, 2), rows(500, 3, 3, shift=2)
    found = m.report(real, other, fake, lambda x: x * 2, "doubled")
    assert found.n == 300 and found.features == "doubled"
    assert found.fake == m.fidelity(2 * real[:300], 2 * fake[:300])
    assert found.floor == m.fidelity(2 * real[:300], 2 * other[:300])
    assert found.fake.frechet > 10 * found.floor.frechet and found.fake.coverage < found.floor.coverage
    text = str(found)
    assert "doubled" in text and "other real" in text and "FID" not in text


@pytest.mark.parametrize("metric, enough", [(m.frechet_distance, 6), (m.kernel_distance, 2), (m.density_coverage, 6)])
def test_too_few_examples_and_nan_are_named(metric, enough):
    good = rows(20, 5, seed=1)
    metric(good[:enough], good)
    with pytest.raises(CourseError, match=f"real has {enough - 1} examples"):
        metric(good[: enough - 1], good)
    with pytest.raises(CourseError, match="fake has 0 examples"):
        metric(good, good[:0])
    for bad in (float("nan"), float("inf")):
        broken = good.clone()
        broken[3, 2] = bad
        for pair in ((broken, good), (good, broken)):
            with pytest.raises(CourseError, match="NaN or infinite"):
                metric(*pair)
    with pytest.raises(CourseError, match="one row of numbers"):
        metric(good, good[None])
