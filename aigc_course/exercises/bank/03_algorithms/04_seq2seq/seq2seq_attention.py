"""Fill-in: one step of attention, with a mask."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `attend(query, keys, values, mask)`：解码器走一步所用的点积注意力。`query` 的形状是 `(B, H)`，`keys` "
       "与 `values` 是 `(B, S, H)`，`mask` 是 `(B, S)`，真词处为真、填充处为假。返回上下文 `(B, H)`：对真词的得分取 "
       "softmax，再对 `values` 加权求和。",
    en="Complete `attend(query, keys, values, mask)`: dot-product attention for one step of a decoder. `query` has "
       "shape `(B, H)`, `keys` and `values` `(B, S, H)`, and `mask` `(B, S)`, true at words and false at padding. "
       "Return the context `(B, H)`: the mean of `values`, weighted by the softmax of the words' scores.",
)


@sheet.blank
def blank(query, keys, values, mask):
    return ...


@sheet.reference
def attend(query, keys, values, mask):
    scores = (keys @ query[:, :, None]).squeeze(2)                        # (B, S)
    weights = scores.masked_fill(~mask, -torch.inf).softmax(dim=1)
    return (weights[:, :, None] * values).sum(dim=1)                      # (B, H)


@sheet.also
def by_einsum(query, keys, values, mask):
    exps = torch.exp(torch.einsum("bsh,bh->bs", keys, query)) * mask
    return torch.einsum("bs,bsh->bh", exps / exps.sum(dim=1, keepdim=True), values)


@sheet.also
def by_torch(query, keys, values, mask):
    return F.scaled_dot_product_attention(query[:, None], keys, values, mask[:, None], scale=1.0)[:, 0]


def _context(scores, values, dim=1):
    return (scores.softmax(dim=dim)[:, :, None] * values).sum(dim=1)


def _scores(query, keys):
    return (keys * query[:, None]).sum(dim=2)


@sheet.mistake(
    zh="掩码反了：现在只看填充，不看词。`mask` 在真词处为真，要填负无穷的是 `~mask`。",
    en="The mask is inverted: this looks at the padding alone. `mask` is true at words; −∞ belongs at `~mask`.")
def mask_inverted(query, keys, values, mask):
    return _context(_scores(query, keys).masked_fill(mask, -1e9), values)


@sheet.mistake(
    zh="没有用掩码：填充也分到了权重，同一句话换一个更长的批次，结果就变了。",
    en="The mask is not used: padding gets weight too, so that a sentence changes with the length of its batch.")
def mask_forgotten(query, keys, values, mask):
    return _context(_scores(query, keys), values)


@sheet.mistake(
    zh="得分为 0 不等于权重为 0：exp(0) = 1。softmax 之前要填负无穷。",
    en="A score of 0 is no weight of 0, since exp(0) = 1. Before the softmax, fill in −∞.")
def filled_with_zero(query, keys, values, mask):
    return _context(_scores(query, keys) * mask, values)


@sheet.mistake(
    zh="在 softmax 之后才把填充处乘成 0：剩下的权重之和小于 1。要么先填负无穷，要么再除以它们的和。",
    en="Padding is set to 0 only after the softmax, so the weights left sum to less than 1. Fill in −∞ before, or "
       "divide by their sum.")
def masked_afterwards(query, keys, values, mask):
    weights = _scores(query, keys).softmax(dim=1) * mask
    return (weights[:, :, None] * values).sum(dim=1)


@sheet.mistake(
    zh="softmax 取错了轴：它让一个批次里的句子互相竞争。应当在源位置上归一化，即 `dim=1`。",
    en="The softmax runs over the wrong axis: the sentences of a batch compete. Normalise over the source "
       "positions, `dim=1`.")
def over_the_batch(query, keys, values, mask):
    return _context(_scores(query, keys).masked_fill(~mask, -1e9), values, dim=0)


@sheet.mistake(
    zh="这里除以了 √H，那是 Transformer 的缩放点积；Luong 的点积得分没有这一项。",
    en="This divides by √H, as the Transformer's scaled dot product does; Luong's dot score does not.")
def scaled(query, keys, values, mask):
    return attend(query / query.size(1) ** 0.5, keys, values, mask)


@sheet.mistake(
    zh="得分直接当了权重：它们可以为负，和也不是 1。先取 softmax。",
    en="The scores themselves serve as weights: they may be negative and do not sum to 1. Take the softmax.")
def no_softmax(query, keys, values, mask):
    weights = _scores(query, keys) * mask
    return (weights[:, :, None] * values).sum(dim=1)


@sheet.mistake(
    zh="加权求和的应当是 `values`：`keys` 只用来打分。",
    en="It is `values` that are averaged: `keys` are only for scoring.")
def keys_for_values(query, keys, values, mask):
    return attend(query, keys, keys, mask)


@sheet.mistake(
    zh="又除以了一次 S：softmax 的权重之和已经是 1，加权求和就是平均。",
    en="Divided by S once more: the weights sum to 1, so the weighted sum is a mean already.")
def averaged(query, keys, values, mask):
    return attend(query, keys, values, mask) / keys.size(1)


@sheet.mistake(
    zh="−20 不是负无穷：词的得分都比它低时，填充反而得到大部分权重。填 `-torch.inf`。",
    en="−20 is not minus infinity: where all words score below it, most of the weight goes to the padding. Fill in "
       "`-torch.inf`.")
def filled_with_minus_twenty(query, keys, values, mask):
    return _context(_scores(query, keys).masked_fill(~mask, -20.0), values)


@sheet.probe
def probe(answer):
    random = torch.Generator().manual_seed(0)
    mask = torch.tensor([[True, True, True, True], [True, True, False, False], [True, False, False, False]])
    query, keys, values = (torch.randn(shape, generator=random).requires_grad_()
                           for shape in ((3, 5), (3, 4, 5), (3, 4, 5)))
    context = answer(query, keys, values, mask)
    yield Text("上下文向量", "the context"), context
    (through(context) * torch.arange(5)).sum().backward()
    for name, leaf in (("query", query), ("values", values)):
        yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)
    low = keys.detach() / 20 - 12 * mask[:, :, None]   # scores near −60 at words, near 0 at padding
    yield (Text("词的得分都很低时的上下文向量", "the context where all words score low"),
           answer(torch.ones(3, 5), low, values.detach(), mask))


EXERCISE = sheet.with_hints(
    Text("先算得分 `(B, S)`：每个源位置的键与查询的点积。",
         "First the scores `(B, S)`: the dot product of every source position's key with the query."),
    Text("把填充处的得分换成 −∞，再在源位置上取 softmax；每句的权重之和应当是 1。",
         "Put −∞ where there is padding, then take the softmax over source positions; each sentence's weights sum "
         "to 1."),
    Text("`scores.masked_fill(~mask, -torch.inf).softmax(dim=1)`，然后 `(weights[:, :, None] * "
         "values).sum(dim=1)`。",
         "`scores.masked_fill(~mask, -torch.inf).softmax(dim=1)`, then `(weights[:, :, None] * "
         "values).sum(dim=1)`."),
)
