"""Sharpness where it is known: impulses, planes, blur, and the convolution of a library."""

import pytest
import torch
import torch.nn.functional as F
from scipy import ndimage

from aigc_course.data.images import ink
from aigc_course.errors import CourseError
from aigc_course.metrics.images.sharpness import laplacian_variance

STENCIL = torch.tensor([[[[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]]])


def test_value_and_gradient_are_those_of_a_convolution_and_of_scipy():
    images = torch.rand(3, 1, 9, 7, generator=torch.Generator().manual_seed(0), requires_grad=True)
    ours = laplacian_variance(images)
    theirs = F.conv2d(images, STENCIL, padding=1).flatten(1).var(dim=1, unbiased=False)
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(*[torch.autograd.grad(found.sum(), images) for found in (ours, theirs)], strict=True):
        torch.testing.assert_close(a, b)
    by_scipy = [ndimage.laplace(image[0].detach().double().numpy(), mode="constant").var() for image in images]
    torch.testing.assert_close(ours.double(), torch.tensor(by_scipy), atol=1e-5, rtol=0)


def test_a_single_pixel_has_its_closed_form():
    """Values −4 and four times 1 among n pixels: mean 0, variance 20/n."""
    image = torch.zeros(1, 1, 6, 6)
    image[0, 0, 3, 2] = 1.0
    assert laplacian_variance(image).item() == pytest.approx(20 / 36)
    assert laplacian_variance(0.5 * image).item() == pytest.approx(20 / 36 / 4)


def test_each_blur_lowers_it_and_noise_raises_it():
    images = ink(50, seed=3).images
    blurred = [torch.tensor(ndimage.gaussian_filter(images.numpy(), (0, 0, s, s))) for s in (0.4, 0.8, 1.6)]
    found = torch.stack([laplacian_variance(one) for one in (images, *blurred)])
    assert (found.diff(dim=0) < 0).all()
    assert (laplacian_variance(images + 0.3 * torch.randn_like(images)) > found[0]).all()


def test_other_shapes_and_nan_are_refused():
    with pytest.raises(CourseError, match="grey images"):
        laplacian_variance(torch.zeros(2, 3, 8, 8))
    with pytest.raises(CourseError, match="diverged"):
        laplacian_variance(torch.full((1, 1, 4, 4), float("nan")))
