"""Debug: weights that are masked after the softmax and no longer sum to 1."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, tensor, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="用 `masked_weights(scores, mask)` 的模型，越靠前的位置输出越小，第一个位置几乎是 0。`scores` 形状 `(…, T, "
       "S)`；`mask` 形状 `(T, S)`，能看的地方是 True，每一行至少有一个。修复它：每一行在能看的键上加起来是 1，别处"
       "恰好是 0。",
    en="In a model with `masked_weights(scores, mask)` the outputs shrink towards the beginning; the first "
       "position's is next to 0. `scores` has shape `(…, T, S)`; `mask` `(T, S)` is True where one may look, at "
       "least once in each row. Repair it: each row sums to 1 over the keys that may be seen, and is exactly 0 "
       "elsewhere.",
)


@sheet.blank
def blank(scores, mask):
    return scores.softmax(-1) * mask


@sheet.reference
def masked_weights(scores, mask):
    return scores.masked_fill(~mask, -torch.inf).softmax(-1)


@sheet.also
def by_renormalising(scores, mask):
    seen = (scores - scores.max()).exp() * mask
    return seen / seen.sum(-1, keepdim=True)


@sheet.also
def by_a_large_number(scores, mask):
    return torch.where(mask, scores, scores.new_tensor(-1e9)).softmax(dim=-1)


@sheet.mistake(
    zh="分数 0 不等于权重 0：e⁰ = 1，被挡住的键照样分到一份。",
    en="A score of 0 is no weight of 0: e⁰ = 1, so that hidden keys still get their share.")
def zero_scores(scores, mask):
    return (scores * mask).softmax(-1)


@sheet.mistake(
    zh="方向反了：mask 为 True 的地方是能看的，要挡住的是 ~mask。",
    en="The wrong way round: where mask is True one may look; ~mask is what to hide.")
def the_other_way_round(scores, mask):
    return scores.masked_fill(mask, -torch.inf).softmax(-1)


@sheet.mistake(
    zh="softmax 的维不对：每个查询（一行）在键（最后一维）上归一化。",
    en="The softmax runs along the wrong axis: each query, a row, is normalised over the keys, the last axis.")
def wrong_axis(scores, mask):
    return scores.masked_fill(~mask, -1e9).softmax(-2)


@sheet.mistake(
    zh="除以的应当是剩下的权重之和，不是能看的键的个数。",
    en="Divide by the sum of the weights that are left, not by the number of keys that may be seen.")
def divided_by_number(scores, mask):
    weights = scores.softmax(-1) * mask
    return weights / mask.sum(-1, keepdim=True)


@sheet.mistake(
    zh="再取一次 softmax 会让 0 变成正数，而且改变了其余权重的比例。",
    en="A second softmax turns the zeros into positive numbers, and changes the ratio of the others.")
def softmax_again(scores, mask):
    return (scores.softmax(-1) * mask).softmax(-1)


@sheet.mistake(
    zh="−20 不是负无穷：能看的分数都比它低时，被挡住的键反而得到大部分权重；平时也不恰好是 0。用 `-torch.inf`。",
    en="−20 is not minus infinity: where every visible score is below it, the hidden keys get most of the weight, and "
       "elsewhere not exactly 0. Use `-torch.inf`.")
def filled_with_minus_twenty(scores, mask):
    return scores.masked_fill(~mask, -20.0).softmax(-1)


@sheet.mistake(
    zh="这里总是用因果掩码，没有用传进来的 `mask`：挡住的也可能是填充，或别的位置。",
    en="This always applies the causal mask and ignores `mask`, which may hide padding or anything else.")
def always_causal(scores, mask):
    return masked_weights(scores, torch.ones(scores.shape[-2:], dtype=torch.bool).tril())


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    causal = torch.ones(4, 4, dtype=torch.bool).tril()
    other = torch.tensor([[0, 1, 1, 0, 1], [1, 0, 0, 1, 0], [0, 0, 0, 0, 1]]).bool()
    for zh, en, mask, low in (("因果掩码下的", "with a causal mask", causal, 0.0),
                              ("别的掩码下的", "with another mask", other, 0.0),
                              ("能看的分数都很低时的", "where all visible scores are low", other, -60.0)):
        scores = torch.randn(2, *mask.shape, generator=draw).mul(2).add(low * mask).requires_grad_()
        weights = answer(scores, mask.clone())
        yield Text(f"{zh}权重", f"the weights {en}"), weights
        through(weights).square().sum().backward()
        yield Text(f"{zh}对分数的梯度", f"the gradient with respect to the scores {en}"), gradient(scores)
        zero = bool((tensor(weights)[..., ~mask] == 0).all())
        yield Text(f"{zh}权重在挡住处恰好是 0", f"the weights {en} are exactly 0 where hidden"), zero


EXERCISE = sheet.with_hints(
    Text("权重之和小于 1，是因为挡住的那些键仍然在分母里。",
         "The weights sum to less than 1 because the hidden keys are still in the denominator."),
    Text("在 softmax 之前改分数：什么分数的指数是 0？",
         "Change the scores before the softmax: which score has the exponential 0?"),
    Text("`scores.masked_fill(~mask, -torch.inf)`。", "`scores.masked_fill(~mask, -torch.inf)`."),
)
