"""The training loop of the whole course.

An *objective* is a generator: it yields one `Turn` per update, saying who moves now and by which loss. `train`
makes the update, then resumes the objective. So a GAN is the two `yield`s of its Algorithm 1, and a VAE, a
language model or a diffusion model is a single `yield`:

    def gan_turns(nets, batch, step):
        ...
        yield Turn("d", loss_d)      # the discriminator moves now
        yield Turn("g", loss_g)      # by here it has moved; now the generator

`train` yields one log per round. Watching a run is wrapping that iterator (`aigc_course.show.progress`), stopping
is `break`, going on is calling `train` again. There are no callbacks.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from .compute import Compute
from .distributed import is_joined, sum_scalars, summed, sums_for_itself
from .errors import CourseError

Nets = Mapping[str, Any]
"""Name -> net. `Any`: each objective calls what its own nets have, such as `encode`, which no `nn.Module` has."""
Log = dict[str, Any]
"""`{"step": rounds done, name: scalar tensor, ...}`; the tensors stay on the device: `float()` only what you show."""


class Turn(NamedTuple):
    """One move of one learner."""

    who: str
    """The learner whose parameters move now."""
    loss: Tensor
    """A scalar, the mean over `weight` items."""
    log: Mapping[str, Tensor] = {}
    """Further scalars to report."""
    weight: float | Tensor = 1.0
    """How many items the mean is over, e.g. the tokens that are not padding."""


class Objective(Protocol):
    def __call__(self, nets: Nets, batch: Any, step: int) -> Iterator[Turn]: ...


class BatchSource(Protocol):
    def __getitem__(self, step: int) -> Any: ...


@dataclass
class Learner:
    """A network and everything that moves it."""

    net: nn.Module
    opt: torch.optim.Optimizer
    lr: Callable[[int], float] | None = None
    """Round (from 0) -> learning rate of every parameter group; None leaves the optimiser's own."""
    clip: float | None = None
    """Largest L2 norm of the whole gradient; longer ones are scaled down to it."""
    ema: AveragedModel | None = None
    """Follows the net."""
    scaler: torch.amp.GradScaler = field(default_factory=lambda: torch.amp.GradScaler(enabled=False))
    """Loss scaling, which float16 needs and bfloat16 does not."""


@dataclass
class Run:
    """An objective, its learners, and how many rounds they have played."""

    objective: Objective
    learners: dict[str, Learner]
    compute: Compute = Compute()
    step: int = 0
    is_whole: bool = True
    """False while a round is under way: after an interrupt there, nets and random streams lie between two rounds."""

    @property
    def nets(self) -> dict[str, Any]:
        return {name: learner.net for name, learner in self.learners.items()}

    @property
    def parts(self) -> list[nn.Module]:
        """The nets and their averages."""
        return [net for one in self.learners.values() for net in (one.net, one.ema) if net is not None]


def train(run: Run, batches: BatchSource, steps: int, accumulate: int = 1) -> Iterator[Log]:
    """Advance `run` until it has played `steps` rounds, yielding one log after each.

    `batches[i]` must be a pure function of i. With `accumulate` = k a round takes the k batches k·step … k·step + k−1
    and moves by the mean over all their items, as one large batch would. Several processes (`distributed`), each with
    batches of its own (`data.batches.Sharded`), move by the mean over all of them, which their logs report as well.
    Where there are no items, weight 0 in all batches of all processes, the learner stays as it is, its optimiser and
    its average too, and the log says nothing of it.

    Raises: ValueError for `accumulate` < 1, and CourseError when the micro-batches of a round disagree on who moves.
    """
    if accumulate < 1:
        raise ValueError(f"accumulate must be at least 1, got {accumulate}")
    while run.step < steps:
        for net in run.nets.values():
            if not net.training:                       # whoever looked at a sample may have left it in eval mode
                net.train()
        micro = [batches[run.step * accumulate + i] for i in range(accumulate)]
        run.is_whole = False
        log = play_round(run, micro)
        run.step += 1
        run.is_whole = True
        yield {"step": run.step, **log}


def play_round(run: Run, micro: Sequence[Any]) -> Log:
    """Every learner that the objective names moves once, on the mean over all items of all micro-batches."""
    log: Log = {}
    nets = run.nets
    games = [run.objective(nets, batch, run.step) for batch in micro]
    while turns := collect_gradients(run, games):
        learner = run.learners[turns[0].who]
        total, means = average(turns)
        if all(is_plainly(0, turn.weight) for turn in turns) and bool(total == 0):
            continue
        log.update(means)
        divide_gradients(learner, total)
        move(learner, turns[0].who, run.step, log)
    return log


def collect_gradients(run: Run, games: Sequence[Iterator[Turn]]) -> list[Turn]:
    """Resume each micro-batch to its next loss and sum up the gradients of loss · weight; [] when the round is over.

    The sum is over all processes; it begins while the last micro-batch's backward pass still runs.
    """
    turns: list[Turn] = []
    for place, game in enumerate(games, start=1):
        with run.compute.autocast():
            turn = next(game, None)
        if turn is None:
            continue
        learner = run.learners.get(turn.who)
        if learner is None:
            raise CourseError(f"the objective names {turn.who!r}, which is no learner of this run "
                              f"({', '.join(run.learners)})")
        if not turns:
            learner.opt.zero_grad(set_to_none=True)
        elif turn.who != turns[0].who:
            raise CourseError(f"the micro-batches of one round disagree on who moves: {turns[0].who!r} or {turn.who!r}")
        # A weight on the device is waited for, which costs little: the backward pass has not been begun, the forward
        # pass is nearly over.
        has_items = bool(turn.weight != 0)
        turn = turn if has_items else nothing(turn)
        loss = learner.scaler.scale(turn.loss if is_plainly(1, turn.weight) else turn.loss * turn.weight)
        with summed(learner.net) if place == len(games) else contextlib.nullcontext():
            if has_items or sums_for_itself(learner.net):
                loss.backward()
        turns.append(turn._replace(loss=turn.loss.detach()))
    if turns and len(turns) < len(games):
        raise CourseError("the micro-batches of one round yield different numbers of turns: "
                          "an objective's turns may depend on the step, not on the batch")
    return turns


def average(turns: Sequence[Turn]) -> tuple[float | Tensor, Log]:
    """The number of items in all micro-batches of all processes, and the means over them of the loss and its log."""
    if len(turns) == 1 and is_plainly(1, turns[0].weight) and not is_joined():
        turn = turns[0]
        return 1.0, {turn.who: turn.loss, **{key: value.detach() for key, value in turn.log.items()}}
    total = sum(turn.weight for turn in turns)
    sums: Log = {}
    for turn in turns:
        for key, value in {turn.who: turn.loss, **turn.log}.items():
            sums[key] = sums.get(key, 0) + value.detach() * turn.weight
    if is_joined():
        total, *values = sum_scalars([total, *sums.values()], turns[0].loss.device)
        sums = dict(zip(sums, values, strict=True))
    return total, {key: value / total for key, value in sums.items()}


def nothing(turn: Turn) -> Turn:
    """The turn of a micro-batch without items: a mean over none is no number, and must not spoil the others."""
    zero = turn.loss.nan_to_num(0.0, 0.0, 0.0)
    return turn._replace(loss=zero, log={key: torch.zeros_like(value) for key, value in turn.log.items()}, weight=0.0)


def divide_gradients(learner: Learner, total: float | Tensor) -> None:
    """Take the loss scale and the number of items out of the summed gradients.

    The sum over the processes came first, so that an overflow in one of them is an overflow in all, and every process
    skips the same step.
    """
    if learner.scaler.is_enabled():
        learner.scaler.unscale_(learner.opt)
    if not is_plainly(1, total):
        gradients = [p.grad for p in learner.net.parameters() if p.grad is not None]
        torch._foreach_div_(gradients, total)  # pyright: ignore[reportPrivateImportUsage], nothing public is as fast


def move(learner: Learner, name: str, step: int, log: Log) -> None:
    """Clip, set the learning rate, step the optimiser, let the average follow."""
    if learner.clip is not None:
        log[f"{name}/grad"] = nn.utils.clip_grad_norm_(learner.net.parameters(), learner.clip)
    if learner.lr is not None:
        for group in learner.opt.param_groups:
            group["lr"] = learner.lr(step)
    if learner.scaler.is_enabled():
        learner.scaler.step(learner.opt)
        learner.scaler.update()
    else:
        learner.opt.step()
    if learner.ema is not None:
        learner.ema.update_parameters(learner.net)


def is_plainly(number: float, weight: float | Tensor) -> bool:
    """Whether a weight is this plain number, without asking the device."""
    return not isinstance(weight, Tensor) and weight == number
