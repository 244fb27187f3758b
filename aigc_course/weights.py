"""The weights of a trained net as one small file: safetensors, floats in half precision, nothing in it executed.

A file holds the net, beside it what is needed to use it, such as its settings and its vocabulary, and a digest of all
of it: a file in which one bit has changed is refused. `checkpoint` saves a run that is to go on: optimisers, averages
and random streams as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from .errors import CourseError
from .files import is_listed, sha256, write_whole

Net = TypeVar("Net", bound=nn.Module)
DIGEST = re.compile(rb'"sha256":"([0-9a-f]{64})"')
"""Where the head of a file says its SHA-256, which is that of the same file with zeros in this place."""


def save_weights(net: nn.Module, path: Path, about: Mapping | None = None) -> None:
    """Write the weights and buffers of a net, floats in half precision, which halves the file.

    about: what `read_weights` is to give back besides, in JSON's types.
    Raises: CourseError, leaving what was there before, when a number is too large for half precision or not finite,
    or when the file cannot be written.
    """
    state = {name: tensor.half() if tensor.is_floating_point() else tensor for name, tensor in net.state_dict().items()}
    for name, tensor in state.items():
        if not tensor.isfinite().all():
            raise CourseError(f"{name} holds numbers beyond half precision, so {path} was not written: "
                              "the training diverged, try a smaller learning rate.")
    try:
        tensors = safetensors.torch.save({name: tensor.contiguous() for name, tensor in state.items()})
        write_whole(path, signed(tensors, about))
    except (OSError, SafetensorError) as error:
        raise CourseError(f"{path} could not be written ({error}): "
                          "free some space or choose another folder.") from error


def load_weights(net: Net, path: Path, what: str, recipe: str) -> Net:
    """The net with the weights of a file, in the net's own precision, in evaluation mode, its parameters frozen.

    what, recipe: what the file should hold and the command that trains it, for the message.
    Raises: CourseError when the file is missing, damaged, or holds another net.
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
    """The tensors of a file, and what `save_weights` was told about them. To be called inside `expecting`.

    Raises: CourseError for a file that neither carries its digest nor is listed in its folder's SHA256SUMS.
    """
    content = path.read_bytes()
    at = place(content)
    if at is not None and content[at:at + 64] != digest(content, at):
        raise ValueError("another digest than that of what the file holds")
    tensors = safetensors.torch.load(content)
    if at is None and not is_listed(path, content):
        raise CourseError(f"Nothing says whether {path} is whole: it is damaged, or an older version of the course, "
                          "which kept no digest, has saved it. Restore it, or train it again.")
    return tensors, json.loads(json.loads(head(content)).get("__metadata__", {}).get("about", "{}"))


def head(content: bytes) -> bytes:
    """The JSON with which a safetensors file begins, behind its length in eight bytes."""
    return content[8:8 + int.from_bytes(content[:8], "little")]


def signed(content: bytes, about: Mapping | None) -> bytes:
    """A safetensors file with what is said about it, and its digest."""
    metadata = {} if about is None else {"about": json.dumps(about, ensure_ascii=False)}
    described = json.loads(head(content)) | {"__metadata__": metadata | {"sha256": "0" * 64}}
    text = json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)                                  # the numbers behind it begin at a multiple of 8
    whole = len(text).to_bytes(8, "little") + text + content[8 + len(head(content)):]
    at = place(whole)
    assert at is not None                                            # it is in `described`
    return whole[:at] + digest(whole, at) + whole[at + 64:]


def place(content: bytes) -> int | None:
    """Where the 64 digits of a file's digest begin; None where it has none."""
    found = DIGEST.search(head(content))
    return None if found is None else 8 + found.start(1)


def digest(content: bytes, at: int) -> bytes:
    """The digits that belong there."""
    return sha256(content[:at] + b"0" * 64 + content[at + 64:]).encode()


@contextmanager
def expecting(what: str, path: Path, recipe: str) -> Iterator[None]:
    """A block that reads a file: whatever does not fit becomes a CourseError that says what the file should hold."""
    try:
        yield
    except (OSError, SafetensorError, RuntimeError, LookupError, TypeError, ValueError) as error:
        raise CourseError(f"{path} does not hold {what}: restore it with `git checkout`, "
                          f"or train it again with `{recipe}`.") from error
