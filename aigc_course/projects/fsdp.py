"""A GPT too large for one card: each of N processes keeps 1/N of its parameters, gradients and optimiser state (FSDP2).

    torchrun --nproc-per-node 2 -m aigc_course.cli train gpt --shard --out FOLDER

`fully_shard` changes a net in place: before a block computes, its processes gather the parameters from one another, and
afterwards they forget them; gradients are summed and scattered. The nets, the objective and the loop are those of
`aigc train gpt`, and so is the result (ZeRO, stage 3: Rajbhandari et al. 2020, https://arxiv.org/abs/1910.02054;
Zhao et al. 2023, "PyTorch FSDP", https://arxiv.org/abs/2304.11277).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor

from aigc_course.compute import Compute
from aigc_course.data.batches import Sharded
from aigc_course.distributed import is_first, rank, world
from aigc_course.errors import CourseError
from aigc_course.runs.folder import Asked, Folder
from aigc_course.runs.job import Family, Job
from aigc_course.runs.options import with_values
from aigc_course.show.progress import progress
from aigc_course.speed import recomputable
from aigc_course.train import Learner, Run, train


def shard(learner: Learner, blocks: Iterable[nn.Module]) -> None:
    """Spread a learner over the processes, in place, before its first move; its optimiser follows.

    blocks: the parts of the net whose parameters are gathered together, one part at a time.
    """
    names = {parameter: name for name, parameter in learner.net.named_parameters()}
    mesh = init_device_mesh(next(learner.net.parameters()).device.type, (world(),))
    for module in (*blocks, learner.net):
        fully_shard(module, mesh=mesh)
    for module in learner.net.modules():
        if isinstance(module, FSDPModule):
            module.set_gradient_divide_factor(1.0)      # sums: the loop divides them by the number of items itself
            module.set_force_sum_reduction_for_comms(True)
    placed = dict(learner.net.named_parameters())
    for group in learner.opt.param_groups:
        group["params"] = [placed[names[parameter]] for parameter in group["params"]]


def kept(run: Run) -> int:
    """Bytes of parameters and optimiser state in this process."""
    tensors = [tensor for learner in run.learners.values()
               for tensor in (*learner.net.parameters(), *(v for s in learner.opt.state.values() for v in s.values()))]
    return sum(part.numel() * part.element_size() for part in map(local, tensors))


def local(tensor: Tensor) -> Tensor:
    """This process's part of a tensor."""
    return tensor.to_local() if isinstance(tensor, DTensor) else tensor


def whole(net: nn.Module) -> dict[str, Tensor]:
    """The net's weights, put together on the CPU of the first process; {} in the others, which must call this too."""
    weights = get_model_state_dict(net, options=StateDictOptions(full_state_dict=True, cpu_offload=True))
    return cast(dict[str, Tensor], weights)                       # our modules add nothing else to it


def train_sharded(family: Family, asked: Asked, folder: Folder, job: Job, steps: int, accumulate: int) -> str:
    """Take a job that has not begun to its end, spread over all processes, and save its nets whole; what to say then.

    Every process must call this. Raises: CourseError where there is only one.
    """
    if world() == 1:
        raise CourseError("One process has nobody to share with: start it with torchrun --nproc-per-node 2.")
    if any(learner.ema is not None for learner in job.run.learners.values()):
        raise CourseError(f"{family.name} keeps an average of its weights, which is not spread: leave --shard out.")
    for learner in job.run.learners.values():
        shard(learner, recomputable(learner.net))
    losses, logs = {}, train(job.run, Sharded(job.batches, rank(), world()), steps, accumulate)
    for log in progress(logs, steps, family.name) if is_first() else logs:
        losses |= {name: log[name] for name in job.run.learners if name in log}      # not all move in every round
    weights = {name: whole(net) for name, net in job.run.nets.items()}
    parameters = sum(parameter.numel() for net in job.run.nets.values() for parameter in net.parameters())
    if is_first():
        plain = family.job(with_values(family.presets[asked.preset], asked.config), asked.options["data"], Compute())
        for name, state in weights.items():
            plain.run.nets[name].load_state_dict(state)
        folder.weights.mkdir(exist_ok=True)
        plain.save(folder.weights / family.weights(asked.preset))
    said = ", ".join(f"{name} {float(loss):.6f}" for name, loss in losses.items())
    return (f"{steps} rounds, last loss {said}; of the {12 * parameters} bytes of {parameters} parameters and their "
            f"optimiser's state, this process kept {kept(job.run)}. Weights are in {folder.weights}")
