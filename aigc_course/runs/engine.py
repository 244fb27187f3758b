"""Take a family's run to its end in a folder: log, samples, checkpoints, quality; stop, and go on without a trace."""

from __future__ import annotations

import errno
import math
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from tqdm.auto import tqdm

from aigc_course import __version__, checkpoint
from aigc_course.compute import Compute, deterministic
from aigc_course.data.batches import Sharded
from aigc_course.distributed import (
    align,
    any_process,
    from_environment,
    is_first,
    is_started_by_torchrun,
    may_restart,
    rank,
    world,
)
from aigc_course.errors import CourseError
from aigc_course.policy import choose_policy
from aigc_course.runs.card import card
from aigc_course.runs.folder import Asked, Folder
from aigc_course.runs.inputs import fingerprints, require_same, whole_path
from aigc_course.runs.job import Family, Job
from aigc_course.runs.options import Options, flag, text, values, with_values
from aigc_course.runs.trace import Meter, Trace, floats
from aigc_course.runs.versions import versions
from aigc_course.show.progress import is_static
from aigc_course.speed import eager, speed_up
from aigc_course.train import Run, train

FREE = {"device", "threads", "save_every", "sample_every", "log_every"}
"""Options that a run may go on with otherwise: the first two can change its last digits, the others change nothing."""

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
"""What a system says of a disk, or of a learner's share of it, on which nothing can be written any more."""


NO_ROOM = ("memory", "storage size", "overflow", "too large", "too many")
"""What torch, NumPy and Python say of tensors that no computer holds."""


@dataclass(frozen=True)
class Request:
    """What somebody asked for on the command line."""

    family: Family
    preset: str | None
    given: Mapping[str, Any]
    """Path -> value of the settings of the config and of `Options` that were written out."""
    out: Path | None
    resume: bool
    command: str
    """What was typed before the options: "aigc train gpt"."""


def fulfil(request: Request) -> None:
    """Start a run, or go on with one, and take it to its end. Raises: CourseError for whatever a learner can mend."""
    if request.out is None and is_started_by_torchrun():
        raise CourseError("Several processes need to know the folder of their run: name it with --out.")
    folder = Folder(request.out or fresh_folder(request.family.name))
    try:
        carry_out(request, folder)
    finally:
        if request.out is None:
            with suppress(OSError):                           # what was asked for was refused: the folder is empty
                folder.path.rmdir()


def carry_out(request: Request, folder: Folder) -> None:
    resume = request.resume or may_restart() and folder.holds_run()
    asked = asked_again(request, folder) if resume else asked_first(request, folder)
    # Joining waits for all processes, so none looks for the folder after the first one has made it.
    with from_environment(asked.options["device"]):
        def go_on() -> str:
            if not folder.holds_run():
                return "Then start again with the same command."
            return f"Go on with: {request.command} --out {shlex.quote(str(folder.path))} --resume"

        try:
            sentence = take(request.family, asked, folder, resume)
        except checkpoint.CheckpointError as error:
            raise CourseError(f"{error}. {go_on()}") from error
        except KeyboardInterrupt:
            if not folder.holds_run():
                raise
            kept = "the last checkpoint is kept" if folder.checkpoint.exists() else "there was no checkpoint yet"
            raise CourseError(f"Stopped at once; {kept}. {go_on()}") from None
        except torch.OutOfMemoryError as error:
            raise CourseError("The GPU's memory is full: start again with a smaller batch (and --accumulate), "
                              "with --precision bf16, or, where there are Transformer blocks, with --recompute.") \
                from error
        except (RuntimeError, MemoryError, OverflowError) as error:
            if not any(word in str(error).lower() for word in NO_ROOM) and not isinstance(error, MemoryError):
                raise
            raise CourseError(f"There is no room in memory for these sizes ({str(error).splitlines()[0]}): "
                              "start again with smaller ones.") from error
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise CourseError(f"{error.filename or folder.path} could not be written ({error.strerror}): "
                              f"free some space. {go_on()}") from error
        say(sentence or f"Nothing is lost. {go_on()}")


def take(family: Family, asked: Asked, folder: Folder, resume: bool) -> str:
    """Take a run to its end; what to say then, or "" when it was asked to stop before."""
    with ExitStack() as stack:
        if resume and is_first():
            stack.enter_context(folder.held())
        return take_in(family, asked, folder, resume, stack)


def take_in(family: Family, asked: Asked, folder: Folder, resume: bool, stack: ExitStack) -> str:
    """`take`; the stack holds the folder, a new one as soon as it is made."""
    config = with_values(family.presets[asked.preset], asked.config)
    options = with_values(family.options(asked.preset), asked.options)
    job, options = ready(family, config, options, is_fresh=not resume)
    found = fingerprints(options.data, family.data, job.batches)
    require_same(asked.inputs, found, options.data)
    if resume and folder.checkpoint.exists():
        checkpoint.load(job.run, folder.checkpoint)
        if folder.card.exists() and job.run.step >= config.steps:
            return f"This run is finished, after {job.run.step} rounds: see {folder.card}"
    if is_first():
        if not resume:
            asked = replace(asked, options=values(options), inputs=found)
            folder.make()
            stack.enter_context(folder.held())
            folder.create(asked)
        note_versions(folder, job.run, config.seed)
    if options.shard:
        from aigc_course.projects.fsdp import train_sharded
        return train_sharded(family, asked, folder, job, config.steps, options.accumulate)
    if not advance(job, folder, options, config.steps):
        say(f"Stopped after round {job.run.step} of {config.steps}.")
        return ""
    if is_first():
        conclude(family, asked, job, folder)
    return f"Weights, samples, log and card are in {folder.path}: begin with {folder.card}"


def ready(family: Family, config: Any, options: Options, is_fresh: bool) -> tuple[Job, Options]:
    """A job for its first round or its checkpoint, and the options with what `auto` stands for on this machine."""
    if options.deterministic:
        deterministic()                                       # before a GPU has computed anything
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    compute = Compute.choose(options.device, options.precision)
    job = family.job(config, options.data, compute)
    align(job.run, config.seed)
    if is_fresh:
        found = choose_policy(job.run, job.batches, options.accumulate,
                              threads=None if options.threads is None else [options.threads],
                              precisions=None if options.precision == "auto" else [options.precision])
        found.choice.apply(job.run)
        if len(found.ratios) > 1:
            say(f"Tried out: {found}")
        options = replace(options, device=compute.device.type, precision=found.choice.precision,
                          threads=found.choice.threads)
    say(f"{family.name} on {', '.join(speed_up(job.run, job.hot, options))}")
    return job, options


def asked_first(request: Request, folder: Folder) -> Asked:
    """A preset with what was given. Raises: CourseError when the folder already holds a run."""
    if folder.holds_run():
        raise CourseError(f"{folder.path} already holds a run: add --resume to go on with it, "
                          "or choose another folder with --out.")
    family, preset = request.family, request.preset or next(iter(request.family.presets))
    begun = values(family.presets[preset]), values(family.options(preset))
    config, options = ({path: request.given.get(path, value) for path, value in one.items()} for one in begun)
    family.require(preset, options["data"])
    return Asked(family.name, preset, config, options | {"data": whole_path(options["data"], family.data)})


def asked_again(request: Request, folder: Folder) -> Asked:
    """What the folder's run was started with. Raises: CourseError when there is none, or something else was given."""
    if request.out is None:
        raise CourseError("--resume needs the folder of the run: name it with --out.")
    asked = folder.asked()
    if asked.family != request.family.name:
        raise CourseError(f"{folder.path} holds a run of {asked.family}, not of {request.family.name}: resume it with "
                          f"`aigc train {asked.family}`, or choose another --out.")
    require_same_settings(request.family, asked, folder)
    begun = {"preset": asked.preset, **asked.config, **asked.options}
    given = request.given if request.preset is None else {"preset": request.preset, **request.given}
    for path, value in given.items():
        if path == "data":                                # a path may be written in many ways
            value, begun[path] = (whole_path(data, request.family.data) for data in (value, begun[path]))
        if path not in FREE and text(value) != text(begun[path]):
            raise CourseError(f"{folder.path} was started with {flag(path)} {text(begun[path])}, and a run goes on as "
                              f"it began: leave out {flag(path)}, or start another run with another --out.")
    changed = {path: value for path, value in request.given.items() if path in FREE}
    return replace(asked, options={**asked.options, **changed})


def require_same_settings(family: Family, asked: Asked, folder: Folder) -> None:
    """Raises: CourseError when this version of the course has other settings than the one that began the run.

    A default of today for a setting of yesterday would make another run of it without a word.
    """
    file = folder.path / "config.json"
    if not isinstance(asked.config, dict) or not isinstance(asked.options, dict):
        raise CourseError(f"{file} is damaged: restore it, or start another run.")
    family.require(asked.preset, asked.options.get("data", next(iter(family.data))))
    known = {*values(family.presets[asked.preset]), *values(family.options(asked.preset))}
    if odd := sorted(known ^ {*asked.config, *asked.options}):
        begun = [*(folder.read_json("versions.json") if (folder.path / "versions.json").exists() else []), {}][0]
        raise CourseError(f"{file} {'lacks' if odd[0] in known else 'has'} {flag(odd[0])}, unlike version "
                          f"{__version__} of the course: go on with version {begun.get('course', '?')}, commit "
                          f"{begun.get('commit', '?')}, which began the run, or start another one.")
    try:
        with_values(family.presets[asked.preset], asked.config)
        with_values(family.options(asked.preset), asked.options)
    except CourseError as error:
        raise CourseError(f"{file}: {error}") from error


def advance(job: Job, folder: Folder, options: Options, steps: int) -> bool:
    """Take the run to round `steps`, leaving a trace in the folder; False if it was asked to stop before."""
    run, first = job.run, is_first()
    log = folder.rewind(run.step) if first else []
    meter = Meter(Sharded(job.batches, rank(), world()), job.count, log[-1]["seconds"] if log else 0.0)
    with ExitStack() as stack:
        stop = stack.enter_context(asked_to_stop())
        trace = stack.enter_context(Trace(folder, run.step)) if first else None
        often = 0.3 if sys.stderr.isatty() else 30            # seconds; what goes to a file is not written over
        bar = stack.enter_context(tqdm(total=steps, initial=run.step, unit="round", dynamic_ncols=True,
                                       mininterval=often, maxinterval=max(10, often),
                                       disable=is_static() or not first))
        if first:
            stack.callback(folder.let_go)
            folder.hold_room()
        if run.step == 0:
            folder.save(run)                                  # a disk that is too small is found out now
            if trace is not None:
                look(trace, job, meter)
        for log in train(run, meter, steps, options.accumulate):
            to_log, to_sample, to_save = (run.step % every == 0 or run.step == steps for every in
                                          (options.log_every, options.sample_every, options.save_every))
            stopping = (to_log or world() == 1) and any_process(bool(stop))
            if to_log or to_sample or to_save or stopping:
                numbers = floats(log)
                require_numbers(run, numbers)
            try:
                if to_log and trace is not None:
                    show(bar, trace, job, meter, numbers)
                if to_sample and trace is not None:
                    look(trace, job, meter)
            except OSError:                                   # the disk is full
                if world() == 1:
                    folder.save(run)
                raise
            if to_save or stopping:
                with meter.paused():
                    folder.save(run)
            bar.update()
            if stopping and run.step < steps:
                return False
    return True


def show(bar: tqdm, trace: Trace, job: Job, meter: Meter, numbers: Mapping[str, float]) -> None:
    """One line of the log, and what the bar says."""
    rate, learners = meter.rate(), job.run.learners
    rates = {f"{name}/lr": learner.opt.param_groups[0]["lr"] for name, learner in learners.items()}
    trace.scalars({"step": job.run.step, "seconds": round(meter.seconds(), 3), f"{job.unit} per second": rate,
                   **numbers, **rates})
    losses = ", ".join(f"{name} {numbers[name]:.3f}" for name in learners if name in numbers)
    bar.set_postfix_str(f"{rate:.4g} {job.unit}/s, {losses}", refresh=False)


def look(trace: Trace, job: Job, meter: Meter) -> None:
    """Keep what the nets make now."""
    with meter.paused(), eager():
        trace.samples(job.run.step, job.samples())


def conclude(family: Family, asked: Asked, job: Job, folder: Folder) -> None:
    """Measure the quality, write the weights and the card."""
    say("Measuring the quality on data that was not trained on …")
    with eager():
        metrics = {name: float(value) for name, value in job.measure().items()}
    folder.write_json("metrics.json", metrics)
    folder.weights.mkdir(exist_ok=True)
    job.save(folder.weights / family.weights(asked.preset))
    folder.write("card.md", card(family, asked, folder, job).encode())
    for name, value in metrics.items():
        say(f"  {name}: {value:.4g}")


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """A list that is not empty after Ctrl-C, or after the SIGTERM of a batch system; a second one stops at once."""
    asked: list[int] = []

    def ask(number: int, frame: Any) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        say("\nStopping after this round, and saving …")

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def require_numbers(run: Run, numbers: Mapping[str, float]) -> None:
    """Raises: CourseError when a loss is no number, before such nets are saved over a good checkpoint."""
    for name, learner in run.learners.items():
        if math.isnan(numbers.get(name, 0.0)) and not learner.scaler.is_enabled():
            raise CourseError(f"The loss of {name!r} is no number any more after round {run.step}: the training "
                              "diverged. Start again with a smaller --lr, or with --precision fp32.")


def note_versions(folder: Folder, run: Run, seed: int) -> None:
    """Add to versions.json where the rounds from here on are computed."""
    before = folder.read_json("versions.json") if (folder.path / "versions.json").exists() else []
    folder.write_json("versions.json", [*before, {"from_round": run.step, **versions(run.compute, seed)}])


def fresh_folder(family: str) -> Path:
    """A new folder for a run that was given none: runs/gpt-20260131-235959, or …-2 for the second of that second.

    Raises: CourseError when it cannot be made.
    """
    name = f"{family}-{time.strftime('%Y%m%d-%H%M%S')}"
    number = 0
    while True:
        number += 1
        path = Path("runs") / (name if number == 1 else f"{name}-{number}")
        try:
            path.mkdir(parents=True)                          # of several runs that try, one succeeds
            return path
        except FileExistsError:
            if not path.is_dir():
                raise CourseError(f"{path.parent} is no folder: name one for the run with --out.") from None
        except OSError as error:
            raise CourseError(f"{path} cannot be made ({error.strerror}): name a folder for the run with --out.") \
                from error


def say(sentence: str) -> None:
    if is_first():
        print(sentence, flush=True)
