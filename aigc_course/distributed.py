"""Several processes that train one run: joining them, and summing their gradients while the backward pass still runs.

    torchrun --nproc-per-node 2 script.py

    with from_environment():                                    # does nothing in a process that torchrun did not start
        run = build(config)
        align(run, config.seed)
        for log in train(run, Sharded(batches, rank(), world()), steps): ...

Every process holds the whole net. `train` sums their gradients, divides by the number of items of all of them, and so
every process makes the same move. The gradients travel in buckets, each as soon as its last gradient is there, which
hides most of the time they take behind the rest of the backward pass (Li et al. 2020, "PyTorch Distributed",
https://arxiv.org/abs/2006.15704, section 3.2.3). Why not `DistributedDataParallel`: docs/adr/0008-many-processes.md.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.rendezvous import rendezvous

from .compute import seed_all
from .errors import CourseError

BUCKET = 25 * 2**20
"""Bytes of gradients that travel together: small enough to begin early, large enough that latency does not count."""
PATIENCE = 300
"""Seconds for which processes wait at the start for the place where they meet."""


# --- who we are -------------------------------------------------------------------------------------------------------


def is_joined() -> bool:
    """Whether this process belongs to a group, be it a group of one."""
    return dist.is_initialized()


def is_started_by_torchrun() -> bool:
    """Whether the environment describes a group that this process should join."""
    return "RANK" in os.environ or "WORLD_SIZE" in os.environ


def rank() -> int:
    """The number of this process, from 0; 0 where there is only one."""
    return dist.get_rank() if is_joined() else 0


def world() -> int:
    """The number of processes."""
    return dist.get_world_size() if is_joined() else 1


def is_first() -> bool:
    """Whether this process is the one that writes and prints."""
    return rank() == 0


def may_restart() -> bool:
    """Whether torchrun was told to start the processes again when one dies: a run that has a checkpoint then goes on.

    How often it has done so is no help: torchrun counts for each machine by itself, and the counts differ.
    """
    return int(os.environ.get("TORCHELASTIC_MAX_RESTARTS", 0)) > 0


@contextlib.contextmanager
def from_environment(device: str = "auto") -> Iterator[None]:
    """Join the group that torchrun describes in the environment, and leave it at the end; alone, do nothing.

    device: "cuda" gives every process of a machine a card of its own, which from then on is what "cuda" means in it;
        "cpu" lets processes talk through gloo; "auto" is "cuda" where there is one.
    Raises: CourseError when the environment is incomplete, a machine has more processes than cards, or torchrun is set
        up in a way in which it cannot restart what died.
    """
    if not is_started_by_torchrun():
        yield
        return
    missing = [name for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
               if name not in os.environ]
    if missing:
        raise CourseError(f"The environment describes several processes, but {', '.join(missing)} is missing: "
                          "start them with torchrun, which sets all of it, or unset RANK and WORLD_SIZE.")
    backend = "gloo"
    if device.startswith("cuda") or device == "auto" and torch.cuda.is_available():
        here, cards = int(os.environ["LOCAL_RANK"]), torch.cuda.device_count()
        if here >= cards:
            raise CourseError(f"This machine has {cards} GPU(s), too few for process {here} (counted from 0): start "
                              f"torchrun with --nproc-per-node {max(cards, 1)}, or add --device cpu.")
        torch.cuda.set_device(here)
        backend = "cpu:gloo,cuda:nccl"                 # small messages about files and streams stay on the CPU
    if os.environ["RANK"] != "0" or os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        meet(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]))
    store, number, processes = next(rendezvous("env://"))
    if may_restart() and os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        # The store outlives the processes: who is started again must not find the addresses of the dead in it.
        if int(os.environ.get("GROUP_WORLD_SIZE", 1)) > 1:
            raise CourseError("Restarts on several machines need torchrun --rdzv-backend c10d, and "
                              "TORCH_DISABLE_SHARE_RDZV_TCP_STORE=1 in the environment of every torchrun: set both, or "
                              "leave out --max-restarts.")
        life = f"life {os.environ['TORCHELASTIC_RESTART_COUNT']}"
        store = dist.PrefixStore(life, store)  # pyright: ignore[reportPrivateImportUsage], documented
    dist.init_process_group(backend, store=store, rank=number, world_size=processes)
    try:
        yield
    finally:
        dist.destroy_process_group()


def meet(address: str, port: int) -> None:
    """Wait until the meeting place of the processes answers; torch would wait in silence for half an hour.

    Raises: CourseError at once where nobody knows the address, and after `PATIENCE` where nobody answers there.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection((address, port), timeout=max(1, end - time.monotonic())).close()
            return
        except OSError as error:
            if not isinstance(error, socket.gaierror) and time.monotonic() < end:
                time.sleep(0.5)                            # it may not have been opened yet
                continue
            raise CourseError(f"The processes cannot meet at {address}, port {port} ({error}): on one machine start "
                              "torchrun with --local-addr 127.0.0.1, on several see that --rdzv-endpoint can be "
                              "reached from all of them.") from error


class HasParts(Protocol):
    """What a `train.Run` has that is needed here; `train` imports this module, not the other way round."""

    @property
    def parts(self) -> Iterable[nn.Module]: ...


def align(run: HasParts, seed: int) -> None:
    """Every process begins with the first one's parameters and buffers, and draws noise of its own from then on.

    The first process, or the only one, keeps its random streams as they are. Not for sharded nets: align, then shard.
    """
    if not is_joined():
        return
    for net in run.parts:
        for tensor in net.state_dict().values():
            whole = tensor.contiguous()
            dist.broadcast(whole, src=0)
            tensor.copy_(whole)
    if not is_first():
        seed_all(int(np.random.SeedSequence((seed, rank())).generate_state(1)[0]))


def gathered(value: Any) -> list:
    """What every process hands over here, in order of rank: anything that can be pickled, the same call in each."""
    if not is_joined():
        return [value]
    found = [None] * world()
    dist.all_gather_object(found, value)
    return found


def any_process(flag: bool) -> bool:
    """Whether `flag` is true in any process. Every process must ask; the answer, on the CPU, waits for no GPU."""
    if not is_joined():
        return flag
    found = torch.tensor(int(flag))
    dist.all_reduce(found, dist.ReduceOp.MAX)
    return bool(found)


# --- summing ----------------------------------------------------------------------------------------------------------


@dataclass
class Traffic:
    """What this process has handed over to be summed; `wire` says what then crosses the network."""

    messages: int = 0
    bytes: int = 0
    early: int = 0
    """Those of the bytes that left before the last gradient was there."""


TRAFFIC = Traffic()
"""The count since this process began."""


def wire(payload: float, processes: int) -> float:
    """Bytes that each process sends, and receives, when a ring sums `payload` bytes: 2 · (N − 1) / N · payload.

    Patarasuk & Yuan 2009, "Bandwidth Optimal All-Reduce Algorithms for Clusters of Workstations", section 3.
    """
    return 2 * (processes - 1) / processes * payload


def send(flat: Tensor, early: bool = False) -> dist.Work:
    """Begin to sum a tensor over all processes, in place."""
    size = flat.numel() * flat.element_size()
    TRAFFIC.messages += 1
    TRAFFIC.bytes += size
    TRAFFIC.early += size if early else 0
    return dist.all_reduce(flat, async_op=True)


def sum_scalars(values: Sequence[float | Tensor], device: torch.device) -> list[Tensor]:
    """Each of the numbers summed over all processes, in one message; the result stays on the device."""
    # A number is filled in by the device; copying it there would wait for all that the device has yet to do.
    dtype = torch.float32 if device.type == "mps" else torch.float64       # which Apple's GPUs do not have
    packed = torch.stack([value.to(device, dtype) if isinstance(value, Tensor)
                          else torch.full((), value, dtype=dtype, device=device) for value in values])
    send(packed).wait()
    return list(packed.unbind())


def summed(net: nn.Module) -> contextlib.AbstractContextManager:
    """Within this context a backward pass may run; at its end the net's gradients are the sums over all processes.

    A parameter that had no gradient in any process still has none. Nets whose parameters are sharded (FSDP) sum for
    themselves. Raises: CourseError when a backward pass delivers a gradient in two parts.
    """
    if not is_joined() or sums_for_itself(net):
        return contextlib.nullcontext()
    return Reduction(buckets([p for p in net.parameters() if p.requires_grad]))


def sums_for_itself(net: nn.Module) -> bool:
    """Whether the net is an FSDPModule, the import of which would take every process a second."""
    return hasattr(net, "set_requires_gradient_sync")


def buckets(parameters: Sequence[nn.Parameter], size: int | None = None) -> list[list[nn.Parameter]]:
    """Cut the parameters, last one first as a backward pass reaches them, into groups of at most `size` bytes or one.

    A group is of one dtype and on one device. None means `BUCKET`.
    """
    size = BUCKET if size is None else size
    groups: list[list[nn.Parameter]] = []
    room, kind = 0, None
    for parameter in reversed(parameters):
        need = parameter.numel() * parameter.element_size()
        if need > room or kind != (parameter.dtype, parameter.device):
            groups.append([])
            room, kind = size, (parameter.dtype, parameter.device)
        groups[-1].append(parameter)
        room -= need
    return groups


@dataclass
class Reduction:
    """One backward pass whose gradients leave in buckets, in the same order in every process."""

    buckets: list[list[nn.Parameter]]
    sent: list[tuple[Tensor, dist.Work]] = field(default_factory=list)

    def __enter__(self) -> Reduction:
        self.place = {p: i for i, bucket in enumerate(self.buckets) for p in bucket}
        self.missing = [set(bucket) for bucket in self.buckets]
        self.hooks = [p.register_post_accumulate_grad_hook(self.arrived) for p in self.place]
        return self

    def arrived(self, parameter: nn.Parameter) -> None:
        """Send the next buckets, should this gradient have been the last that they waited for."""
        place = self.place[parameter]
        if place < len(self.sent):
            raise CourseError("A backward pass delivered the gradient of one parameter in two parts, the second after "
                              "the first had been sent: use torch.utils.checkpoint with use_reentrant=False.")
        self.missing[place].discard(parameter)
        while len(self.sent) < len(self.buckets) and not self.missing[len(self.sent)]:
            self.send_next(early=any(self.missing))

    @torch.no_grad()
    def send_next(self, early: bool = False) -> None:
        """Gradients, zeros where there are none, and for each parameter whether there is one."""
        bucket = self.buckets[len(self.sent)]
        parts = [torch.zeros_like(p) if p.grad is None else p.grad for p in bucket]
        there = parts[0].new_ones(len(bucket))
        for i, p in enumerate(bucket):
            if p.grad is None:
                there[i] = 0
        flat = torch.cat([*(part.flatten() for part in parts), there])
        self.sent.append((flat, send(flat, early)))

    def __exit__(self, kind: type | None, *_) -> None:
        for hook in self.hooks:
            hook.remove()
        if kind is not None:
            return
        while len(self.sent) < len(self.buckets):
            self.send_next()
        for bucket, (flat, work) in zip(self.buckets, self.sent, strict=True):
            work.wait()
            *parts, there = flat.split([*(p.numel() for p in bucket), len(bucket)])
            have = [(p.grad, part.view_as(p)) for p, part in zip(bucket, parts, strict=True) if p.grad is not None]
            if have:
                grads, sums = map(list, zip(*have, strict=True))
                torch._foreach_copy_(grads, sums)  # pyright: ignore[reportPrivateImportUsage], nothing public is as fast
            for i, p in enumerate(bucket):
                if p.grad is None and there[i] > 0:    # looks at the device, only for a parameter unused here
                    p.grad = parts[i].view_as(p).clone()
