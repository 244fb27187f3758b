"""A run on disk: all that its next round depends on, written whole or not at all, read without executing anything."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor

from .compute import rng_state, set_rng_state
from .errors import CourseError
from .train import Run

FORMAT = "aigc-course run, version 1"
PARTS = ("net", "opt", "ema", "scaler")


class CheckpointError(CourseError):
    """A checkpoint cannot be written, is damaged, or belongs to another run; the message names the file."""


def save(run: Run, path: str | Path) -> None:
    """Write all that the next round depends on; a crash midway leaves the old file whole.

    With several processes every one of them must call this; the first writes the file, with the random streams of all.

    Raises CheckpointError when the file cannot be written, leaving no partial file behind.
    """
    path = Path(path)
    streams = [rng_state()]
    if dist.is_initialized():
        streams = [None] * dist.get_world_size()
        dist.all_gather_object(streams, rng_state())
        if dist.get_rank() != 0:
            return
    learners = {
        name: {part: getattr(learner, part).state_dict() for part in PARTS if getattr(learner, part) is not None}
        for name, learner in run.learners.items()
    }
    optimisers = {name: type(learner.opt).__name__ for name, learner in run.learners.items()}
    state = {"format": FORMAT, "step": run.step, "rng": streams, "optimisers": optimisers, "learners": learners}
    partial = path.with_name(path.name + ".tmp")
    try:
        with open(partial, "wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        partial.unlink(missing_ok=True)
        raise CheckpointError(f"{path} could not be written ({error}); what it held before is untouched: "
                              "free some space or choose another folder") from error


def load(run: Run, path: str | Path) -> None:
    """Put `run` back as `save` found it: the rounds after are bit-identical to those of a run never interrupted.

    Nothing in the file is executed (`weights_only=True`), and nothing in `run` changes unless everything fits.

    Raises CheckpointError that names the file and what does not fit.
    """
    path = Path(path)
    state = read(path)
    if state["learners"].keys() != run.learners.keys():
        raise CheckpointError(f"{path} holds the learners {', '.join(state['learners'])}; "
                              f"this run has {', '.join(run.learners)}: it was saved by another kind of run")
    for name, parts in state["learners"].items():
        learner = run.learners[name]
        for part in PARTS:
            if (part in parts) != (getattr(learner, part) is not None):
                raise CheckpointError(f"{path} {'has' if part in parts else 'lacks'} the part {part!r} of {name!r}, "
                                      "unlike this run: build the run with the options it was saved with")
        if state["optimisers"][name] != type(learner.opt).__name__:
            raise CheckpointError(f"{path} was saved with the optimiser {state['optimisers'][name]} for {name!r}; "
                                  f"this run uses {type(learner.opt).__name__}")
        for part in ("net", "ema"):
            if part in parts:
                require_same_tensors(path, f"{name}.{part}", parts[part], getattr(learner, part).state_dict())
        require_same_groups(path, name, parts["opt"], learner.opt.state_dict())
        if bool(parts["scaler"]) != learner.scaler.is_enabled():
            raise CheckpointError(f"{path} was saved {'with' if parts['scaler'] else 'without'} loss scaling for "
                                  f"{name!r}, unlike this run: choose the precision it was saved with")
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    if len(state["rng"]) != world:
        raise CheckpointError(f"{path} was saved by {len(state['rng'])} process(es), this run has {world}: "
                              "only the same number continues bit for bit")
    for name, parts in state["learners"].items():
        for part, value in parts.items():
            getattr(run.learners[name], part).load_state_dict(value)
    run.step = state["step"]
    set_rng_state(state["rng"][rank])


def read(path: Path) -> dict:
    """The contents of a checkpoint, refused unless it is whole and ours."""
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}: check the name, or start the run without resuming")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, KeyError, ValueError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} is damaged or is no checkpoint of this course: "
                              "delete it, or resume from another one") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path} is no checkpoint of this course (expected the mark {FORMAT!r})")
    return state


def require_same_tensors(path: Path, what: str, saved: Mapping[str, Tensor], here: Mapping[str, Tensor]) -> None:
    """Raise CheckpointError unless both have the same names and shapes."""
    if saved.keys() != here.keys():
        odd = sorted(saved.keys() ^ here.keys())
        raise CheckpointError(f"{path} does not fit {what}: {odd[0]!r} is in only one of the two "
                              f"({len(odd)} such tensors)")
    for key, tensor in saved.items():
        if isinstance(tensor, Tensor) and tensor.shape != here[key].shape:
            raise CheckpointError(f"{path} does not fit {what}: {key!r} has shape {tuple(tensor.shape)} in the file "
                                  f"and {tuple(here[key].shape)} in this run")


def require_same_groups(path: Path, name: str, saved: Mapping, here: Mapping) -> None:
    """Raise CheckpointError unless the optimiser's parameter groups have the same sizes."""
    sizes = [[len(group["params"]) for group in state["param_groups"]] for state in (saved, here)]
    if sizes[0] != sizes[1]:
        raise CheckpointError(f"{path} does not fit the optimiser of {name!r}: its parameter groups have "
                              f"{sizes[0]} tensors, this run's have {sizes[1]}")
