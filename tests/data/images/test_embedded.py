"""The real 8×8 digits and the distributions in the plane."""

import math

import pytest
import torch

from aigc_course.data import toy
from aigc_course.data.images import digits
from aigc_course.errors import CourseError


def test_digits_are_real_images_in_range():
    images, labels = digits()
    assert images.shape == (1797, 1, 8, 8) and images.dtype == torch.float32
    assert labels.shape == (1797,) and labels.dtype == torch.int64
    assert images.min() == 0 and images.max() == 1
    assert labels.bincount().tolist() == [
        178,
        182,
        177,
        183,
        181,
        182,
        181,
        179,
        174,
        180,
    ]  # as UCI publishes


def test_digits_can_be_enlarged():
    small, _ = digits()
    large, _ = digits(size=28)
    assert large.shape == (1797, 1, 28, 28) and large.min() >= 0 and large.max() <= 1
    assert large.mean().item() == pytest.approx(
        small.mean().item(), rel=0.02
    )  # enlarging neither adds nor loses ink
    with pytest.raises(CourseError, match="8 pixels wide"):
        digits(size=7)


@pytest.mark.parametrize("sample", [toy.ring, toy.grid, toy.swiss_roll])
def test_points_have_the_promised_shape_and_follow_the_seed(sample):
    points = sample(50, seed=3)
    assert points.shape == (50, 2) and points.dtype == torch.float32
    assert torch.equal(points, sample(50, seed=3)) and not torch.equal(points, sample(50, seed=4))
    with pytest.raises(CourseError, match="at least one"):
        sample(0)


@pytest.mark.parametrize(("mixture", "modes"), [(toy.RING, 8), (toy.GRID, 25)])
def test_mixtures_follow_their_own_truth(mixture, modes):
    assert mixture.centres.shape == (modes, 2)
    points = mixture.sample(20_000, seed=0)
    distance, nearest = torch.cdist(points, mixture.centres).min(1)
    counts = nearest.bincount(minlength=modes)
    expected = 20_000 / modes
    assert (counts - expected).abs().max() < 5 * math.sqrt(expected)
    assert distance.square().mean() == pytest.approx(
        2 * mixture.sigma**2, rel=0.05
    )  # E|x − centre|² = 2 sigma²
    # The entropy of modes so far apart: that of one Gaussian plus the logarithm of their number.
    entropy = math.log(2 * math.pi * math.e * mixture.sigma**2) + math.log(modes)
    assert -mixture.log_prob(points).mean() == pytest.approx(entropy, abs=0.05)


def test_the_ring_has_radius_two_and_the_grid_step_two():
    assert torch.allclose(toy.RING.centres.norm(dim=1), torch.full((8,), 2.0))
    assert torch.allclose(toy.GRID.centres.unique(), torch.tensor([-4.0, -2.0, 0.0, 2.0, 4.0]))


def test_the_swiss_roll_lies_on_its_spiral():
    points = toy.swiss_roll(2000, sigma=0.0)
    t = points.norm(dim=1) / 2
    assert t.min() >= 1 / 3 - 1e-6 and t.max() <= 1 + 1e-6
    angle = 4.5 * math.pi * t
    assert torch.allclose(points, 2 * t[:, None] * torch.stack((angle.cos(), angle.sin()), 1), atol=1e-5)
