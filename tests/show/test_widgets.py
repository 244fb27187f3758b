"""Widgets: what is drawn is what was computed, the stored form is the same in both languages and small."""

import base64
import io
import re

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from aigc_course.errors import CourseError
from aigc_course.show.player import Axis, frames_player
from aigc_course.show.widgets import LatentExplorer, Playback, TrainingPlayback, between, drawn


def pictured(z, label=None):
    """A generator whose images tell their latent: left half z₀, right half z₁ (and the class in the last row)."""
    images = torch.zeros(len(z), 1, 8, 8)
    images[..., :4], images[..., 4:] = z[:, 0, None, None, None], z[:, 1, None, None, None]
    if label is not None:
        images[:, :, -1] = label[:, None, None] / 15
    return images.clamp(0, 1)


SQUARE = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def explorer(**options):
    return LatentExplorer(pictured, SQUARE, spherical=False, **options)


def sprite(html: str) -> np.ndarray:
    data = re.search(r'src="data:image/png;base64,([^"]+)"', html)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"))


def test_the_corners_of_the_map_are_the_given_latents():
    corners = torch.randn(4, 16)
    ends = torch.tensor([0.0, 0.0, 1.0, 1.0]), torch.tensor([0.0, 1.0, 0.0, 1.0])
    for spherical in (True, False):
        torch.testing.assert_close(between(corners, *ends, spherical), corners)


def test_between_two_samples_the_length_stays_that_of_a_sample():
    corners = torch.nn.functional.normalize(torch.randn(4, 64), dim=1) * 8
    points = between(corners, torch.rand(50), torch.rand(50))
    torch.testing.assert_close(points.norm(dim=1), torch.full((50,), 8.0))
    straight = between(corners, torch.full((1,), 0.5), torch.full((1,), 0.5), spherical=False)
    assert straight.norm() < 6


def test_the_map_runs_down_then_across():
    first = explorer(steps=3).map()[:, 0, 0, 0].reshape(3, 3)
    last = explorer(steps=3).map()[:, 0, 0, -1].reshape(3, 3)
    expected = torch.tensor([0.0, 0.5, 1.0])
    torch.testing.assert_close(first, expected[:, None].expand(3, 3))
    torch.testing.assert_close(last, expected[None].expand(3, 3))


def test_the_stored_sprite_holds_every_frame_within_its_sixteen_shades():
    made = explorer(steps=4, classes=["0", "1", "2"])
    frames = torch.cat([made.map(label) for label in range(3)])[:, 0]
    stored = sprite(made.as_html()).reshape(12, 8, 4, 8).swapaxes(1, 2).reshape(48, 8, 8)
    assert np.abs(stored - 255 * frames.numpy()).max() <= 255 / 15 / 2 + 1


@pytest.mark.parametrize("code, words", [("zh", {"横向", "纵向", "类别"}), ("en", {"across", "down", "class"})])
def test_live_labels_are_the_readers_and_stored_bytes_are_everybodys(monkeypatch, code, words):
    monkeypatch.setenv("AIGC_LANG", code)
    made = explorer(classes=["0", "1"])
    assert {knob.description for knob in made.live().children[2].children} == words
    stored = made.as_html()
    monkeypatch.setenv("AIGC_LANG", "zh" if code == "en" else "en")
    assert explorer(classes=["0", "1"]).as_html() == stored


def test_moving_a_live_slider_changes_the_picture():
    atlas, picture, knobs = explorer(classes=["0", "1"]).live().children
    for knob, value in zip(knobs.children, (0.9, 0.1, 1), strict=True):
        before = picture.value
        knob.value = value
        assert picture.value != before


def test_a_widget_shows_itself_live_and_stored():
    for made in (explorer(), TrainingPlayback([torch.rand(1, 20, 20)] * 3, [0, 1, 2])):
        shown = made._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in shown
        assert shown["text/html"] == made.as_html()
        assert made.as_grid().axes


def test_playback_scrubs_through_the_saved_pictures():
    frames = [torch.full((1, 8, 8), level) for level in (0.0, 0.4, 1.0)]
    picture, row = TrainingPlayback(frames, [0, 50, 100]).live().children
    play, slider = row.children
    seen = []
    for index in range(3):
        play.value = index
        assert slider.value == (0, 50, 100)[index]
        seen.append(np.asarray(Image.open(io.BytesIO(picture.value)).convert("L")).mean())
    assert seen == pytest.approx([0, 102, 255], abs=1)


def test_a_diagram_is_played_with_labels_of_its_own(monkeypatch):
    monkeypatch.setenv("AIGC_LANG", "zh")
    figures = []
    for height in (0.25, 1.0):
        figure = Figure(figsize=(4, 2), dpi=80)
        axes = figure.add_axes((0, 0, 1, 1), frameon=False, xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        axes.fill_between([0, 1], height, color="black")
        figures.append(figure)
    frames = [drawn(figure) for figure in figures]
    assert [1 - frame.mean().item() for frame in frames] == pytest.approx([0.25, 1.0], abs=0.01)
    made = Playback(frames, [4, 64], "维数", "dimension", start=0)
    picture, row = made.live().children
    assert (row.children[1].description, row.children[1].value) == ("维数", 4)
    assert Image.open(io.BytesIO(picture.value)).size == (320, 160)
    assert picture.layout.align_self == "flex-start"                      # else JupyterLab stretches it over the page
    html = made.as_html()
    assert 'data-labels="[&quot;4&quot;, &quot;64&quot;]"' in html and 'data-zoom="1"' in html and 'value="0"' in html
    np.testing.assert_allclose(sprite(html)[:160, :320] / 255, frames[0][0], atol=0.04)


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="shape"):
        frames_player(torch.zeros(5, 1, 4, 4), [Axis("步", "step", ["0", "1"])])
    with pytest.raises(ValueError, match="2 frames and 1 labels"):
        TrainingPlayback([torch.zeros(1, 4, 4)] * 2, [0])


def test_an_output_that_a_notebook_should_not_carry_is_refused():
    with pytest.raises(CourseError, match="fewer frames"):
        frames_player(torch.rand(400, 1, 28, 28), [Axis("步", "step", [str(i) for i in range(400)])])
