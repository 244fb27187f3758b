"""A GPT too large for one card: each of N processes keeps 1/N of its parameters, gradients and optimiser state (FSDP2).

    torchrun --nproc-per-node 2 -m aigc_course.projects.fsdp FOLDER

`fully_shard` changes a net in place: before a block computes, its processes gather the parameters from one another, and
afterwards they forget them; gradients are summed and scattered. The nets, the objective and the loop are those of
`aigc train gpt`, and so is the result (ZeRO, stage 3: Rajbhandari et al. 2020, https://arxiv.org/abs/1910.02054;
Zhao et al. 2023, "PyTorch FSDP", https://arxiv.org/abs/2304.11277).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn
from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import FSDPModule, fully_shard
from torch.distributed.tensor import DTensor

from aigc_course.compute import Compute
from aigc_course.data.batches import Sharded
from aigc_course.distributed import align, from_environment, is_first, rank, world
from aigc_course.errors import CourseError
from aigc_course.recipes.text.gpt import FAMILY
from aigc_course.show.progress import progress
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
    return get_model_state_dict(net, options=StateDictOptions(full_state_dict=True, cpu_offload=True))


def main(
    folder: Annotated[Path, typer.Argument(help="Where to save the model.")],
    preset: Annotated[str, typer.Option(help="laptop or gpu")] = "laptop",
    data: Annotated[str, typer.Option(help="As for aigc train gpt.")] = "verse",
    steps: Annotated[int | None, typer.Option(help="Rounds; None: as many as the preset says.")] = None,
    accumulate: Annotated[int, typer.Option(help="Batches of each process in a round.")] = 1,
    device: str = "auto",
    precision: str = "auto",
) -> None:
    """Train a GPT that is spread over all processes, and save it as one."""
    with from_environment(device):
        if world() == 1:
            raise CourseError("One process has nobody to share with: start it with torchrun --nproc-per-node 2.")
        config = FAMILY.presets[preset]
        config = config if steps is None else replace(config, steps=steps)
        compute = Compute.choose(device, precision)
        job = FAMILY.job(config, data, compute)
        align(job.run, config.seed)
        learner = job.run.learners["gpt"]
        shard(learner, learner.net.blocks)
        loss, logs = math.nan, train(job.run, Sharded(job.batches, rank(), world()), config.steps, accumulate)
        for log in progress(logs, config.steps, "gpt") if is_first() else logs:
            loss = log.get("gpt", loss)
        weights = whole(learner.net)
        parameters = sum(parameter.numel() for parameter in learner.net.parameters())
        if is_first():
            print(f"{config.steps} rounds, last loss {float(loss):.6f}")
            print(f"of the {12 * parameters} bytes of {parameters} parameters and their AdamW state, this one keeps "
                  f"{kept(job.run)}")
            plain = FAMILY.job(config, data, Compute(torch.device("cpu")))
            plain.run.nets["gpt"].load_state_dict(weights)
            plain.save(folder)


if __name__ == "__main__":
    typer.run(main)
