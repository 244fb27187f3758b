"""Fill in: one gradient from several cards whose batches hold different numbers of tokens."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `combined(gradients, tokens)`。第 r 张卡的损失是它那 `tokens[r]` 个词元的平均，它的梯度是 "
       "`gradients[r]`；`gradients` 的形状是 `(n, P)`，`tokens` 的形状是 `(n,)`，其中可以有 0。返回形状 `(P,)` 的梯"
       "度，与一张卡读全部词元时相同。",
    en="Complete `combined(gradients, tokens)`. Card r's loss is the mean over its `tokens[r]` tokens, and its "
       "gradient is `gradients[r]`; `gradients` has shape `(n, P)`, `tokens` shape `(n,)`, and some of it may be 0. "
       "Return the gradient, shape `(P,)`, that one card would have found on all the tokens.",
)


@sheet.blank
def blank(gradients, tokens):
    return ...


@sheet.reference
def combined(gradients, tokens):
    return (gradients * tokens[:, None]).sum(0) / tokens.sum()


@sheet.also
def shares_first(gradients, tokens):
    return (tokens / tokens.sum()) @ gradients


@sheet.also
def one_card_after_another(gradients, tokens):
    total = torch.zeros_like(gradients[0])
    for gradient, count in zip(gradients, tokens, strict=True):
        total = total + gradient * count
    return total / tokens.sum()


@sheet.mistake(
    zh="这是平均的平均：只有一个词元的卡与有一千个词元的卡分量相同。按词元数加权。",
    en="A mean of means: a card with one token counts as much as one with a thousand. Weight by tokens.")
def plain_mean(gradients, tokens):
    return gradients.mean(0)


@sheet.mistake(
    zh="只相加没有相除：卡越多，步子越大。",
    en="Added but not divided: the more cards, the larger the step.")
def plain_sum(gradients, tokens):
    return gradients.sum(0)


@sheet.mistake(
    zh="权重对了，还差除以词元的总数。",
    en="The weights are right; divide by the number of all tokens.")
def not_divided(gradients, tokens):
    return (gradients * tokens[:, None]).sum(0)


@sheet.mistake(
    zh="应当除以词元的总数，而不是卡的张数。",
    en="Divide by the number of tokens, not of cards.")
def divided_by_cards(gradients, tokens):
    return (gradients * tokens[:, None]).sum(0) / len(tokens)


@sheet.mistake(
    zh="`gradients[r]` 已经是平均；要先乘回 `tokens[r]`，再相加、相除。",
    en="`gradients[r]` is a mean already: multiply by `tokens[r]` first, then add and divide.")
def divided_again(gradients, tokens):
    return gradients.sum(0) / tokens.sum()


@sheet.probe
def probe(answer):
    for zh, en, counts in (("词元同样多时", "for equal numbers of tokens", [4.0, 4.0]),
                           ("词元不一样多时", "for unequal numbers of tokens", [3.0, 1.0]),
                           ("有一张卡上全是填充时", "where one card holds padding only", [5.0, 0.0, 2.0])):
        generator = torch.Generator().manual_seed(len(counts))
        gradients = torch.randn(len(counts), 5, generator=generator)
        yield Text(f"{zh}的结果", f"the result {en}"), answer(gradients, torch.tensor(counts))


EXERCISE = sheet.with_hints(
    Text("一张卡读全部词元时，损失是什么除以什么？",
         "If one card read all the tokens, what would be divided by what?"),
    Text("每张卡的“平均”乘以它的词元数，就是它那部分的和。",
         "A card's mean times its number of tokens is the sum of its part."),
    Text("和相加，再除以词元的总数：两次全归约，一次是梯度，一次是一个数。",
         "Add the sums, divide by the number of all tokens: two all-reduces, one of gradients, one of a single "
         "number."),
)
