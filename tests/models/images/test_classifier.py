"""The judge of generated digits: what it knows, and that the recipe which made it is what it says."""

import pytest
import torch
from torch.nn import functional as F

from aigc_course.data.images import ink, mnist
from aigc_course.errors import CourseError
from aigc_course.models.images.classifier import WEIGHTS, load_classifier
from aigc_course.recipes.images.classifier import ClassifierRecipe, FreshInk, accuracy, build
from aigc_course.resources import resource
from aigc_course.schedules import one_cycle
from aigc_course.train import train


@pytest.mark.real
def test_it_reads_real_handwriting_it_was_not_tuned_on(real_data):
    """Its settings were chosen on the first 5,000 images, so only the last 5,000 count."""
    images, labels = mnist("test")
    assert accuracy(load_classifier(), images[5000:], labels[5000:]) >= 0.95


def test_it_reads_ink_it_has_not_seen():
    drawn = ink(1000, seed=77)
    assert accuracy(load_classifier(), drawn.images, drawn.labels) >= 0.97


def test_features_are_what_the_last_layer_decides_from():
    net, images = load_classifier(), ink(16, seed=1).images
    features = net.features(images)
    assert features.shape == (16, net.config.features) and features.min() >= 0 and features.std() > 0
    assert torch.equal(net.head(features), net(images)) and net(images).shape == (16, 10)
    assert not net.training and not any(parameter.requires_grad for parameter in net.parameters())
    with pytest.raises(CourseError, match="reads images"):
        net.features(images[:, 0])


def test_the_weights_are_small():
    assert resource(WEIGHTS).stat().st_size <= 400 * 1024


@pytest.mark.slow
def test_the_recipe_learns_in_seconds():
    config = ClassifierRecipe(steps=40, images=500, batch=25)
    run = build(config)
    logs = list(train(run, FreshInk(config.images, config.batch), config.steps))
    assert len(logs) == 40 and logs[-1]["classifier"] < 0.7 * logs[0]["classifier"]
    drawn = ink(300, seed=0)
    assert accuracy(run.nets["classifier"], drawn.images, drawn.labels) > 0.6


def test_label_smoothing_is_in_the_loss():
    run = build(ClassifierRecipe(smoothing=0.5))
    net = run.nets["classifier"].eval()
    batch = FreshInk(200, 50)[0]
    turn = next(iter(run.objective(run.nets, batch, 0)))
    loss = -F.log_softmax(net(batch[0]), 1)
    expected = 0.5 * loss.gather(1, batch[1][:, None])[:, 0] + 0.5 * loss.mean(1)
    assert torch.allclose(turn.loss, expected.mean())


def test_every_epoch_brings_fresh_ink_and_any_step_can_be_asked_for():
    batches = FreshInk(images=100, size=50, seed=3)
    first, second = torch.cat([batches[0][0], batches[1][0]]), torch.cat([batches[2][0], batches[3][0]])
    assert (torch.cdist(first.flatten(1), second.flatten(1)) > 0).all()
    assert torch.equal(batches[1][0], first[50:])


def test_one_cycle_rises_then_falls_to_almost_nothing():
    rates = [one_cycle(step, 1000, 0.01) for step in range(1000)]
    assert max(rates) == rates[300] == pytest.approx(0.01)
    assert rates[:301] == sorted(rates[:301]) and rates[300:] == sorted(rates[300:], reverse=True)
    assert rates[150] == pytest.approx(0.005) and rates[-1] == pytest.approx(1e-4)
