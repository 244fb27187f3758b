"""Options that make a run faster or smaller, applied to it in place: the loop, the nets and the checkpoints stay as is.

    job = family.job(config, data, Compute.choose("auto", "bf16"))
    done = speed_up(job.run, job.hot, Speed(compile=True))       # before the first round, before a checkpoint is loaded
    for log in train(job.run, job.batches, steps): ...
    with eager():                                                # or what is only looked at is compiled, too
        images = job.samples()

What each option buys is measured in benchmarks/options.py, threads and precision of a CPU in `aigc_course.policy`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol, cast

import torch
from torch import nn

from .compute import deterministic, tf32
from .errors import CourseError
from .train import Nets, Objective, Run, Turn


@dataclass(frozen=True)
class Speed:
    """What to do to a run. None of it changes the names or shapes in its checkpoints, which fit every combination."""

    compile: bool = False
    """Compile what the objective calls, for a GPU: it costs up to a minute at the start, and saves a CPU no time."""
    graphs: bool = False
    """Compile, and replay each pass as one CUDA graph: for small nets, whose steps wait for launches."""
    channels_last: bool = False
    """Lay images out with a pixel's channels side by side, as a GPU's bf16 and fp16 want them; a CPU gains little."""
    fused: bool = True
    """Update all parameters in one pass, where the optimiser can."""
    recompute: bool = False
    """Keep only what enters each Transformer block and compute the rest again going back: less memory, more time."""
    tf32: bool = True
    """Let CUDA round the factors of fp32 products to 10 bits of fraction; sums stay fp32."""
    deterministic: bool = False
    """The same bits from every run on this machine, also on a GPU; slower there."""


def speed_up(run: Run, hot: Iterable[nn.Module], speed: Speed = Speed()) -> list[str]:
    """Apply the options to a run that has not played yet; return what was done, a few words each.

    hot: the modules that the objective *calls*, `Job.hot`. A method such as `net.encode` is not compiled; name the
        modules that it calls. Nor can a net be compiled whose gradient's gradient is needed (gradient penalties).
    In fp16 every learner gets loss scaling, whatever the options say.
    Raises: CourseError when an option cannot be had here; the run is then as it was.
    """
    if run.step or any(learner.opt.state for learner in run.learners.values()):
        raise CourseError("This run has begun: apply the options before its first round or its checkpoint.")
    device, hot = run.compute.device, list(hot)
    if speed.graphs and device.type != "cuda":
        raise CourseError(f"CUDA graphs need a CUDA card, this run is on {device.type}: leave --graphs out.")
    blocks = [block for net in run.nets.values() for block in recomputable(net)]
    if speed.recompute and not blocks:
        raise CourseError("There are no Transformer blocks to compute again: leave --recompute out.")
    if speed.compile or speed.graphs:
        require_compiler(device.type)

    done = [str(device), run.compute.precision]
    if run.compute.dtype is torch.float16:
        for learner in run.learners.values():
            learner.scaler = run.compute.scaler()
        done[-1] += " with loss scaling"
    if device.type == "cuda":
        tf32(speed.tf32)
        done += ["TF32"] if speed.tf32 else []
    if speed.deterministic:
        deterministic()
        done.append("deterministic")
    if speed.channels_last:
        channels_last(run)
        done.append("channels last")
    if speed.fused and fuse(run):
        done.append("fused optimiser")
    if speed.recompute:
        for block in blocks:
            cast(Recomputable, block).recompute = True
        done.append(f"{len(blocks)} blocks computed again going back")
    if speed.graphs:
        run.objective = OneGraphRound(run.objective)
    if speed.compile or speed.graphs:
        for net in hot:
            net.compile(mode="reduce-overhead" if speed.graphs else "default")
        done.append("CUDA graphs" if speed.graphs else "compiled")
    return done


# --- compilation ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Inside, compiled nets run as written: what is only looked at has other shapes, which would be compiled anew."""
    with torch.compiler.set_stance("force_eager"):
        yield


@lru_cache
def compiler_trouble(device: str = "cpu") -> str:
    """Why `torch.compile` cannot work on "cpu" or "cuda" here, in a few words; "" where it works. Takes seconds, once.

    A CPU needs a C++ compiler, CUDA needs Triton and a C compiler: what is asked is to compile one addition.
    """
    try:
        torch.compile(lambda x: x.sin() + 1)(torch.zeros(2, device=device))
    except Exception as error:                                   # each backend has exceptions of its own
        return f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"
    return ""


def require_compiler(device: str) -> None:
    """Raises: CourseError, which says what is missing, unless `torch.compile` works on this device."""
    if trouble := compiler_trouble(device):
        needed = "Triton and a C compiler" if device == "cuda" else "a C++ compiler such as g++, clang++ or MSVC"
        raise CourseError(f"torch.compile does not work here ({trouble}): install {needed}, or leave --compile out.")


@dataclass
class OneGraphRound:
    """An objective, at whose every new round what the CUDA graphs of the last one put out may be written over."""

    objective: Objective
    round: int = -1

    def __call__(self, nets: Nets, batch: Any, step: int) -> Iterator[Turn]:
        if step != self.round:                                   # the micro-batches of a round share its gradients
            self.round = step
            torch.compiler.cudagraph_mark_step_begin()
        return self.objective(nets, batch, step)


# --- layout, optimisers, memory ---------------------------------------------------------------------------------------


def channels_last(run: Run) -> None:
    """Turn the weights of convolutions, and of their averages; what they compute takes the layout from them."""
    for learner in run.learners.values():
        for net in (learner.net, learner.ema):
            if net is not None:
                net.to(memory_format=torch.channels_last)


FUSED = (torch.optim.Adam, torch.optim.AdamW, torch.optim.SGD)
"""The optimisers whose fused forms torch has for every device of `Compute`."""


def fuse(run: Run) -> bool:
    """Build Adam, AdamW and SGD anew, fused, with the same settings; whether every optimiser is fused now."""
    for learner in run.learners.values():
        if type(learner.opt) in FUSED and not learner.opt.defaults["fused"]:
            groups = [{**group, "fused": True, "foreach": None} for group in learner.opt.param_groups]
            anew = cast(Callable[..., torch.optim.Optimizer], type(learner.opt))
            learner.opt = anew(groups, fused=True)
    return all(learner.opt.defaults.get("fused") for learner in run.learners.values())


class Recomputable(Protocol):
    """A module that can forget what it can compute again."""

    recompute: bool


def recomputable(net: nn.Module) -> list[nn.Module]:
    """The modules of `net` with a switch `recompute` (`transformer.Block`), which forget what they can compute again.

    Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", https://arxiv.org/abs/1604.06174
    """
    return [module for module in net.modules() if hasattr(module, "recompute")]
