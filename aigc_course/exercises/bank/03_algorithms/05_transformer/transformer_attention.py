"""Fill-in: scaled dot-product attention with a mask, for all heads at once."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `attend(q, k, v, mask)`：带掩码的缩放点积注意力，所有的头一起算。`q` 的形状是 `(B, H, T, D)`，`k` 与 "
       "`v` 是 `(B, H, S, D)`；`mask` 是布尔的，可以看的地方为真，能广播到 `(B, H, T, S)`。返回 `(B, H, T, D)`。",
    en="Complete `attend(q, k, v, mask)`: scaled dot-product attention with a mask, all heads at once. `q` has "
       "shape `(B, H, T, D)`, `k` and `v` `(B, H, S, D)`; `mask` is boolean, true where a query may look, and "
       "broadcasts to `(B, H, T, S)`. Return `(B, H, T, D)`.",
)


@sheet.blank
def blank(q, k, v, mask):
    return ...


@sheet.reference
def attend(q, k, v, mask):
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5                  # (B, H, T, S)
    return scores.masked_fill(~mask, -torch.inf).softmax(dim=-1) @ v       # (B, H, T, D)


@sheet.also
def by_einsum(q, k, v, mask):
    scores = torch.einsum("bhtd,bhsd->bhts", q, k) * q.size(3) ** -0.5
    exps = scores.exp() * mask
    return torch.einsum("bhts,bhsd->bhtd", exps / exps.sum(-1, keepdim=True), v)


@sheet.also
def by_torch(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, mask)


def _scores(q, k):
    return q @ k.mT / q.shape[-1] ** 0.5


@sheet.mistake(
    zh="没有除以 √D：维数一大，得分的方差就是 D，softmax 会饱和。",
    en="Nothing is divided by √D: the scores' variance is D, and with a large D the softmax saturates.")
def not_scaled(q, k, v, mask):
    return (q @ k.mT).masked_fill(~mask, -torch.inf).softmax(-1) @ v


@sheet.mistake(
    zh="除以了 D 而不是 √D：得分的标准差变成 1/√D，权重几乎是均匀的。",
    en="Divided by D and not by √D: the scores' standard deviation is then 1/√D, the weights nearly uniform.")
def scaled_by_width(q, k, v, mask):
    return (q @ k.mT / q.shape[-1]).masked_fill(~mask, -torch.inf).softmax(-1) @ v


@sheet.mistake(
    zh="除以了 √(H·D)：D 是一个头的宽度，即最后一维的大小，不是整个模型的宽度。",
    en="Divided by √(H·D): D is the width of one head, the size of the last axis, not that of the whole model.")
def scaled_by_heads_together(q, k, v, mask):
    width = q.shape[1] * q.shape[-1]
    return (q @ k.mT / width**0.5).masked_fill(~mask, -torch.inf).softmax(-1) @ v


@sheet.mistake(
    zh="除以了 √S：点积是 D 项之和，方差随 D 增长，与键的个数 S 无关。",
    en="Divided by √S: a dot product is a sum of D terms, so its variance grows with D and not with the number S of "
       "keys.")
def scaled_by_keys(q, k, v, mask):
    return (q @ k.mT / k.shape[-2] ** 0.5).masked_fill(~mask, -torch.inf).softmax(-1) @ v


@sheet.mistake(
    zh="在 softmax 之后才除：权重之和不再是 1，而 softmax 已经饱和了。先缩放，再取 softmax。",
    en="Divided only after the softmax: the weights no longer sum to 1, and the softmax had saturated already. "
       "Scale first.")
def scaled_after(q, k, v, mask):
    return (q @ k.mT).masked_fill(~mask, -torch.inf).softmax(-1) / q.shape[-1] ** 0.5 @ v


@sheet.mistake(
    zh="掩码反了：`mask` 在可以看的地方为真，要填负无穷的是 `~mask`。",
    en="The mask is inverted: `mask` is true where a query may look; −∞ belongs at `~mask`.")
def mask_inverted(q, k, v, mask):
    return _scores(q, k).masked_fill(mask, -1e9).softmax(-1) @ v


@sheet.mistake(
    zh="没有用掩码：查询看到了填充，也看到了未来。",
    en="The mask is not used: queries see padding, and the future.")
def mask_forgotten(q, k, v, mask):
    return _scores(q, k).softmax(-1) @ v


@sheet.mistake(
    zh="得分为 0 不等于权重为 0：exp(0) = 1。softmax 之前要填负无穷。",
    en="A score of 0 is no weight of 0, since exp(0) = 1. Before the softmax, fill in −∞.")
def filled_with_zero(q, k, v, mask):
    return (_scores(q, k) * mask).softmax(-1) @ v


@sheet.mistake(
    zh="在 softmax 之后才乘掩码：剩下的权重之和小于 1，被盖住的得分仍在分母里，也就仍会泄漏。",
    en="The mask is applied after the softmax: the weights left sum to less than 1, and what is hidden still counts "
       "in the denominator, so it still leaks.")
def masked_afterwards(q, k, v, mask):
    return (_scores(q, k).softmax(-1) * mask) @ v


@sheet.mistake(
    zh="softmax 取错了轴：每个查询要在各个键上分配 1，即最后一维 `dim=-1`。",
    en="The softmax runs over the wrong axis: each query shares 1 out among the keys, the last axis, `dim=-1`.")
def over_the_queries(q, k, v, mask):
    return _scores(q, k).masked_fill(~mask, -1e9).softmax(-2) @ v


@sheet.mistake(
    zh="−20 不是负无穷：能看的得分都比它低时，不许看的键反而得到大部分权重。填 `-torch.inf`。",
    en="−20 is not minus infinity: where all visible scores are below it, most of the weight goes to the keys that are "
       "hidden. Fill in `-torch.inf`.")
def filled_with_minus_twenty(q, k, v, mask):
    return _scores(q, k).masked_fill(~mask, -20.0).softmax(-1) @ v


@sheet.mistake(
    zh="这里总是用因果掩码，没有用传进来的 `mask`：它还会盖住填充，或别的位置。",
    en="This always applies the causal mask and ignores `mask`, which may hide padding or anything else as well.")
def always_causal(q, k, v, mask):
    causal = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril(k.shape[-2] - q.shape[-2])
    return attend(q, k, v, causal)


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(shape, generator=draw).requires_grad_() for shape in ((2, 3, 4, 5), (2, 3, 6, 5),
                                                                                 (2, 3, 6, 5)))
    real = torch.tensor([[True] * 6, [True] * 4 + [False] * 2])[:, None, None]
    heads = answer(q, k, v, real & torch.ones(4, 6, dtype=torch.bool).tril(2))
    yield Text("各头的输出", "what the heads return"), heads
    (through(heads) * torch.arange(5)).sum().backward()
    for name, leaf in (("q", q), ("k", k), ("v", v)):
        yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)
    other = torch.tensor([[True, False, True, True, True, False], [False, True] * 3])[:, None, None]
    low = k.detach() / 20 - 25 * other.mT   # scores near −56 where one may look, near 0 elsewhere
    yield (Text("能看的得分都很低时各头的输出", "what the heads return where all visible scores are low"),
           answer(torch.ones(2, 3, 4, 5), low, v.detach(), other))


EXERCISE = sheet.with_hints(
    Text("得分的形状是 `(B, H, T, S)`：每个查询与每个键的点积，除以 √D。",
         "The scores have shape `(B, H, T, S)`: the dot product of each query with each key, divided by √D."),
    Text("把不许看的得分换成 −∞，再在键的那一维取 softmax。",
         "Put −∞ where a query may not look, then take the softmax over the keys."),
    Text("`(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).masked_fill(~mask, -torch.inf).softmax(-1) @ v`。",
         "`(q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5).masked_fill(~mask, -torch.inf).softmax(-1) @ v`."),
)
