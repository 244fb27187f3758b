import json
from pathlib import Path

import numpy as np
import pytest
import torch

from aigc_course.data.images import ALL, CHARACTERS, DIGITS, Hand, ink
from aigc_course.data.images.ink import DIGIT_HAND, SIDE
from aigc_course.errors import CourseError
from aigc_course.resources import resource

GOLDEN = Path(__file__).parent / "golden" / "ink.npz"
STILL = Hand(rotation=0, warp=0, pressure=0, roughness=0)  # nothing varies but the named factors


def correlation(a, b):
    return np.corrcoef(np.asarray(a, float), np.asarray(b, float))[0, 1]


def lean(images):
    """How far the ink shifts to the right per pixel upwards: the shear of its second moments, (n,)."""
    weight = images[:, 0] / images.sum((1, 2, 3))[:, None, None]
    y, x = torch.meshgrid(torch.arange(float(SIDE)), torch.arange(float(SIDE)), indexing="ij")
    dx = x - (weight * x).sum((1, 2))[:, None, None]
    dy = y - (weight * y).sum((1, 2))[:, None, None]
    return -(weight * dx * dy).sum((1, 2)) / (weight * dy * dy).sum((1, 2))


def box(images):
    """The longest side of the smallest box around all pixels that are at least half ink, (n,)."""
    dark = images[:, 0] >= 0.5
    return torch.maximum(dark.any(1).sum(1), dark.any(2).sum(1))


def test_images_are_what_the_course_calls_images():
    drawn = ink(300, seed=1)
    assert drawn.images.shape == (300, 1, 28, 28) and drawn.images.dtype == torch.float32
    assert drawn.images.min() == 0 and drawn.images.max() == 1
    assert drawn.labels.dtype == torch.int64 and set(drawn.labels.tolist()) == set(range(10))
    assert drawn.names == DIGITS and drawn.factors is None and drawn.strokes is None
    ys, xs = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    mass = drawn.images.sum((1, 2, 3))
    for axis in (xs, ys):  # centred by mass, as MNIST is
        assert ((drawn.images[:, 0] * axis).sum((1, 2)) / mass - 13.5).abs().mean() < 0.5


def test_a_seed_gives_the_same_images_to_the_bit():
    state = torch.get_rng_state(), np.random.get_state()[1].copy()
    first = ink(200, seed=5, classes=ALL, factors=True, strokes=True)
    assert torch.equal(first.images, ink(200, seed=5, classes=ALL).images)  # asking for less changes nothing
    assert not torch.equal(first.images, ink(200, seed=6, classes=ALL).images)
    assert torch.equal(state[0], torch.get_rng_state()) and (state[1] == np.random.get_state()[1]).all()


def test_images_are_within_one_grey_level_of_those_drawn_elsewhere():
    """The stored images may come from another machine; `python tests/data/images/test_ink.py` stores them anew."""
    stored = np.load(GOLDEN)
    drawn = ink(64, seed=2024, classes=ALL)
    assert drawn.labels.tolist() == stored["labels"].tolist()
    grey = (drawn.images[:, 0] * 255).round().numpy()
    assert np.abs(grey - stored["images"].astype(float)).max() <= 1


def test_classes_are_drawn_equally_often_and_labels_index_the_names():
    drawn = ink(4000, seed=0, classes=("山", "7"))
    assert drawn.names == ("山", "7") and set(drawn.labels.tolist()) == {0, 1}
    assert abs(drawn.labels.float().mean().item() - 0.5) < 0.04
    # 山 stands on a long stroke, 7 hangs from one.
    densest = [drawn.images[drawn.labels == label].mean((0, 1)).sum(1).argmax() for label in (0, 1)]
    assert densest[1] < SIDE / 2 < densest[0]


@pytest.mark.parametrize("name", ["0", "3", "8", "口", "水"])
def test_thickness_is_the_ink(name):
    drawn = ink(400, seed=3, classes=(name,), factors=True)
    assert correlation(drawn.factors["thickness"], drawn.images.sum((1, 2, 3))) > 0.75


@pytest.mark.parametrize("name", ["0", "1", "8", "上"])
def test_slant_is_the_shear(name):
    free = ink(400, seed=3, classes=(name,), factors=True)
    assert correlation(free.factors["slant"], lean(free.images)) > (0.7 if name in DIGITS else 0.5)
    neat = ink(400, seed=3, classes=(name,), factors=True, hand=Hand(slant=(0.1, 0.25), warp=0, jitter=(0, 0)))
    assert correlation(neat.factors["slant"], lean(neat.images)) > 0.9
    slants = [
        lean(ink(400, seed=3, classes=(name,), hand=Hand(slant=(mean, 0))).images).mean()
        for mean in (-0.2, 0.4)
    ]
    assert slants[0] < 0 < slants[1]


@pytest.mark.parametrize("name", ["0", "5", "田"])
def test_size_is_the_longest_side(name):
    drawn = ink(300, seed=3, classes=(name,), factors=True, hand=Hand(size=(16, 2), pressure=0))
    assert correlation(drawn.factors["size"], box(drawn.images)) > 0.9
    assert (box(drawn.images) - drawn.factors["size"]).abs().mean() < 1


@pytest.mark.parametrize("name", ["2", "木"])
def test_jitter_is_the_distance_from_the_neat_sign(name):
    neat = ink(300, seed=3, classes=(name,), hand=Hand(jitter=(0, 0)), strokes=True)
    drawn = ink(300, seed=3, classes=(name,), factors=True, hand=Hand(jitter=(0.04, 0.02)), strokes=True)
    moved = [
        np.sqrt(((np.concatenate(a) - np.concatenate(b)) ** 2).sum(1).mean())
        for a, b in zip(neat.strokes, drawn.strokes, strict=True)
    ]
    assert correlation(drawn.factors["jitter"], moved) > 0.7


def test_a_held_factor_is_held_and_the_others_stay():
    free = ink(100, seed=8, factors=True).factors
    held = ink(100, seed=8, factors=True, hand=Hand(slant=(0.5, 0))).factors
    assert (held["slant"] == 0.5).all() and free["slant"].std() > 0.2
    for name in ("class", "thickness", "size", "jitter"):
        assert torch.equal(free[name], held[name])


def test_factors_have_their_hand_s_mean_and_spread():
    factors = ink(5000, seed=1, factors=True, classes=("3",)).factors
    for name in ("slant", "thickness", "size", "jitter"):
        mean, deviation = getattr(DIGIT_HAND, name)
        assert factors[name].mean().item() == pytest.approx(mean, abs=max(0.25 * deviation, 0.01))
        assert factors[name].std().item() == pytest.approx(deviation, rel=0.35)
    assert factors["thickness"].min() >= 1.2 and factors["size"].max() <= 20


def test_the_ink_lies_along_the_pen_s_path():
    drawn = ink(60, seed=4, classes=ALL, strokes=True, hand=STILL)
    for image, strokes in zip(drawn.images[:, 0], drawn.strokes, strict=True):
        path = np.concatenate(strokes)
        assert path.min() > 0 and path.max() < SIDE - 1
        x, y = torch.from_numpy(path).round().long().T
        assert (image[y, x] > 0.3).float().mean() > 0.9


def test_the_pen_is_lifted_between_strokes():
    counts = {"一": 1, "二": 2, "三": 3, "十": 2, "木": 4, "水": 4}
    for name, count in counts.items():
        for strokes in ink(5, classes=(name,), strokes=True).strokes:
            assert len(strokes) == count
            # within a stroke the pen moves on by small steps only
            assert all(np.linalg.norm(np.diff(stroke, axis=0), axis=1).max() < 3 for stroke in strokes)


def test_the_stroke_models_are_well_formed():
    models = json.loads(resource("ink/strokes.json").read_text(encoding="utf-8"))
    assert tuple(models) == ALL and len(set(ALL)) == len(DIGITS) + len(CHARACTERS)
    for glyph in models.values():
        assert glyph["bold"] > 0
        for form in glyph["forms"]:
            assert form["weight"] > 0 and min(form["aspect"]) > 0
            shapes = [
                [[len(point) for point in stroke] for stroke in prototype] for prototype in form["prototypes"]
            ]
            assert all(shape == shapes[0] for shape in shapes), (
                "prototypes of one form correspond point by point"
            )
            assert all(len(stroke) > 1 for stroke in shapes[0])


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"n": 0}, "at least one of each"),
        ({"n": 3, "classes": ()}, "at least one of each"),
        ({"n": 3, "classes": ("3", "龍")}, "no stroke model of '龍': choose from 0123456789一二"),
    ],
)
def test_what_cannot_be_drawn_is_said(arguments, says):
    with pytest.raises(CourseError, match=says):
        ink(**arguments)


if __name__ == "__main__":
    drawn = ink(64, seed=2024, classes=ALL)
    GOLDEN.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        GOLDEN, images=(drawn.images[:, 0] * 255).round().to(torch.uint8).numpy(), labels=drawn.labels
    )
