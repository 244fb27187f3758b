"""What generating costs in memory: the cache, whose size is arithmetic, and nothing else that grows with the answer."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from aigc_course.models.text.gpt import GPT, GPTConfig, for_decoding, generate

pytestmark = pytest.mark.slow

BATCH, PROMPT, NEW = 2, 4, (16, 96)
NET = GPTConfig(vocab=23, context=112, width=32, layers=3, heads=2, dropout=0.0)


class Living(TorchDispatchMode):
    """Inside `with Living() as living:` `living.peak` is the most bytes of new tensors that were alive at once."""

    def __init__(self):
        super().__init__()
        self.storages: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        self.storages = {key: one for key, one in self.storages.items() if not one[0].expired()}
        old = {one.untyped_storage().data_ptr() for one in tree_leaves((args, kwargs)) if isinstance(one, Tensor)}
        for one in tree_leaves(result):
            if isinstance(one, Tensor) and one.untyped_storage().data_ptr() not in old:      # a view is no new memory
                storage = one.untyped_storage()
                self.storages[storage.data_ptr()] = StorageWeakRef(storage), storage.nbytes()
        self.peak = max(self.peak, sum(size for _, size in self.storages.values()))
        return result


def peak(new: int, cached: bool) -> int:
    torch.manual_seed(0)
    net, prompts = for_decoding(GPT(NET)), [[4, 5, 6, 7]] * BATCH
    with Living() as living:
        answers = generate(net, prompts, new, temperature=0, bos=None, eos=None, banned=(), cached=cached)
    assert [len(answer) for answer in answers] == [PROMPT + new] * BATCH
    return living.peak


def cache(new: int) -> int:
    """Keys and values, layers, sequences, positions, features, four bytes each."""
    return 2 * NET.layers * BATCH * (PROMPT + new) * NET.width * 4


def test_the_count_of_living_bytes():
    with Living() as living:
        one = torch.zeros(1000)
        view = one[:10].view(2, 5)
        assert living.peak == 4000
        del one
        other = view + 1
        assert living.peak == 4040
        del view
        del other
        torch.zeros(500)
    assert living.peak == 4040


def test_memory_grows_by_the_cache_and_by_nothing_else():
    """What grows besides are the ids themselves and one row of scores for each head: a few bytes a position."""
    few, many = NEW
    rest = [peak(new, cached=True) - cache(new) for new in NEW]
    assert 0 <= rest[1] - rest[0] <= 64 * BATCH * (many - few) < (cache(many) - cache(few)) / 10


def test_without_a_cache_whole_layers_grow():
    few, many = (peak(new, cached=False) for new in NEW)
    assert many - few > 4 * NET.width * 4 * BATCH * (NEW[1] - NEW[0])


def test_every_step_writes_into_the_same_memory(monkeypatch):
    """The cache's room is taken once: no step moves it."""
    from aigc_course.models.text import gpt

    places = []

    class Watched(gpt.KVCache):
        def extend(self, k, v):
            found = super().extend(k, v)
            places.append(self.keys.data_ptr())
            return found

    monkeypatch.setattr(gpt, "KVCache", Watched)
    generate(GPT(NET), [[4, 5, 6, 7]], 20, temperature=0, bos=None, eos=None)
    assert len(places) == 20 * NET.layers and len(set(places)) == NET.layers
