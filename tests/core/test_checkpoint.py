"""A checkpoint is loaded as a whole or refused by name, and a file in which one bit has changed is never read."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from aigc_course.checkpoint import MARK, CheckpointError, load, save, seal
from aigc_course.compute import rng_state, seed_all
from aigc_course.errors import CourseError
from aigc_course.files import SUMS
from aigc_course.models.images import classifier
from aigc_course.models.text import hub
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.resources import resource
from aigc_course.train import Learner, Run, train
from aigc_course.weights import load_weights, read_weights, save_weights
from tests.core.families import batches, gan, gan_turns, learner, mlp, same, weights

FLIPS = [pytest.param(40), pytest.param(400, marks=pytest.mark.soak)]


@pytest.fixture
def saved(tmp_path) -> Path:
    seed_all(0)
    run = gan()
    list(train(run, batches("gan"), 3))
    save(run, tmp_path / "run.pt")
    return tmp_path / "run.pt"


def refused(run: Run, path: Path, words: str) -> None:
    """One sentence that names the file, and nothing of the run or of a random stream has changed."""
    seed_all(3)
    list(train(run, batches("gan"), 1))
    before, moments, streams = weights(run), [str(one.opt.state_dict()) for one in run.learners.values()], rng_state()
    with pytest.raises(CheckpointError, match=words) as caught:
        load(run, path)
    assert path.name in str(caught.value) and "\n" not in str(caught.value)
    assert same(weights(run), before) and run.step == 1
    assert moments == [str(one.opt.state_dict()) for one in run.learners.values()]
    assert str(streams) == str(rng_state()) and torch.equal(streams["torch"], torch.get_rng_state())


def rewrite(path: Path, change: Callable[[dict], None]) -> None:
    """The file with other contents, and a digest that fits them."""
    state = torch.load(path, weights_only=True)
    change(state)
    with open(path, "wb+") as file:
        torch.save(state, file)
        seal(file)


def flipped(content: bytes, count: int):
    """The content with one bit turned, at `count` places."""
    chance = random.Random(0)
    for _ in range(count):
        at, bit = chance.randrange(len(content)), chance.randrange(8)
        yield content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1:]


@pytest.mark.parametrize("count", FLIPS)
def test_a_checkpoint_with_one_bit_turned_is_refused(saved, count):
    whole, run = saved.read_bytes(), gan()
    before = weights(run)
    for content in [*flipped(whole, count), *flipped(whole[-len(MARK) - 64:], 8)]:
        saved.write_bytes(content if len(content) == len(whole) else whole[:-len(content)] + content)
        with pytest.raises(CheckpointError, match="run.pt is damaged"):
            load(run, saved)
    assert same(weights(run), before) and run.step == 0
    saved.write_bytes(whole)
    load(run, saved)
    assert run.step == 3


def test_a_checkpoint_without_a_digest_is_refused_in_a_sentence(saved):
    saved.write_bytes(saved.read_bytes()[:-len(MARK) - 64])
    assert torch.load(saved, weights_only=True)["step"] == 3
    refused(gan(), saved, "or an older version saved it, which wrote no digest")


@pytest.mark.parametrize("count", FLIPS)
def test_saved_weights_with_one_bit_turned_are_refused(tmp_path, count):
    net, path = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)), tmp_path / "net.safetensors"
    save_weights(net, path, {"tokens": ["月", '"sha256":"', "é"]})
    whole = path.read_bytes()
    assert read_weights(path)[1]["tokens"][1] == '"sha256":"'
    at = whole.index(b'"sha256":"')
    mark = [whole[:at] + one + whole[at + 75:] for one in flipped(whole[at:at + 75], 30)]
    for content in [*flipped(whole, count), *mark]:
        path.write_bytes(content)
        with pytest.raises(CourseError, match="net.safetensors"):
            load_weights(net, path, "a small net", "some.recipe")
    path.write_bytes(whole)
    load_weights(net, path, "a small net", "some.recipe")


@pytest.mark.parametrize("count", FLIPS)
def test_the_courses_own_weights_with_one_bit_turned_are_refused(tmp_path, count):
    path, whole = tmp_path / "ink_classifier.safetensors", resource(classifier.WEIGHTS).read_bytes()
    shutil.copy(resource("models") / SUMS, tmp_path)
    for content in flipped(whole, count):
        path.write_bytes(content)
        with pytest.raises(CourseError, match="ink_classifier.safetensors"):
            classifier.load_classifier(path)
    path.write_bytes(whole)
    classifier.load_classifier(path)
    (tmp_path / SUMS).unlink()
    with pytest.raises(CourseError, match="Nothing says whether .* is whole"):
        classifier.load_classifier(path)


@pytest.mark.parametrize("count", FLIPS)
def test_a_folder_of_transformers_that_we_saved_is_refused_with_one_bit_turned(tmp_path, count):
    hub.save(GPT(GPTConfig(vocab=30, context=8, width=8, layers=1, heads=2)), tmp_path)
    path = tmp_path / "model.safetensors"
    whole = path.read_bytes()
    for content in flipped(whole, count):
        path.write_bytes(content)
        with pytest.raises(CourseError, match="model.safetensors is damaged"):
            hub.load(tmp_path)
    path.write_bytes(whole)
    hub.load(tmp_path)


def test_every_file_of_the_courses_models_is_listed_or_carries_its_digest():
    for path in sorted(resource("models").rglob("*.safetensors")):
        lines = (path.parent / SUMS).read_text("utf-8").splitlines()
        assert all((path.parent / line[66:]).is_file() for line in lines)
        if path.name == "model.safetensors":
            assert {line[66:] for line in lines} >= {"config.json", "tokenizer.json", path.name}
            hub.load(path.parent)
        else:
            read_weights(path)


def test_an_index_that_names_a_file_outside_is_refused(tmp_path):
    hub.save(GPT(GPTConfig(vocab=30, context=8, width=8, layers=1, heads=2)), tmp_path / "model")
    for name in ("../secret.safetensors", "/secret.safetensors", "a\\\\..\\\\..\\\\secret.safetensors"):
        (tmp_path / "model" / "model.safetensors.index.json").write_text(f'{{"weight_map": {{"w": "{name}"}}}}')
        with pytest.raises(CourseError, match="not inside of it"):
            hub.load(tmp_path / "model")


@pytest.mark.parametrize("spoil", [
    lambda rng: rng.update(torch=rng["torch"][:-1]), lambda rng: rng.update(torch=rng["torch"].float()),
    lambda rng: rng.update(numpy=("MT19937", [1, 2, 3], 0, 0, 0.0)), lambda rng: rng.update(python=(3, (1, 2), None)),
    lambda rng: rng.pop("numpy"),
], ids=["torch is shorter", "torch of another dtype", "numpy", "python", "none"])
def test_a_random_state_that_does_not_fit_changes_nothing(saved, spoil):
    rewrite(saved, lambda state: spoil(state["rng"][0]))
    refused(gan(), saved, "a part that this course does not know")


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda state: state.update(rng=state["rng"] * 2), r"was saved by 2 process\(es\), this run has 1"),
    (lambda state: state.update(step=-1), "after round -1"), (lambda state: state.update(step=2.5), "after round 2.5"),
    (lambda state: state.pop("optimisers"), "does not know"),
    (lambda state: state["learners"]["g"]["net"].update({"0.weight": 3.0}), "is a tensor in only one"),
    (lambda state: state["learners"]["d"]["opt"]["state"][0].update(exp_avg=torch.zeros(2, 3)), "'exp_avg' has shape"),
    (lambda state: state["learners"]["d"]["opt"]["state"].update({17: {}}), "tensors that are in no group"),
    (lambda state: state["learners"]["d"]["opt"].pop("state"), "does not know"),
])
def test_whatever_does_not_fit_changes_nothing(saved, spoil, words):
    rewrite(saved, spoil)
    refused(gan(), saved, words)


def test_other_groups_of_parameters_are_refused(tmp_path):
    """As many tensors, cut otherwise: their moments would go to other tensors."""
    def build(cut: int, named: bool = False) -> Run:
        run = Run(gan_turns, {"g": learner(mlp(8, 64, 64, drop=0.0)), "d": learner(mlp(64, 64, 1))})
        pairs = list(run.nets["g"].named_parameters())
        parameters = pairs if named else [p for _, p in pairs]
        run.learners["g"] = Learner(run.nets["g"], torch.optim.AdamW(
            [{"params": parameters[:cut], "weight_decay": 0.1}, {"params": parameters[cut:]}], 1e-3))
        return run

    save(build(1), tmp_path / "run.pt")
    load(build(1), tmp_path / "run.pt")
    refused(build(2), tmp_path / "run.pt", r"groups have \[1, 3\] tensors, this run's have \[2, 2\]")
    refused(build(1, named=True), tmp_path / "run.pt", "other names or another order")


def test_another_precision_of_the_weights_is_refused(tmp_path):
    run = gan()
    run.nets["d"].double()
    save(run, tmp_path / "run.pt")
    refused(gan(), tmp_path / "run.pt", "torch.float64 in the file and torch.float32 in this run, which would round it")


def test_the_streams_that_were_tried_are_nobodys():
    from aigc_course.compute import require_rng_state
    seed_all(1)
    other = rng_state()
    seed_all(2)
    wanted = (random.random(), np.random.rand(), torch.rand(()))
    seed_all(2)
    require_rng_state(other)
    assert wanted == (random.random(), np.random.rand(), torch.rand(()))
