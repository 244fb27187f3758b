"""Command-line options made from frozen dataclasses: `--net.width 128` is the field `width` of the field `net`.

The help of an option is the string literal below its field, its default is the preset's.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import math
import textwrap
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from aigc_course.errors import CourseError
from aigc_course.ranges import Count, Many, Threads
from aigc_course.speed import Speed

NAMES = {int: "whole number", float: "number", str: "text", bool: "True or False"}


@dataclass(frozen=True, kw_only=True)
class Options(Speed):
    """How a family is trained, whatever it is."""

    data: str
    """What to learn from: one of the names above, or a path of your own where FILE or FOLDER is among them."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    """Where to compute; auto takes a GPU where there is one."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """What matrix products are computed in; the weights stay fp32. auto takes the fastest of fp32 and bf16 here."""
    accumulate: Many = 1
    """Batches whose gradients are averaged for one move: the effect of a larger batch without its memory."""
    threads: Threads | None = None
    """CPU threads; none takes what is fastest here, found by trying."""
    shard: bool = False
    """Keep 1/N of each net in each of N processes (FSDP), for nets too large for one card; neither samples nor
    checkpoints, weights at the end."""
    save_every: Count = 500
    """Rounds between two checkpoints. Ctrl-C saves as well; a killed run goes on from the last checkpoint."""
    sample_every: Count = 500
    """Rounds between two looks at what the nets make: samples/ in the folder, and TensorBoard."""
    log_every: Count = 10
    """Rounds between two lines of the log."""


@dataclass(frozen=True)
class Setting:
    """One field of a config, or of a config inside it."""

    path: str
    """The way to it, "net.width"."""
    kind: Any
    """Its type."""
    default: Any
    help: str


def settings(config: Any) -> Iterator[Setting]:
    """All fields of a config dataclass and of the configs in it, in order; defaults are the values of this one."""
    kinds, docs = get_type_hints(type(config), include_extras=True), attribute_docs(type(config))
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        if dataclasses.is_dataclass(value):
            for inner in settings(value):
                yield dataclasses.replace(inner, path=f"{field.name}.{inner.path}")
        else:
            yield Setting(field.name, kinds[field.name], value, docs.get(field.name, ""))


def values(config: Any) -> dict[str, Any]:
    """Path -> value of every setting."""
    return {setting.path: setting.default for setting in settings(config)}


def with_values(config: Any, changes: Mapping[str, Any], at: str = "") -> Any:
    """The config with other values at some paths. Raises: CourseError for one that the setting cannot have.

    A value is what `read` makes of its text, so that a list, which is what JSON makes of a tuple, is a tuple again.
    at: the path of this config, with a dot.
    """
    kinds = get_type_hints(type(config), include_extras=True)
    here: dict[str, Any] = {}
    inside: dict[str, dict[str, Any]] = {}
    for path, value in changes.items():
        name, _, rest = path.partition(".")
        if rest:
            inside.setdefault(name, {})[rest] = value
            continue
        try:
            here[name] = read(kinds[name], text(value))
        except ValueError as error:
            raise CourseError(f"{flag(at + path)}: {error}.") from error
    here |= {name: with_values(getattr(config, name), some, f"{at}{name}.") for name, some in inside.items()}
    return dataclasses.replace(config, **here)


def attribute_docs(cls: type) -> dict[str, str]:
    """Field -> the string literal below it, as one line, inherited fields included."""
    docs: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if not dataclasses.is_dataclass(one):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        assert isinstance(definition, ast.ClassDef)
        for field, below in zip(definition.body, definition.body[1:], strict=False):
            match field, below:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    docs[name] = " ".join(text.split())
    return docs


def flag(path: str) -> str:
    """The option of a setting: net.z_dim -> --net.z-dim."""
    return "--" + path.replace("_", "-")


def text(value: Any) -> str:
    """A value as it is written on the command line."""
    if isinstance(value, (tuple, list)):
        return ",".join(map(text, value))
    return "none" if value is None else str(value)


def read(kind: Any, given: str) -> Any:
    """What a text says as a value of this type; the inverse of `text`. Raises: ValueError with a sentence.

    Every value from outside comes through here, so that here alone it is held against the range of its setting.
    """
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        if given.lower() == "none" and type(None) in inside:
            return None
        return read(next(one for one in inside if one is not type(None)), given)
    if origin is Annotated:
        value, range = read(inside[0], given), inside[1]
        if value not in range:
            raise ValueError(f"{given} is out of range: give a {NAMES[inside[0]]} {range}")
        return value
    if origin is Literal:
        if given not in inside:
            raise ValueError(f"{given!r} is not one of {', '.join(inside)}")
        return given
    if origin is tuple:
        values = tuple(read(inside[0], part.strip()) for part in given.split(",") if part.strip())
        if inside[-1] is not Ellipsis and len(values) != len(inside):
            raise ValueError(f"{given!r} has {len(values)} parts: give {len(inside)}, with commas between them")
        return values
    try:
        value = {"True": True, "False": False}[given] if kind is bool else kind(given)
    except (KeyError, ValueError):
        raise ValueError(f"{given!r} is no {NAMES[kind]}") from None
    if kind is float and not math.isfinite(value):
        raise ValueError(f"{given!r} is no number that can be computed with")
    return value


def metavar(kind: Any) -> str:
    """What an option's help shows as its value."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return "|".join("none" if one is type(None) else metavar(one) for one in inside)
    if origin is Annotated:
        return metavar(inside[0])
    if origin is Literal:
        return "|".join(inside)
    if origin is tuple:
        return f"{metavar(inside[0])},…"
    return {int: "INT", float: "FLOAT", str: "TEXT"}[kind]
