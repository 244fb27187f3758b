"""A run that is killed at a random moment resumes from its last autosave and ends as if nothing had happened."""

from __future__ import annotations

import multiprocessing
import random
import time
from pathlib import Path

import pytest
import torch

from aigc_course.checkpoint import load
from aigc_course.compute import seed_all
from aigc_course.show.progress import autosave
from aigc_course.train import train
from tests.core.families import batches, gan, same, weights

STEPS = 1500
# A server that has imported torch once forks each victim in milliseconds; where there is none, spawning works too.
METHODS = multiprocessing.get_all_start_methods()
CONTEXT = multiprocessing.get_context("forkserver" if "forkserver" in METHODS else "spawn")


def victim(folder: str) -> None:
    torch.set_num_threads(1)
    checkpoint = Path(folder) / "run.pt"
    seed_all(0)
    run = gan()
    if checkpoint.exists():
        load(run, checkpoint)
    for _ in autosave(train(run, batches("gan"), STEPS), run, checkpoint, every=5):
        pass
    torch.save(weights(run), Path(folder) / "final.pt")


def kill_until_done(folder: Path, kills: int, seed: int) -> int:
    """Start the run, kill it after a random part of a second, check the checkpoint, start again; then let it finish."""
    chance = random.Random(seed)
    done, furthest = 0, 0
    while done < kills:
        process = CONTEXT.Process(target=victim, args=(str(folder),))
        process.start()
        time.sleep(chance.uniform(0.2, 1.0))
        process.kill()
        process.join()
        done += 1
        if (folder / "run.pt").exists():
            probe = gan()
            load(probe, folder / "run.pt")
            assert probe.step >= furthest
            furthest = probe.step
    process = CONTEXT.Process(target=victim, args=(str(folder),))
    process.start()
    process.join()
    assert process.exitcode == 0
    return furthest


@pytest.fixture(scope="module")
def straight() -> dict:
    seed_all(0)
    run = gan()
    for _ in train(run, batches("gan"), STEPS):
        pass
    return weights(run)


@pytest.mark.slow
def test_killed_runs_end_as_if_nothing_had_happened(tmp_path, straight):
    kill_until_done(tmp_path, kills=4, seed=0)
    assert same(torch.load(tmp_path / "final.pt", weights_only=True), straight)
    assert not same(weights(gan()), straight)


@pytest.mark.soak
def test_fifty_kills(tmp_path, straight):
    """`make soak`: the moments of 50 kills, five runs of ten."""
    for seed in range(1, 6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        kill_until_done(folder, kills=10, seed=seed)
        assert same(torch.load(folder / "final.pt", weights_only=True), straight)
