"""Two processes that each see half of every batch make the same moves as one process that sees it all."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing
from families import Shard, batches, deterministic_gan, gan, same, weights
from torch import nn

from aigc_course.checkpoint import load, save
from aigc_course.compute import seed_all
from aigc_course.train import Learner, Run, Turn, train

pytestmark = [
    pytest.mark.slow,          # two processes import torch
    pytest.mark.skipif(not dist.is_gloo_available(), reason="this torch has no gloo backend"),
]


def halves(rank: int, folder: Path) -> dict:
    run = deterministic_gan()
    list(train(run, Shard(batches("gan"), rank, 2), 10))
    return weights(run)


def overflow_on_one(rank: int, folder: Path) -> dict:
    torch.manual_seed(0)
    net = nn.Linear(64, 1)

    def turns(nets, batch, step):
        loss = nets["net"](batch[0]).mean()
        yield Turn("net", loss * float("inf") if rank == 1 and step == 1 else loss)

    scaler = torch.amp.GradScaler("cpu", init_scale=2.0**10)
    run = Run(turns, {"net": Learner(net, torch.optim.SGD(net.parameters(), 0.1), scaler=scaler)})
    list(train(run, Shard(batches("gan"), rank, 2), 3))
    return {**weights(run), "scale": torch.tensor(scaler.get_scale())}


def gan_with_noise_of(rank: int) -> Run:
    """The same weights in every process, its own noise in each."""
    seed_all(0)
    run = gan()
    seed_all(rank)
    return run


def resumed(rank: int, folder: Path) -> dict:
    straight = gan_with_noise_of(rank)
    list(train(straight, Shard(batches("gan"), rank, 2), 8))
    stopped = gan_with_noise_of(rank)
    list(train(stopped, Shard(batches("gan"), rank, 2), 5))
    save(stopped, folder / "run.pt")
    dist.barrier()
    again = gan_with_noise_of(90 + rank)
    load(again, folder / "run.pt")
    list(train(again, Shard(batches("gan"), rank, 2), 8))
    keep = {f"straight.{k}": v for k, v in weights(straight).items()}
    return keep | {f"again.{k}": v for k, v in weights(again).items()} | {"noise": torch.randn(1)}


def statistics(rank: int, folder: Path) -> dict:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(64, 8), nn.BatchNorm1d(8), nn.Linear(8, 1))

    def turns(nets, batch, step):
        yield Turn("net", nets["net"](batch[0]).square().mean())

    run = Run(turns, {"net": Learner(net, torch.optim.SGD(net.parameters(), 0.1))})
    data = Shard(batches("gan"), rank, 2) if dist.is_initialized() else batches("gan")
    list(train(run, data, 3))
    return weights(run)


WORKS = (halves, overflow_on_one, resumed, statistics)
METHODS = torch.multiprocessing.get_all_start_methods()


def joined(rank: int, folder: str, port: int) -> None:
    """What each of the two processes does: all the works above, in one group."""
    torch.set_num_threads(1)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=2)
    for work in WORKS:
        torch.save(work(rank, Path(folder)), Path(folder) / f"{work.__name__}.{rank}.pt")
    dist.destroy_process_group()


@pytest.fixture(scope="module")
def two(tmp_path_factory) -> dict[str, list[dict]]:
    """The results of every work in both processes."""
    folder = tmp_path_factory.mktemp("two")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    method = "forkserver" if "forkserver" in METHODS else "spawn"
    torch.multiprocessing.start_processes(joined, (str(folder), port), nprocs=2, start_method=method)
    assert len(list(folder.glob("run.pt*"))) == 1
    return {work.__name__: [torch.load(folder / f"{work.__name__}.{rank}.pt", weights_only=True) for rank in (0, 1)]
            for work in WORKS}


def test_two_processes_equal_one(two):
    one = deterministic_gan()
    list(train(one, batches("gan"), 10))
    first, second = two["halves"]
    assert same(first, second)
    for key, value in weights(one).items():
        torch.testing.assert_close(first[key], value, rtol=1e-10, atol=1e-12)


def test_an_overflow_on_one_process_skips_the_step_on_both(two):
    first, second = two["overflow_on_one"]
    assert same(first, second)
    assert torch.isfinite(first["net.net.weight"]).all() and first["scale"] == 2.0**9


def test_every_process_resumes_its_own_random_streams(two):
    first, second = two["resumed"]
    assert not torch.equal(first["noise"], second["noise"])
    for result in (first, second):
        for key, value in result.items():
            if key.startswith("straight."):
                assert torch.equal(value, result[key.replace("straight.", "again.")]), key


def test_batch_norm_is_where_two_processes_differ_from_one(two, tmp_path):
    """Shown, not hidden: each process normalises by the statistics of its own half."""
    first, second = two["statistics"]
    whole = statistics(0, tmp_path)
    assert torch.equal(first["net.net.0.weight"], second["net.net.0.weight"])
    assert not torch.equal(first["net.net.1.running_mean"], second["net.net.1.running_mean"])
    assert not torch.allclose(first["net.net.0.weight"], whole["net.net.0.weight"], atol=1e-4)
