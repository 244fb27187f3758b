"""A run on disk: all that its next round depends on, written whole or not at all, read without executing anything."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Mapping
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from .compute import require_rng_state, rng_state, set_rng_state
from .distributed import gathered, is_first, rank, world
from .errors import CourseError
from .files import writing
from .train import Run

FORMAT = "aigc-course run, version 1"
MARK = b"\nSHA-256 of all before: "
"""What the end of the file begins with; 64 digits follow. `torch.load` takes no notice of it."""
PARTS = ("net", "opt", "ema", "scaler")


class CheckpointError(CourseError):
    """A checkpoint cannot be written, is damaged, or belongs to another run; the message names the file."""


def save(run: Run, path: str | Path) -> None:
    """Write all that the next round depends on; a crash midway leaves the old file whole.

    With several processes every one of them must call this; the first writes the file, with the random streams of all.

    Raises: CheckpointError when the file cannot be written, leaving no partial file behind.
    """
    path = Path(path)
    streams = gathered(rng_state())
    if not is_first():
        return
    learners = {
        name: {part: getattr(learner, part).state_dict() for part in PARTS if getattr(learner, part) is not None}
        for name, learner in run.learners.items()
    }
    optimisers = {name: type(learner.opt).__name__ for name, learner in run.learners.items()}
    state = {"format": FORMAT, "step": run.step, "rng": streams, "optimisers": optimisers, "learners": learners}
    try:
        with writing(path) as partial, open(partial, "wb+") as file:
            torch.save(state, file)
            seal(file)
            file.flush()
            os.fsync(file.fileno())
    except (OSError, RuntimeError) as error:
        kept = "; what it held before is untouched" if path.exists() else ""
        raise CheckpointError(f"{path} could not be written ({error}){kept}: "
                              "free some space or choose another folder") from error


def load(run: Run, path: str | Path) -> None:
    """Put `run` back as `save` found it: the rounds after are bit-identical to those of a run never interrupted.

    Nothing in the file is executed (`weights_only=True`), and nothing in `run` changes unless everything fits.

    Raises: CheckpointError that names the file and what does not fit.
    """
    path = Path(path)
    state = read(path)
    try:
        require_fit(run, path, state)
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise CheckpointError(f"{path} holds a part that this course does not know ({error!r}): it was saved by "
                              "another version, with which it can be continued") from error
    for name, parts in state["learners"].items():
        for part, value in parts.items():
            getattr(run.learners[name], part).load_state_dict(value)
    run.step = state["step"]
    set_rng_state(state["rng"][rank()])


def require_fit(run: Run, path: Path, state: Mapping) -> None:
    """Raises: CheckpointError unless everything in `state` fits the run and this machine."""
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
        require_same_groups(path, name, parts["opt"], learner.opt)
        if bool(parts["scaler"]) != learner.scaler.is_enabled():
            raise CheckpointError(f"{path} was saved {'with' if parts['scaler'] else 'without'} loss scaling for "
                                  f"{name!r}, unlike this run: choose the precision it was saved with")
        if parts["scaler"].keys() != learner.scaler.state_dict().keys():
            raise CheckpointError(f"{path} does not fit the loss scaling of {name!r}: another version saved it")
    if len(state["rng"]) != world():
        raise CheckpointError(f"{path} was saved by {len(state['rng'])} process(es), this run has {world()}: "
                              "only the same number continues bit for bit")
    if type(state["step"]) is not int or state["step"] < 0:
        raise CheckpointError(f"{path} was saved after round {state['step']!r}, which is no number of rounds")
    require_rng_state(state["rng"][rank()])


def read(path: Path) -> dict:
    """The contents of a checkpoint, refused unless it is whole and ours."""
    if not path.is_file():
        raise CheckpointError(f"there is no checkpoint {path}: check the name, or start the run without resuming")
    try:
        with open(path, "rb") as file:
            require_seal(path, file)
            state = torch.load(file, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, OSError, KeyError, ValueError, pickle.UnpicklingError) as error:
        raise CheckpointError(f"{path} is damaged or is no checkpoint of this course: "
                              "delete it, or resume from another one") from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path} is no checkpoint of this course (expected the mark {FORMAT!r})")
    return state


def require_same_tensors(path: Path, what: str, saved: Mapping[str, Tensor], here: Mapping[str, Tensor]) -> None:
    """Raises: CheckpointError unless both have the same names, shapes and dtypes: others would be rounded silently."""
    if saved.keys() != here.keys():
        odd = sorted(saved.keys() ^ here.keys())
        raise CheckpointError(f"{path} does not fit {what}: {odd[0]!r} is in only one of the two "
                              f"({len(odd)} such tensors)")
    for key, tensor in saved.items():
        if isinstance(tensor, Tensor) != isinstance(here[key], Tensor):
            raise CheckpointError(f"{path} does not fit {what}: {key!r} is a tensor in only one of the two")
        if not isinstance(tensor, Tensor):
            continue
        if tensor.shape != here[key].shape:
            raise CheckpointError(f"{path} does not fit {what}: {key!r} has shape {tuple(tensor.shape)} in the file "
                                  f"and {tuple(here[key].shape)} in this run")
        if tensor.dtype != here[key].dtype:
            raise CheckpointError(f"{path} does not fit {what}: {key!r} is {tensor.dtype} in the file and "
                                  f"{here[key].dtype} in this run, which would round it: build the nets as they were "
                                  "saved")


def require_same_groups(path: Path, name: str, saved: Mapping, opt: torch.optim.Optimizer) -> None:
    """Raises: CheckpointError unless the parameter groups have the same sizes and names, and the moments fit them."""
    groups, here = saved["param_groups"], opt.state_dict()["param_groups"]
    sizes = [[len(group["params"]) for group in one] for one in (groups, here)]
    if sizes[0] != sizes[1]:
        raise CheckpointError(f"{path} does not fit the optimiser of {name!r}: its parameter groups have "
                              f"{sizes[0]} tensors, this run's have {sizes[1]}")
    for ours, theirs in zip(here, groups, strict=True):
        if ours.get("param_names") != theirs.get("param_names"):
            raise CheckpointError(f"{path} does not fit the optimiser of {name!r}: the tensors of a group have other "
                                  "names or another order")
    parameters = [p for group in opt.param_groups for p in group["params"]]
    numbers = [number for group in groups for number in group["params"]]
    of = dict(zip(numbers, parameters, strict=True))
    if stray := saved["state"].keys() - of.keys():
        raise CheckpointError(f"{path} does not fit the optimiser of {name!r}: it has moments of {len(stray)} "
                              "tensors that are in no group")
    for number, moments in saved["state"].items():
        for key, tensor in moments.items():
            # one number for each number of the parameter, or one, such as the count of steps, for all of them
            if isinstance(tensor, Tensor) and tensor.ndim and tensor.shape != of[number].shape:
                raise CheckpointError(f"{path} does not fit the optimiser of {name!r}: {key!r} has shape "
                                      f"{tuple(tensor.shape)} for a tensor of shape {tuple(of[number].shape)}")


def seal(file: BufferedRandom) -> None:
    """Write the digest of a file that is open for reading and writing at its end."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.write(MARK + digest.encode())


def require_seal(path: Path, file: BinaryIO) -> None:
    """Raises: CheckpointError unless the file ends with the digest of all before; go back to its beginning."""
    length = file.seek(0, os.SEEK_END) - len(MARK) - 64
    found, digest = b"", hashlib.sha256()
    if length > 0:
        file.seek(length)
        found = file.read()
        file.seek(0)
        while length and (block := file.read(min(length, 1 << 20))):
            digest.update(block)
            length -= len(block)
    if not found.startswith(MARK):
        raise CheckpointError(f"{path} is damaged or is no checkpoint of this course, or an older version saved it, "
                              "which wrote no digest: resume from another one, or start the run again")
    if found != MARK + digest.hexdigest().encode():
        raise CheckpointError(f"{path} is damaged (its digest is another one): resume from another one, or start the "
                              "run again")
    file.seek(0)
