"""Every family on a device that is not the CPU and has no float64, as Apple's GPUs are."""

from __future__ import annotations

import math

import pytest
import torch

from aigc_course.compute import Compute
from aigc_course.metrics import disentanglement, fidelity
from aigc_course.metrics.images import compression
from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.runs.trace import floats
from aigc_course.train import train
from tests.core.elsewhere import DEVICE, Elsewhere, There
from tests.recipes.tiny import tiny


@pytest.fixture
def elsewhere():
    with Elsewhere():
        yield


def test_the_device_refuses_what_such_a_device_refuses(elsewhere):
    there, here = torch.ones(3, device=DEVICE), torch.ones(3)
    assert isinstance(there, There) and (there + 1).sum().item() == 6 and (there.cpu() + here).tolist() == [2, 2, 2]
    assert there[torch.tensor([0, 2])].tolist() == [1, 1] and (there * torch.tensor(2.0)).tolist() == [2, 2, 2]
    for wrong in (lambda: there + here, lambda: torch.cat([there, here]), lambda: torch.where(there > 0, here, here)):
        with pytest.raises(RuntimeError, match="two devices"):
            wrong()
    for wrong in (there.double, lambda: torch.zeros(2, dtype=torch.float64, device=DEVICE)):
        with pytest.raises(TypeError, match="no float64"):
            wrong()


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_trains_shows_and_measures_itself_there(name, own, elsewhere, tmp_path):
    job = family(name).job(tiny(name, steps=3), own[name], Compute(DEVICE))
    assert all(isinstance(p.data, There) for net in job.run.nets.values() for p in net.parameters())
    for log in train(job.run, job.batches, 3):
        assert all(math.isfinite(value) for value in floats(log).values())
    shown = job.samples()
    assert len(shown) > 0 and all(math.isfinite(float(value)) for value in job.measure().values())
    job.save(tmp_path / family(name).file)
    assert any(tmp_path.rglob("*.safetensors"))


def test_the_metrics_take_features_from_there(elsewhere):
    torch.manual_seed(0)
    real, fake = torch.randn(40, 3), torch.randn(40, 3)
    assert fidelity.fidelity(real.to(DEVICE), fake.to(DEVICE)) == fidelity.fidelity(real, fake)
    assert fidelity.class_accuracy(torch.arange(4, device=DEVICE), torch.arange(4)) == 1
    codes = torch.randn(500, 3)
    gaps = [disentanglement.mutual_information_gap(rows, rows[:, :2], 10) for rows in (codes.to(DEVICE), codes)]
    assert torch.equal(*gaps)
    both = [compression.quantised_pca(compression.fit_pca(rows, 2), rows, rows, 0.5)
            for rows in (real.to(DEVICE), real)]
    assert both[0][0] == both[1][0] and torch.equal(both[0][1], both[1][1])


@pytest.mark.slow
def test_the_poet_answers_from_there(elsewhere):
    from aigc_course.projects.poet.model import load_poet
    poet = load_poet()
    before = poet.nats(["春", "月"])
    poet.net.to(DEVICE)
    torch.testing.assert_close(poet.nats(["春", "月"]).cpu(), before)
    poem = poet.write(1, "春")[0]
    assert poem.text and len(poet.trace(poem)) == len(poem.text)
