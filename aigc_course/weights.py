"""The weights of a trained net as one small file: safetensors, floats in half precision, nothing in it executed.

A file holds the net, and beside it what is needed to use it, such as its settings and its vocabulary. `checkpoint`
saves a run that is to go on: optimisers, averages and random streams as well.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from .errors import CourseError

Net = TypeVar("Net", bound=nn.Module)


def save_weights(net: nn.Module, path: Path, about: Mapping | None = None) -> None:
    """Write the weights and buffers of a net, floats in half precision, which halves the file.

    about: what `read_weights` is to give back besides, in JSON's types.
    Raises CourseError, leaving what was there before, when a number is too large for half precision or not finite,
    or when the file cannot be written.
    """
    state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in net.state_dict().items()}
    for name, tensor in state.items():
        if not tensor.isfinite().all():
            raise CourseError(f"{name} holds numbers beyond half precision, so {path} was not written: "
                              "the training diverged, try a smaller learning rate.")
    partial = path.with_name(path.name + ".tmp")
    try:
        save_file({name: tensor.contiguous() for name, tensor in state.items()}, partial,
                  metadata={"about": json.dumps(about, ensure_ascii=False)} if about is not None else None)
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        raise CourseError(f"{path} could not be written ({error}): "
                          "free some space or choose another folder.") from error


def load_weights(net: Net, path: Path, what: str, recipe: str) -> Net:
    """The net with the weights of a file, in the net's own precision, in evaluation mode, its parameters frozen.

    what, recipe: what the file should hold and the command that trains it, for the message.
    Raises CourseError when the file is missing, damaged, or holds another net.
    """
    with expecting(what, path, recipe):
        net.load_state_dict(read_weights(path)[0])               # half precision is widened on the way in
    return net.eval().requires_grad_(False)


def load_saved(kind: type[Net], config: type, path: Path, what: str, recipe: str) -> Net:
    """As `load_weights`, a net of the config that was saved with it: `kind(config(**about["config"]))`."""
    with expecting(what, path, recipe):
        saved = read_weights(path)[1]["config"]
        net = kind(config(**{name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()}))
    return load_weights(net, path, what, recipe)


def read_weights(path: Path) -> tuple[dict[str, Tensor], dict]:
    """The tensors of a file, and what `save_weights` was told about them. To be called inside `expecting`."""
    with safe_open(path, "pt") as file:
        about = json.loads((file.metadata() or {}).get("about", "{}"))
        return {name: file.get_tensor(name) for name in file.keys()}, about      # noqa: SIM118, the file is no dict


@contextmanager
def expecting(what: str, path: Path, recipe: str) -> Iterator[None]:
    """A block that reads a file: whatever does not fit becomes a CourseError that says what the file should hold."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError, LookupError, TypeError, ValueError) as error:
        raise CourseError(f"{path} does not hold {what}: restore it with `git checkout`, "
                          f"or train it again with `{recipe}`.") from error
