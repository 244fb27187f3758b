"""Weights on disk: what is written is what is read, and anything else is refused in one sentence."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from aigc_course.data.images import ink
from aigc_course.errors import CourseError
from aigc_course.models.images import classifier, dcgan, vae
from aigc_course.resources import resource
from aigc_course.weights import expecting, load_weights, read_weights, save_weights

COURSE = {
    "classifier": (classifier.load_classifier, classifier.WEIGHTS, "digit classifier"),
    "dcgan": (dcgan.load_generator, dcgan.WEIGHTS, "digit generator"),
    "vae": (vae.load_vae, vae.WEIGHTS, "VAE"),
}


def small() -> nn.Module:
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def read(net: nn.Module, path) -> nn.Module:
    return load_weights(net, path, "a small net", recipe="some.recipe")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_what_is_written_is_read_frozen_and_in_the_nets_own_precision(tmp_path, dtype):
    torch.manual_seed(0)
    net, path = small().to(dtype), tmp_path / "net.safetensors"
    net(torch.randn(20, 3, dtype=dtype))                              # so that there are statistics to keep
    save_weights(net, path)
    again = read(small().to(dtype), path)
    for name, tensor in net.state_dict().items():
        found = again.state_dict()[name]
        assert found.dtype == tensor.dtype and torch.equal(found, tensor.to(torch.float16).to(tensor.dtype)), name
    assert not again.training and not any(parameter.requires_grad for parameter in again.parameters())
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_judge_reads_the_same_after_saving(tmp_path):
    net, images = classifier.load_classifier(), ink(50, seed=0).images
    save_weights(net, tmp_path / "net.safetensors")
    assert torch.equal(classifier.load_classifier(tmp_path / "net.safetensors")(images), net(images))


@pytest.mark.parametrize("name", COURSE)
def test_a_missing_damaged_or_foreign_file_is_one_sentence(tmp_path, name):
    load, weights, what = COURSE[name]
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "text.safetensors").write_text("no weights")
    (tmp_path / "cut.safetensors").write_bytes(resource(weights).read_bytes()[:-100])
    (tmp_path / "folder.safetensors").mkdir()
    save_weights(small(), tmp_path / "foreign.safetensors")
    for case in ("empty", "text", "cut", "folder", "foreign", "missing"):
        with pytest.raises(CourseError) as error:
            load(tmp_path / f"{case}.safetensors")
        assert f"{case}.safetensors does not hold the course's {what}: restore it" in str(error.value)
        assert f"`aigc train {name} --preset course`" in str(error.value) and "\n" not in str(error.value)


def test_another_shape_is_another_net(tmp_path):
    save_weights(nn.Linear(3, 4), tmp_path / "net.safetensors")
    with pytest.raises(CourseError, match="does not hold a small net"):
        read(nn.Linear(3, 5), tmp_path / "net.safetensors")


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), 1e6])
def test_numbers_that_half_precision_cannot_hold_are_never_written(tmp_path, bad):
    net, path = small(), tmp_path / "net.safetensors"
    save_weights(net, path)
    before = path.read_bytes()
    net[0].weight.data[1, 2] = bad
    with pytest.raises(CourseError, match="0.weight holds numbers beyond half precision"):
        save_weights(net, path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken.safetensors").mkdir()
    for path in (tmp_path / "no such folder" / "net.safetensors", tmp_path / "taken.safetensors"):
        with pytest.raises(CourseError, match=f"{path.name} could not be written"):
            save_weights(small(), path)
    assert [file.name for file in tmp_path.iterdir()] == ["taken.safetensors"]


def test_what_a_net_needs_travels_in_its_file(tmp_path):
    path, about = tmp_path / "net.safetensors", {"config": {"width": 4}, "tokens": ["月", "\n", "</>"]}
    save_weights(small(), path, about)
    assert read_weights(path)[1] == about and read(small(), path)
    save_weights(small(), path)
    assert read_weights(path)[1] == {}
    with pytest.raises(CourseError, match="does not hold a poet: restore it"), expecting("a poet", path, "some.recipe"):
        read_weights(path)[1]["tokens"]
