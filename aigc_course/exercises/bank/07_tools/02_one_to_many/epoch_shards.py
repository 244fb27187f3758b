"""Debug: every process shuffles for itself, so some examples are read twice and others never."""

import random

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`shard(n, rank, world, seed, epoch)` 返回第 `rank` 个进程在第 `epoch` 轮要读的样本编号（0 到 n−1 的列表）。"
       "每一轮应当把全部样本重新打乱，再平分给 `world` 个进程：各进程一样多，谁也不重复；除不尽的余数这一轮不读。可"
       "是训练日志显示，有的样本一轮读到两次，有的一次也没有。修复它。",
    en="`shard(n, rank, world, seed, epoch)` returns the numbers of the examples, a list from 0 to n−1, that "
       "process `rank` reads in epoch `epoch`. Every epoch should shuffle all examples afresh and share them out "
       "evenly among `world` processes: as many for each, none twice; a remainder that does not go round is left "
       "out of that epoch. Yet some examples are read twice in an epoch and others never. Repair it.",
)


@sheet.blank
def blank(n, rank, world, seed, epoch):
    generator = torch.Generator().manual_seed(hash((seed, epoch, rank)))
    order = torch.randperm(n, generator=generator).tolist()
    return order[rank::world]


@sheet.reference
def shard(n, rank, world, seed, epoch):
    generator = torch.Generator().manual_seed(hash((seed, epoch)))
    order = torch.randperm(n, generator=generator).tolist()     # the same order everywhere
    return order[rank:n - n % world:world]


@sheet.also
def in_blocks(n, rank, world, seed, epoch):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(1000 * seed + epoch)).tolist()
    size = n // world
    return order[rank * size:(rank + 1) * size]


@sheet.also
def with_the_standard_library(n, rank, world, seed, epoch):
    order = list(range(n))
    random.Random(f"{seed} {epoch}").shuffle(order)
    return [order[i * world + rank] for i in range(n // world)]


@sheet.mistake(
    zh="每个进程读的是同样的样本：两个进程做了一个进程的活。用 `rank` 选出自己的一份。",
    en="Every process reads the same examples: two processes do the work of one. Let `rank` choose the share.")
def same_share(n, rank, world, seed, epoch):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(hash((seed, epoch)))).tolist()
    return order[:n // world]


@sheet.mistake(
    zh="有的进程多一个样本：最后一步里，它会等一个已经结束的邻居。余数不读。",
    en="Some processes have one example more, and in the last step would wait for neighbours that have finished. "
       "Leave the remainder out.")
def unequal(n, rank, world, seed, epoch):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(hash((seed, epoch)))).tolist()
    return order[rank::world]


@sheet.mistake(
    zh="每一轮的次序都一样：种子里少了 `epoch`。",
    en="Every epoch has the same order: `epoch` is missing from the seed.")
def one_order_for_ever(n, rank, world, seed, epoch):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(seed)).tolist()
    return order[rank:n - n % world:world]


@sheet.mistake(
    zh="没有打乱：先用（种子，轮次）打乱，再分。",
    en="Not shuffled: shuffle by seed and epoch, then share out.")
def not_shuffled(n, rank, world, seed, epoch):
    return list(range(rank, n - n % world, world))


@sheet.mistake(
    zh="用开头的样本补齐，它们就被读了两次（`DistributedSampler` 默认也这样做）。题目要求余数不读。",
    en="Filled up with the first examples, which are then read twice (`DistributedSampler` does so by default). The "
       "remainder should be left out.")
def padded_with_repeats(n, rank, world, seed, epoch):
    order = torch.randperm(n, generator=torch.Generator().manual_seed(hash((seed, epoch)))).tolist()
    order += order[:-n % world]
    return order[rank::world]


@sheet.mistake(
    zh="每个进程永远只读自己那一份：一张卡上的网络每轮见到的是同一批邻居。先打乱全部，再分。",
    en="A process never sees any but its own share. Shuffle all of them first, then share out.")
def share_then_shuffle(n, rank, world, seed, epoch):
    mine = list(range(rank, n - n % world, world))
    random.Random(f"{seed} {epoch}").shuffle(mine)
    return mine


@sheet.probe
def probe(answer):
    """Only what a right answer has in common with every other: never the order itself."""
    for n, world in ((12, 3), (14, 4)):
        parts = [[list(map(int, answer(n, rank, world, 5, epoch))) for rank in range(world)] for epoch in range(4)]
        seen = [sorted(i for part in shares for i in part) for shares in parts]
        at = (f"（{n} 个样本，{world} 个进程）", f" ({n} examples, {world} processes)")
        yield Text(f"一轮里读到的样本数，按进程{at[0]}", f"examples of an epoch by process{at[1]}"), [
            len(part) for part in parts[0]]
        yield Text(f"一轮里没有样本被读两次{at[0]}", f"no example is read twice in an epoch{at[1]}"), all(
            len(set(examples)) == len(examples) for examples in seen)
        yield Text(f"读到的都是样本的编号{at[0]}", f"all are numbers of examples{at[1]}"), all(
            set(examples) <= set(range(n)) for examples in seen)
        yield Text(f"次序是打乱的{at[0]}", f"the order is shuffled{at[1]}"), any(
            part != sorted(part) for shares in parts for part in shares)
        yield Text(f"换一轮，次序不同{at[0]}", f"another epoch, another order{at[1]}"), parts[0] != parts[1]
        yield Text(f"换一轮，同一个进程读到别的样本{at[0]}", f"another epoch, other examples for a process{at[1]}"), (
            any(set(parts[0][0]) != set(shares[0]) for shares in parts))
        yield Text(f"同一轮再问一次，结果相同{at[0]}", f"asked again, the same answer{at[1]}"), (
            list(map(int, answer(n, 1, world, 5, 0))) == parts[0][1])


EXERCISE = sheet.with_hints(
    Text("把两个进程打乱后的次序各打印一次：一样吗？", "Print the shuffled order in two processes: is it the same?"),
    Text("种子里有 `rank`，于是每个进程有自己的次序，各取一份就会重叠。",
         "`rank` is in the seed, so every process has an order of its own, and the shares overlap."),
    Text("次序由 (seed, epoch) 决定，份额由 rank 决定，余数 n % world 个不要。",
         "The order depends on (seed, epoch), the share on rank, and n % world examples are left out."),
)
