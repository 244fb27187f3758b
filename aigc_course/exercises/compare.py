"""Comparing what two answers gave: numbers, arrays of any library, texts, and lists of them."""

from typing import Any

import numpy as np

RTOL, ATOL = 1e-4, 1e-6   # float32 arithmetic in another order
SHOWN = 60                # characters of a text or a list that a message quotes


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, whatever library, nesting, layout or dtype they are written in.

    Numbers and arrays must agree in shape. Whole numbers, where one of the two is of an integer type, must be equal;
    other numbers close. Lists and tuples are the same thing here.
    """
    first, second = numbers(one), numbers(other)
    if first is not None and second is not None:
        return first.shape == second.shape and bool(_close(first, second).all())
    one, other = _plain(one), _plain(other)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return first is None and second is None and type(one) is type(other) and bool(one == other)


def numbers(value: Any) -> np.ndarray | None:
    """`value` as an array: a number, a NumPy array, a tensor, or equally long lists of these; None if it is none."""
    if isinstance(value, list | tuple):
        parts = [array for part in value if (array := numbers(part)) is not None]
        if len(parts) < len(value) or len({part.shape for part in parts}) > 1:
            return None
        return np.array(parts)
    if hasattr(value, "detach"):
        value = _from_torch(value)
    try:
        array = np.asarray(value)
        return array if array.dtype.kind in "biufc" else array.astype(float) if array.dtype.kind == "O" else None
    except (TypeError, ValueError):
        return None


def first_difference(got: Any, wanted: Any) -> tuple[list[int], Any, Any]:
    """The place where two values that are not the same first differ, by index, and what stands there in each.

    The place is empty where they differ as a whole: single values, other shapes, lists of other lengths.
    """
    first, second = numbers(got), numbers(wanted)
    if first is not None and second is not None:
        if first.shape != second.shape or first.ndim == 0:
            return [], got, wanted
        place = tuple(np.argwhere(~_close(first, second))[0].tolist())
        return list(place), first[place], second[place]
    got, wanted = _plain(got), _plain(wanted)
    if isinstance(got, list | tuple) and isinstance(wanted, list | tuple) and len(got) == len(wanted):
        at = next(i for i, (a, b) in enumerate(zip(got, wanted, strict=True)) if not same(a, b))
        place, got, wanted = first_difference(got[at], wanted[at])
        return [at, *place], got, wanted
    if isinstance(got, str) and isinstance(wanted, str) and max(len(got), len(wanted)) > SHOWN:
        at = next((i for i, (a, b) in enumerate(zip(got, wanted, strict=False)) if a != b), min(len(got), len(wanted)))
        got, wanted = (("…" if at else "") + text[at:] for text in (got, wanted))
        return [at], got, wanted
    return [], got, wanted


def briefly(got: Any, wanted: Any) -> tuple[str, str]:
    """Two values in a few characters each, with as many digits as it takes to tell them apart."""
    for digits in (4, 7, 10, 17):
        texts = brief(got, digits), brief(wanted, digits)
        if texts[0] != texts[1]:
            break
    return texts


def brief(value: Any, digits: int = 4) -> str:
    """A value as code in a few characters: whole numbers in full, others to `digits`, an array by its beginning."""
    array = None if isinstance(value, bool) else numbers(value)
    if array is None:
        text = value if isinstance(value, str) else repr(_plain(value))
        return f"`{text if len(text) <= SHOWN else text[:SHOWN] + '…'}`"
    if array.ndim == 0:
        return f"`{_number(array.ravel()[0], digits, ',')}`"
    begin = ", ".join(_number(number, digits) for number in array.ravel()[:4])
    return f"`[{begin}{', …' if array.size > 4 else ''}]` ({'×'.join(map(str, array.shape))})"


def _number(number: np.generic, digits: int, thousands: str = "") -> str:
    if isinstance(number, np.bool_):
        return str(number)
    if not isinstance(number, np.complexfloating) and np.isfinite(number) and int(number) == number:
        return f"{int(number):{thousands}}"
    return f"{number:.{digits}g}"


def _close(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    kinds = one.dtype.kind + other.dtype.kind
    exact = one == other
    if exact.all():
        return exact
    type_ = complex if "c" in kinds else float
    near = np.isclose(one.astype(type_), other.astype(type_), rtol=RTOL, atol=ATOL, equal_nan=True)
    if set(kinds) & set("biu"):   # counted, not measured
        return np.where((one == np.round(one.astype(type_))) & (other == np.round(other.astype(type_))), exact, near)
    return near


def _from_torch(tensor: Any) -> Any:
    import torch
    try:
        tensor = tensor.detach().cpu().to_dense() if tensor.layout != torch.strided else tensor.detach().cpu()
        if tensor.is_floating_point():
            tensor = tensor.double()   # NumPy does not know bfloat16
        return tensor.resolve_conj().resolve_neg().numpy()
    except (AttributeError, TypeError, RuntimeError):
        return None


def _plain(value: Any) -> Any:
    """An array of texts as nested lists, a number or text of NumPy's as Python's; other things as they are."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value
