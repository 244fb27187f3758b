"""The mutual information gap where its value is known."""

from __future__ import annotations

import math

import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.metrics.disentanglement import dimensions, mutual_information, mutual_information_gap

N, BINS = 20_000, 20
BIAS = (BINS - 1) ** 2 / (2 * N)


@pytest.fixture
def factors():
    return torch.randn(N, 3, generator=torch.Generator().manual_seed(0))


def test_information_of_a_column_with_itself_is_its_entropy_and_with_a_stranger_nothing(factors):
    found = mutual_information(factors, factors)
    torch.testing.assert_close(found.diagonal(), torch.full((3,), math.log(BINS)).double(), atol=1e-6, rtol=0.0)
    strangers = found[~torch.eye(3, dtype=bool)]
    torch.testing.assert_close(strangers, torch.full((6,), BIAS).double(), atol=0.4 * BIAS, rtol=0.0)
    torch.testing.assert_close(found, found.T)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.9])
def test_information_of_correlated_normals_has_its_closed_form(factors, rho):
    """I = −½ log(1 − ρ²); cells lose a little of it, the finite sample adds its bias."""
    other = rho * factors[:, :1] + math.sqrt(1 - rho**2) * factors[:, 1:2]
    found = mutual_information(factors[:, :1], other).item() - BIAS
    assert found == pytest.approx(-math.log(1 - rho**2) / 2, rel=0.1, abs=0.005)


def test_one_dimension_per_factor_scores_one_whatever_its_order_sign_and_scale(factors):
    codes = torch.stack([-factors[:, 2], factors[:, 0].exp(), 5 * factors[:, 1]], dim=1)
    gap = mutual_information_gap(codes, factors)
    torch.testing.assert_close(gap, torch.ones(3).double(), atol=0.01, rtol=0.0)


def test_a_factor_known_to_two_dimensions_or_to_none_scores_nothing(factors):
    twice = factors[:, [0, 0, 1]]
    first, second, third = mutual_information_gap(twice, factors)
    assert first == 0 and second > 0.99 and third < 0.01


def test_labels_count_as_factors():
    labels = torch.arange(N)[:, None] % 10
    codes = torch.cat([labels, torch.randn(N, 1)], dim=1)
    assert mutual_information(labels.double(), labels.double()).item() == pytest.approx(math.log(10))
    assert mutual_information_gap(codes, labels.double()).item() > 0.99


def test_what_cannot_be_measured_is_refused(factors):
    with pytest.raises(CourseError, match="at least 400"):
        mutual_information(factors[:399], factors[:399])
    with pytest.raises(CourseError, match="two latent dimensions"):
        mutual_information_gap(factors[:, :1], factors)
    with pytest.raises(CourseError, match="same value"):
        mutual_information_gap(factors, torch.ones(N, 1))
    with pytest.raises(CourseError, match="NaN"):
        mutual_information(factors / 0, factors)


def test_dimensions_are_sorted_by_kl_and_named_after_the_factor_they_tell(factors):
    codes = torch.stack([factors[:, 1] + 0.5 * factors[:, 0], torch.randn(N), factors[:, 2]], dim=1)
    known = {"slant": factors[:, 0], "thickness": factors[:, 1], "size": factors[:, 2]}
    found = dimensions(torch.tensor([0.5, 2.0, 1.0]), codes, known)
    assert [one.index for one in found] == [1, 2, 0]
    assert [one.factor for one in found] == [None, "size", "thickness"]
    assert found[0].information < 3 * 9**2 / (2 * N) < found[2].information < found[1].information
    assert found[1].kl == 1.0
