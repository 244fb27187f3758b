"""Traversal sliders: each moves its own dimension, from the image's own code, in every form that is shown."""

import base64
import io
import re

import ipywidgets
import numpy as np
import pytest
import torch
from PIL import Image

from aigc_course.metrics.disentanglement import Dimension
from aigc_course.show.images.traversal import Traversal

SHOWN = [Dimension(2, 1.5, "slant", 0.4), Dimension(0, 1.0, None, 0.0)]
CODES = torch.tensor([[0.25, 0.5, 0.75], [1.0, 0.5, 0.0]])


def decode(z, image):
    """An image whose left half is z₀, whose right half is z₂, and whose last row tells z₁."""
    pixels = torch.zeros(len(z), 1, 8, 8)
    pixels[..., :4], pixels[..., 4:] = z[:, 0, None, None, None], z[:, 2, None, None, None]
    pixels[:, :, -1] = z[:, 1, None, None]
    return pixels.clamp(0, 1)


@pytest.fixture
def traversal():
    return Traversal(decode, CODES, SHOWN, steps=3, reach=1.0)


def test_a_walk_moves_one_dimension_and_leaves_the_others_at_the_images_own_code(traversal):
    walk = traversal.walk(0, 2)
    assert walk[:, 0, 0, -1].tolist() == [0, 0, 1]                               # z₂ = −1, 0, 1
    assert walk[:, 0, 0, 0].tolist() == [0.25] * 3 and walk[:, 0, -1, 0].tolist() == [0.5] * 3
    assert (traversal.codes == torch.tensor([[0.25, 0.5, 0.75], [1.0, 0.5, 0.0]])).all()


def test_the_stored_frames_run_over_images_dimensions_and_values(traversal):
    html = traversal.as_html()
    sprite = Image.open(io.BytesIO(base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', html)[1])))
    shown = torch.from_numpy(np.array(sprite.convert("L"))).unflatten(1, (-1, 8)).transpose(0, 1) / 255     # (12, 8, 8)
    expected = torch.cat([traversal.walk(image, index) for image in (0, 1) for index in (2, 0)])[:, 0]
    torch.testing.assert_close(shown, expected, atol=0.04, rtol=0)
    assert "z2 倾斜 / z2 slant" in html and "http" not in html


def test_live_the_sliders_start_at_the_code_act_together_and_go_back(traversal):
    box = traversal.live()
    picture, knobs = box.children
    image, first, second, back = knobs.children
    assert (first.value, second.value) == (0.75, 0.25)
    first.value, second.value = 1.0, 0.0
    pixels = np.asarray(Image.open(io.BytesIO(picture.value)).convert("L"))
    assert (pixels[0, -1], pixels[0, 0]) == (255, 0)
    image.value = 1
    assert (first.value, second.value) == (0.0, 1.0)
    first.value = 0.5
    back.click()
    assert first.value == 0.0 and isinstance(picture, ipywidgets.Image)


def test_the_grid_has_a_row_for_each_dimension(traversal):
    figure = traversal.as_grid()
    assert len(figure.axes) == 6
    assert [axes.get_ylabel() for axes in figure.axes[::3]] == ["z2\nslant", "z0"]


def test_dimensions_that_are_not_there_are_refused():
    with pytest.raises(ValueError, match="below Z"):
        Traversal(decode, CODES, [Dimension(3, 1.0, None, 0.0)])
