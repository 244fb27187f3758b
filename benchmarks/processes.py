"""Two processes: the loop's own summing of gradients against DistributedDataParallel and one message at the end.

    python benchmarks/processes.py [--steps N] [--runs N]

A GPT in two gloo processes on this machine. The three take turns every few steps, and the CPU time of both processes
is added up: it shows what the summing itself costs. What overlapping saves depends on the network; what can be said
here is how much of the gradients leaves before the last one is computed.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing
import torch.nn.functional as F
from report import middle, write

from aigc_course import distributed
from aigc_course.compute import seed_all
from aigc_course.data.batches import Batches, Sharded
from aigc_course.distributed import TRAFFIC, from_environment
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.train import Learner, Run, Turn, train

MINUTES = 3
TABLES = {"processes": "summing gradients takes {against DDP @ row 1} of the CPU time of DDP's step"}
CONFIG = GPTConfig(vocab=1024, context=64, width=192, layers=4, heads=4, dropout=0.0)
MIB = 2**20
CHUNK = 3
"""Steps that one of the three makes before the next has its turn."""


def loss_of(net, batch):
    (tokens,) = batch
    return F.cross_entropy(net(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())


def turns(nets, batch, step):
    yield Turn("gpt", loss_of(nets["gpt"], batch))


def learner() -> Learner:
    seed_all(0)
    net = GPT(CONFIG)
    return Learner(net, torch.optim.AdamW(net.parameters(), 1e-3, fused=True))


def in_buckets(batches) -> Callable[[range], None]:
    """The loop of the course."""
    run = Run(turns, {"gpt": learner()})

    def steps(which: range) -> None:
        for _ in train(run, batches, which.stop):
            pass
    return steps


def at_the_end(batches) -> Callable[[range], None]:
    """By hand: one flat message after the backward pass."""
    one = learner()

    def steps(which: range) -> None:
        for step in which:
            one.opt.zero_grad()
            loss_of(one.net, batches[step]).backward()
            grads = [p.grad for p in one.net.parameters()]
            flat = torch.cat([grad.flatten() for grad in grads])
            dist.all_reduce(flat)
            flat /= dist.get_world_size()
            torch._foreach_copy_(grads, [part.view_as(grad) for part, grad in
                                         zip(flat.split([grad.numel() for grad in grads]), grads, strict=True)])
            one.opt.step()
    return steps


def by_torch(batches) -> Callable[[range], None]:
    """By hand: torch's wrapper, with the same buckets."""
    one = learner()
    parallel = torch.nn.parallel.DistributedDataParallel(one.net, bucket_cap_mb=distributed.BUCKET / MIB)

    def steps(which: range) -> None:
        for step in which:
            one.opt.zero_grad()
            loss_of(parallel, batches[step]).backward()
            one.opt.step()
    return steps


def joined(rank: int, folder: str, port: int, steps: int, runs: int) -> None:
    """One process: for each run the CPU seconds of the three, and what the first one sent in a step."""
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1",
                      MASTER_PORT=str(port))
    distributed.BUCKET = MIB                               # several buckets, though the net is small
    data = Batches((torch.randint(CONFIG.vocab, (512, CONFIG.context + 1)),), 4)
    with from_environment("cpu"):
        batches = Sharded(data, rank, 2)
        ways = [in_buckets(batches), by_torch(batches), at_the_end(batches)]
        spent = torch.zeros(runs, len(ways))
        for way in ways:                                   # the first steps make buffers
            way(range(CHUNK))
        before, played = dataclasses.replace(TRAFFIC), 0
        for run in range(runs):
            for start in range(CHUNK + run * steps, CHUNK + (run + 1) * steps, CHUNK):
                for which in (0, 1, 2) if start // CHUNK % 2 else (2, 1, 0):
                    dist.barrier()
                    begun = time.process_time()
                    ways[which](range(start, start + CHUNK))
                    spent[run, which] += time.process_time() - begun
                played += CHUNK
        sent = {key: (value - getattr(before, key)) / played for key, value in vars(TRAFFIC).items()}
        dist.all_reduce(spent)
    if rank == 0:
        torch.save({"spent": spent, **sent}, Path(folder) / "spent.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=12, help=f"steps of a run, a multiple of {CHUNK}")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(joined, (folder, port, options.steps, options.runs), nprocs=2)
        found = torch.load(Path(folder) / "spent.pt")
    ours, ddp, flat = (1e3 * found["spent"] / options.steps).unbind(1)
    parameters = sum(p.numel() for p in GPT(CONFIG).parameters())
    write("processes", "Two processes that sum their gradients: the loop, torch's wrapper, one message at the end",
          ["parameters", "messages a step", "MiB a step", "left before the last gradient", "ours, CPU ms/step",
           "DDP, CPU ms/step", "one message, CPU ms/step", "against DDP", "against one message"],
          [[f"{parameters:,}", f"{found['messages']:.0f}", f"{found['bytes'] / MIB:.2f}",
            f"{found['early'] / found['bytes']:.0%}", *(middle(one.tolist(), 1) for one in (ours, ddp, flat)),
            middle((ours / ddp).tolist(), 3), middle((ours / flat).tolist(), 3)]],
          f"Two gloo processes on one machine; buckets of 1 MiB for the loop and for DDP, whose default is 25 MiB. CPU "
          f"time of both processes together; medians (and ranges) of {options.runs} interleaved runs of "
          f"{options.steps} steps.")


if __name__ == "__main__":
    main()
