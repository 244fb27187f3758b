"""A family that trains in no time: an autoencoder with noise of its own, an average and a falling learning rate.

`python tests/runs/small.py small …` is `aigc train small …`. SMALL_DIES_AT and SMALL_STOPS_AT name a round (from 0) in
which the process is killed, or gets a Ctrl-C, SMALL_ENDS_AT one in which it gets two, and SMALL_FILLS a file and a
round from which on that file takes the whole disk.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from aigc_course.compute import Compute, aside, seed_all
from aigc_course.data.batches import Batches
from aigc_course.ranges import Count
from aigc_course.recipes.catalogue import FAMILIES, Row
from aigc_course.runs.job import Family, Job
from aigc_course.train import Learner, Run, Turn
from aigc_course.weights import save_weights


@dataclass(frozen=True)
class NetConfig:
    width: int = 8
    """Units of the hidden layer."""
    z_dim: int | None = 2
    tied: bool = False
    """Whether the decoder is the encoder's transpose."""


@dataclass(frozen=True)
class SmallRecipe:
    net: NetConfig = NetConfig()
    steps: Count = 40
    """Rounds of training."""
    batch: int = 8
    lr: float = 1e-2
    """Learning rate of the first round;
    it falls in a straight line."""
    sizes: tuple[int, ...] = (3, 4)
    context: int = 0
    """A name that the command line itself uses, too."""
    makes: str = "images"
    """"images", "points" or "texts"."""
    seed: int = 0


class Interrupting:
    """Batches that end the process, or press Ctrl-C, where the environment says so."""

    def __init__(self, batches: Batches):
        self.batches = batches

    def __getitem__(self, step: int):
        for name, number, times in (("SMALL_DIES_AT", signal.SIGKILL, 1), ("SMALL_STOPS_AT", signal.SIGINT, 1),
                                    ("SMALL_ENDS_AT", signal.SIGINT, 2)):
            if os.environ.get(name) == str(step):
                for _ in range(times):
                    os.kill(os.getpid(), number)
                    time.sleep(0.01)                             # signals of one kind are not counted while they wait
        other, _, begin = os.environ.get("SMALL_FILLS", "").partition(" ")
        if begin and step >= int(begin):
            with contextlib.suppress(OSError), open(other, "ab", buffering=0) as file:
                while file.write(bytes(4096)):
                    pass
        return self.batches[step]


def turns(nets, batch, step):
    (x,) = batch
    yield Turn("small", (nets["small"](x + 0.1 * torch.randn_like(x)) - x).pow(2).mean(), {"noise": torch.rand(())})


def job(config: SmallRecipe, data: str, compute: Compute) -> Job:
    seed_all(config.seed)
    net = nn.Sequential(nn.Linear(16, config.net.width), nn.Dropout(0.1), nn.Tanh(), nn.Linear(config.net.width, 16))
    opt = torch.optim.Adam(net.parameters(), config.lr)
    ema = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    run = Run(turns, {"small": Learner(net, opt, lambda step: config.lr * (1 - step / config.steps), ema=ema)}, compute)
    images = torch.rand(64, 16)

    def made() -> Tensor:
        with aside(), torch.no_grad():
            net.eval()
            return net(torch.rand(9, 16)).sigmoid()

    def samples() -> Tensor | list[str]:
        return {"images": lambda: made().view(9, 1, 4, 4), "points": lambda: made()[:, :2],
                "texts": lambda: [f"{row[0]:.4f}\n{row[1]:.4f}" for row in made()]}[config.makes]()

    def measure() -> dict[str, float]:
        return {"error (0 to 1)": (made() - 0.5).pow(2).mean().item(), "parameters": 1.0}

    return Job(run, Interrupting(Batches((images,), config.batch, config.seed)), "rows", lambda batch: len(batch[0]),
               samples, measure, partial(save_weights, net), [net])


SMALL = Family("small", "a small autoencoder for tests", {"laptop": SmallRecipe(), "gpu": SmallRecipe(
    NetConfig(width=32, tied=True), steps=80)}, {"made": "random rows", "other": "other random rows"}, job,
    lambda path: (), "small.safetensors")


SCRIPT = Path(__file__)
QUICK = ("--threads", "1", "--precision", "fp32")


def in_a_process(*arguments, **environment) -> subprocess.CompletedProcess:
    """`aigc train small …` in a process of its own."""
    command = [sys.executable, SCRIPT, "small", *QUICK, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120,
                          env=os.environ | {"AIGC_STATIC": "1", "OMP_NUM_THREADS": "1"} | environment)


if __name__ == "__main__":
    from aigc_course.cli import main

    FAMILIES.clear()
    FAMILIES["small"] = Row("__main__:SMALL", SMALL.title)
    main(["train", *sys.argv[1:]])
