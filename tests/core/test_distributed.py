"""Two processes that each see half of every batch make the same moves as one process that sees it all."""

from __future__ import annotations

import dataclasses
import os
import socket
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing
import torch.nn.functional as F
from torch import nn
from torch.utils.checkpoint import checkpoint

from aigc_course import distributed
from aigc_course.checkpoint import load, save
from aigc_course.compute import seed_all
from aigc_course.data.batches import Sharded
from aigc_course.data.text.streams import Streams
from aigc_course.distributed import TRAFFIC, Reduction, align, any_process, buckets, from_environment, summed, wire
from aigc_course.errors import CourseError
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.projects.fsdp import kept, shard, whole
from aigc_course.recipes.text.gpt import GPTRecipe, build
from aigc_course.train import Learner, Run, Turn, train
from tests.core.families import (
    VOCAB,
    Counts,
    LanguageModel,
    Shard,
    batches,
    counted,
    deterministic_gan,
    gan,
    same,
    weights,
)

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


def text() -> Run:
    """A small Transformer without dropout in double precision, its loss weighted with unequal numbers of tokens."""
    torch.manual_seed(0)
    net = LanguageModel(drop=0.0).double()

    def turns(nets, batch, step):
        (ids,) = batch
        ids = ids[:, : 9 + int(ids[0, 0]) % 8]
        loss = F.cross_entropy(nets["lm"](ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten())
        yield Turn("lm", loss, {"squared": loss.detach().square()}, weight=torch.tensor(ids[:, 1:].numel()))

    return Run(turns, {"lm": Learner(net, torch.optim.AdamW(net.parameters(), 1e-3), clip=1.0)})


def shared_out(rank: int, folder: Path) -> dict:
    run = text()
    logs = list(train(run, Sharded(batches("lm", 4), rank, 2), 6, accumulate=2))
    return weights(run) | {key: torch.stack([log[key] for log in logs]) for key in ("lm", "squared", "lm/grad")}


def like_torch(rank: int, folder: Path) -> dict:
    """Five moves of ours and of DistributedDataParallel, and the gradients of the last."""
    data, results = Shard(batches("lm"), rank, 2), {}
    ours, theirs = text(), text().learners["lm"]
    ours.objective = plain_turns
    list(train(ours, data, 5))
    parallel = nn.parallel.DistributedDataParallel(theirs.net)
    for step in range(5):
        ids = data[step][0]
        theirs.opt.zero_grad()
        F.cross_entropy(parallel(ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()).backward()
        results |= {f"theirs.{name}.grad": p.grad.clone() for name, p in theirs.net.named_parameters()}
        theirs.opt.step()
    results |= {f"theirs.{name}": p.detach() for name, p in theirs.net.named_parameters()}
    for name, p in ours.nets["lm"].named_parameters():
        results |= {f"ours.{name}": p.detach(), f"ours.{name}.grad": p.grad}
    return results


def plain_turns(nets, batch, step):
    (ids,) = batch
    yield Turn("lm", F.cross_entropy(nets["lm"](ids[:, :-1]).flatten(0, 1), ids[:, 1:].flatten()))


def messages(rank: int, folder: Path) -> dict:
    """A deep net whose every layer is a bucket: what is sent, and how much of it during the backward pass."""
    net = nn.Sequential(*[nn.Linear(64, 64) for _ in range(8)])
    x, before = torch.randn(4, 64), dataclasses.replace(TRAFFIC)
    with Reduction(buckets(list(net.parameters()), 64 * 65 * 4)) as reduction:
        net(x).sum().backward()
    return {key: torch.tensor(value - getattr(before, key)) for key, value in vars(TRAFFIC).items()} \
        | {"buckets": torch.tensor(len(reduction.buckets))}


def partly_used(rank: int, folder: Path) -> dict:
    """One layer for both processes, one for the second alone, one for none."""
    net = nn.ModuleList(nn.Linear(3, 1, bias=False) for _ in range(3))
    with summed(net):
        y = net[0](torch.ones(3)) * (rank + 1)
        (y + net[1](torch.ones(3)) if rank == 1 else y).backward()
    return {str(i): torch.full((1, 3), -1.0) if one.weight.grad is None else one.weight.grad
            for i, one in enumerate(net)}


def in_two_parts(rank: int, folder: Path) -> dict:
    """A gradient that goes on growing after it was sent: a layer used in two reentrant checkpoints."""
    layer = nn.Linear(4, 4)
    x = torch.randn(2, 4, requires_grad=True)
    try:
        with summed(layer):
            checkpoint(layer, checkpoint(layer, x, use_reentrant=True), use_reentrant=True).sum().backward()
    except CourseError as error:
        return {"said": torch.tensor("use_reentrant=False" in str(error))}
    return {"said": torch.tensor(False)}


def aligned(rank: int, folder: Path) -> dict:
    """Other weights in every process become the first one's; its noise stays, the others' becomes their own."""
    seed_all(rank)
    run = gan()
    seed_all(7)
    align(run, seed=7)
    stop = torch.tensor([any_process(False), any_process(rank == 1)])
    return weights(run) | {"noise": torch.randn(3), "stop": stop}


def without_items(rank: int, folder: Path) -> dict:
    """Rounds in which both, one and none of the processes have anything to learn from, and a scaled one."""
    plain, scaled = counted(), counted(scaled=True)
    logs = list(train(plain, Counts(*((16, 16, 0, 4), (8, 0, 0, 9))[rank]), 4))
    list(train(scaled, Counts(*((16, 0, 0), (0, 5, 0))[rank]), 3))
    return {**weights(plain), **{f"scaled.{key}": value for key, value in weights(scaled).items()},
            "losses": torch.stack([log.get("net", torch.tensor(-1.0)) for log in logs])}


def tiny_gpt() -> Run:
    config = GPTRecipe(GPTConfig(vocab=VOCAB, context=16, width=32, layers=2, heads=2, dropout=0.0), steps=5, lr=1e-3)
    return build(config)


def sharded(rank: int, folder: Path) -> dict:
    run = tiny_gpt()
    shard(run.learners["gpt"], run.nets["gpt"].blocks)
    before = dataclasses.replace(TRAFFIC)
    logs = list(train(run, Sharded(batches("lm", 4), rank, 2), 5, accumulate=2))
    return {"losses": torch.stack([log["gpt"] for log in logs]), "kept": torch.tensor(kept(run)),
            "sums": torch.tensor(TRAFFIC.messages - before.messages), **whole(run.nets["gpt"])}


WORKS = (halves, overflow_on_one, resumed, statistics, shared_out, like_torch, messages, partly_used, in_two_parts,
         aligned, sharded, without_items)
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


def test_two_processes_equal_one_that_accumulates_twice_as_much(two):
    """Sharded batches of unequal weights: the moves, and the logs, which are means over the tokens of all processes."""
    one = text()
    logs = list(train(one, batches("lm", 4), 6, accumulate=4))
    wanted = weights(one) | {key: torch.stack([log[key] for log in logs]) for key in ("lm", "squared", "lm/grad")}
    for found in two["shared_out"]:
        for key, value in wanted.items():
            torch.testing.assert_close(found[key], value, rtol=1e-6, atol=1e-7)
    assert same(*two["shared_out"])


def test_gradients_and_moves_are_those_of_torch(two):
    for found in two["like_torch"]:
        ours = {key: value for key, value in found.items() if key.startswith("ours.")}
        assert len(ours) == len(found) // 2 > 20
        for key, value in ours.items():
            torch.testing.assert_close(value, found[key.replace("ours", "theirs")], rtol=1e-9, atol=1e-12)


def test_gradients_leave_while_the_backward_pass_runs(two):
    """Eight layers of 64 · 65 numbers, each with two marks of what is there, one message each."""
    for found in two["messages"]:
        assert found["messages"] == found["buckets"] == 8
        assert found["bytes"] == 8 * (64 * 65 + 2) * 4
        assert found["early"] == 7 * (64 * 65 + 2) * 4


def test_a_parameter_without_gradient_here_gets_that_of_the_others(two):
    first, second = two["partly_used"]
    assert same(first, second)
    assert [first[str(i)].mean() for i in range(3)] == [3, 1, -1]          # 1 + 2, only the second, None


def test_a_gradient_in_two_parts_is_refused(two):
    assert all(found["said"] for found in two["in_two_parts"])


def test_all_begin_with_the_first_ones_weights_and_draw_their_own_noise(two):
    first, second = two["aligned"]
    seed_all(0)
    wanted = weights(gan())
    seed_all(7)
    noise = torch.randn(3)
    assert torch.equal(first.pop("noise"), noise) and not torch.equal(second.pop("noise"), noise)
    assert first.pop("stop").tolist() == second.pop("stop").tolist() == [False, True]
    assert same(first, wanted) and same(second, wanted)


def test_sharded_training_equals_that_of_one_process(two):
    one = tiny_gpt()
    losses = torch.stack([log["gpt"] for log in train(one, batches("lm", 4), 5, accumulate=4)])
    first, second = two["sharded"]
    for found in (first, second):
        torch.testing.assert_close(found["losses"].float(), losses.float(), rtol=1e-6, atol=1e-6)
        assert found["sums"] == 5                       # the loop's small messages alone: FSDP sums the gradients
    for key, value in one.nets["gpt"].state_dict().items():
        torch.testing.assert_close(first[key], value, rtol=1e-4, atol=1e-5)
    assert 0.45 * kept(one) < first["kept"] < 0.55 * kept(one)


def test_a_process_without_items_follows_the_others_and_none_moves_without_any(two):
    class Dealt(Counts):
        """What two processes see, one after the other; both see the same rows."""

        def __getitem__(self, step):
            return batches("gan")[step // 2][0], self.counts[step]

    one, scaled = counted(), counted(scaled=True)
    logs = list(train(one, Dealt(16, 8, 16, 0, 0, 0, 4, 9), 4, accumulate=2))
    list(train(scaled, Dealt(16, 0, 0, 5, 0, 0), 3, accumulate=2))
    assert [len(log) for log in logs] == [4, 4, 1, 4]
    wanted = weights(one) | {f"scaled.{key}": value for key, value in weights(scaled).items()}
    assert same(*two["without_items"])
    for key, value in wanted.items():
        torch.testing.assert_close(two["without_items"][0][key], value, rtol=1e-5, atol=1e-6)
    losses = torch.stack([log.get("net", torch.tensor(-1.0)) for log in logs])
    torch.testing.assert_close(two["without_items"][0]["losses"].float(), losses, rtol=1e-5, atol=1e-6)


def test_buckets_go_backwards_and_keep_kinds_apart():
    sizes = [nn.Parameter(torch.zeros(n)) for n in (10, 1, 2, 30, 3)]
    sizes.insert(2, nn.Parameter(torch.zeros(1, dtype=torch.float64)))
    assert [[p.numel() for p in group] for group in buckets(sizes, 4 * 4)] == [[3], [30], [2], [1], [1], [10]]
    assert len(buckets(sizes)) == 3


def test_what_crosses_the_network():
    """A ring of N sends each of N parts N − 1 times to be summed and N − 1 times to be handed round."""
    for n in (1, 2, 8):
        assert wire(1000, n) * n == 2 * (n - 1) * 1000


def test_every_batch_is_seen_by_one_process():
    whole_epoch = [batch[0] for batch in batches("lm")]
    seen = [Sharded(batches("lm"), i % 4, 4)[i // 4][0] for i in range(len(whole_epoch))]
    assert torch.equal(torch.cat(seen), torch.cat(whole_epoch))
    with pytest.raises(ValueError, match="count from 0"):
        Sharded(batches("lm"), 4, 4)


def test_rows_that_continue_stay_together():
    streams = Streams([[5 + i] * (3 + i) for i in range(12)], rows=4, window=3)
    parts = [Sharded(streams, rank, 2) for rank in range(2)]
    for step in (0, 1, 5):
        for whole_one, *halves in zip(streams[step], *(part[step] for part in parts), strict=True):
            assert torch.equal(torch.cat(halves), whole_one)
    with pytest.raises(CourseError, match="cannot be shared evenly by 3"):
        Sharded(streams, 0, 3)


def test_an_environment_that_lacks_something_is_named(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"):
        monkeypatch.delenv(name, raising=False)
    with from_environment():
        assert not dist.is_initialized()
    monkeypatch.setenv("RANK", "0")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(CourseError, match="LOCAL_RANK, MASTER_ADDR, MASTER_PORT is missing"), from_environment():
        pass


def test_a_place_where_nobody_is_met_is_named(monkeypatch):
    """torch would wait for it in silence, as on a machine that does not know its own name."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "MASTER_ADDR": "127.0.0.1",
                        "MASTER_PORT": str(port)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(distributed, "PATIENCE", 0.1)
    with pytest.raises(CourseError, match=f"cannot meet at 127.0.0.1, port {port}.*--local-addr"), \
            from_environment("cpu"):
        pass
    monkeypatch.undo()

    def unknown(*_, **__):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    with pytest.raises(CourseError, match="Name or service not known"):
        distributed.meet("nowhere", port)
