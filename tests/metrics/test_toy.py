"""Modes covered and high-quality share on sets whose answer can be counted."""

import math

import pytest
import torch

from aigc_course.data import toy
from aigc_course.errors import CourseError
from aigc_course.metrics.toy import modes

CENTRES = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])


def test_modes_by_hand():
    points = torch.tensor([[0.0, 2.9], [0.0, -3.1], [10.5, 0.0], [9.0, 1.0], [5.0, 5.0], [0.0, 2.0]])
    found = modes(points, CENTRES, sigma=1.0)
    assert found.covered == 2 and found.high_quality == pytest.approx(4 / 6)
    assert found.counts.tolist() == [2, 2, 0]
    assert modes(points, CENTRES, sigma=1.0, within=4.0).counts.tolist() == [3, 2, 0]
    assert modes(points, CENTRES, sigma=1.0, at_least=3).covered == 0


@pytest.mark.parametrize("mixture", [toy.RING, toy.GRID])
@pytest.mark.parametrize("within", [3.0, 4.0])
def test_the_truth_scores_what_the_formula_says(mixture, within):
    found = modes(mixture.sample(20_000), mixture.centres, mixture.sigma, within)
    assert found.covered == len(mixture.centres)
    assert found.high_quality == pytest.approx(1 - math.exp(-(within**2) / 2), abs=0.003)
    assert found.counts.sum() == round(found.high_quality * 20_000)


def test_one_mode_alone_is_seen():
    found = modes(toy.RING.centres[3] + 0.01 * torch.randn(100, 2), toy.RING.centres, toy.RING.sigma)
    assert found.covered == 1 and found.high_quality == 1.0


def test_diverged_points_are_named():
    with pytest.raises(CourseError, match="NaN"):
        modes(torch.tensor([[float("nan"), 0.0]]), CENTRES, 1.0)
    with pytest.raises(CourseError, match="0 examples"):
        modes(torch.zeros(0, 2), CENTRES, 1.0)
