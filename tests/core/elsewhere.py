"""A device that every computer has: "meta" stands for an Apple GPU, its numbers lie on the CPU all the same.

Within `Elsewhere()` a tensor on "meta" computes as one on the CPU does, and what such a device refuses is an error:
an operation on it and on a tensor of the CPU (of more than one number, or a copy from one to the other), and float64.
"""

from __future__ import annotations

import sys

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map_only

DEVICE = torch.device("meta")
COPIES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}
BY_INDEX = {torch.ops.aten.index.Tensor, torch.ops.aten.index_put_.default, torch.ops.aten.index_put.default,
            torch.ops.aten._index_put_impl_.default, torch.ops.aten.index_fill_.int_Scalar}
"""A tensor may be indexed by tensors of the CPU; the last is how torch fills in at a list of places."""


class There(Tensor):
    """A tensor that says that it is on DEVICE; `here` holds its numbers."""

    @staticmethod
    def __new__(cls, here: Tensor):
        return Tensor._make_wrapper_subclass(cls, here.shape, strides=here.stride(), dtype=here.dtype, device=DEVICE,
                                             storage_offset=here.storage_offset(), requires_grad=here.requires_grad)

    def __init__(self, here: Tensor):
        if here.dtype in (torch.float64, torch.complex128):
            raise TypeError("this device has no float64")
        self.here = here

    def __repr__(self) -> str:
        return f"There({self.here})"

    def tolist(self) -> list:
        return self.here.tolist()

    def __getitem__(self, places):
        return super().__getitem__(as_tensors(places))

    def __setitem__(self, places, value) -> None:
        super().__setitem__(as_tensors(places), value)

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return run(func, args, kwargs or {})


def as_tensors(places):
    """An index whose lists are tensors: of a list torch would make a tensor on "meta", which holds no numbers."""
    if isinstance(places, tuple):
        return tuple(map(as_tensors, places))
    return torch.tensor(places) if isinstance(places, list) else places


class Elsewhere(TorchDispatchMode):
    """Tensors made on DEVICE are made There; nets that are moved take them, and fused optimisers move them."""

    def __enter__(self):
        self.patch = pytest.MonkeyPatch()
        make, optimizer = torch.tensor, sys.modules[torch.optim.Optimizer.__module__]
        kinds = optimizer._get_fused_kernels_supported_devices()
        self.patch.setattr(torch, "tensor", lambda data, *, device=None, **more: make(data, **more).to(device or "cpu"))
        self.patch.setattr(optimizer, "_get_fused_kernels_supported_devices", lambda: [*kinds, DEVICE.type])
        self.before = torch.__future__.get_swap_module_params_on_conversion()
        torch.__future__.set_swap_module_params_on_conversion(True)
        return super().__enter__()

    def __exit__(self, *error):
        super().__exit__(*error)
        torch.__future__.set_swap_module_params_on_conversion(self.before)
        self.patch.undo()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        return run(func, args, kwargs or {})


def run(func, args, kwargs):
    tensors = [one for one in tree_flatten((args, kwargs))[0] if isinstance(one, Tensor)]
    there = any(isinstance(one, There) for one in tensors)
    target = kwargs.get("device")
    if there and func not in COPIES:
        checked = [args[0], *(args[2:3] if "put" in func.__name__ else ())] if func in BY_INDEX else tensors
        for one in checked:
            if isinstance(one, Tensor) and not isinstance(one, There) and one.ndim:
                raise RuntimeError(f"{func}: tensors on two devices, one of the shape {tuple(one.shape)} on the CPU")
    if target is not None:
        there = torch.device(target) == DEVICE
        kwargs = kwargs | {"device": torch.device("cpu")}
        if there and kwargs.get("generator") is not None:
            raise RuntimeError(f"{func}: a generator of the CPU draws nothing on this device")
    elif func is torch.ops.aten.copy_.default:
        there = isinstance(args[0], There)
    inner_args, inner_kwargs = tree_map_only(There, lambda one: one.here, (args, kwargs))
    out = func(*inner_args, **inner_kwargs)
    if not there:
        return out
    out = tree_map_only(Tensor, There, out)
    return out if target is not None else return_and_correct_aliasing(func, args, kwargs, out)
