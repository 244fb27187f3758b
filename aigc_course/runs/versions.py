"""Where numbers come from: the machine, the versions, the commit."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from aigc_course import __version__
from aigc_course.compute import Compute
from aigc_course.distributed import world

PACKAGES = ("numpy", "torchvision", "transformers", "tokenizers", "safetensors")


def versions(compute: Compute, seed: int) -> dict[str, Any]:
    """All that another computer needs to be told to come to the same numbers."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seed": seed,
        "course": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        **{name: version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(compute.device) if compute.device.type == "cuda" else compute.device.type,
        "dtype": str(compute.dtype).removeprefix("torch."),
        "processes": world(),
    }


def commit() -> str | None:
    """The commit of the clone that this package stands in, with "+" if tracked files differ; None outside a clone."""
    folder = Path(__file__).parents[2]
    if not (folder / ".git").exists():
        return None
    try:
        head, changed = (subprocess.run(["git", *command], cwd=folder, capture_output=True, text=True, timeout=10,
                                        check=True).stdout.strip()
                         for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]))
    except (OSError, subprocess.SubprocessError):                               # no git on this computer
        return None
    return head + ("+" if changed else "")


def processor() -> str:
    """The processor's name as the operating system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
