"""Debug: a top-p filter that can leave nothing to draw from."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`top_p(logits, p)` 把 top-p 之外的 logits 设为 −∞。`p` 小的时候，抽样报错：概率全是 NaN。修复它：保留概率之"
       "和至少为 `p` 的最小集合，形状 `(B, V)` 与词元的次序都不变。",
    en="`top_p(logits, p)` sets the logits outside top-p to −∞. For small `p` sampling fails: all probabilities are "
       "NaN. Repair it: keep the smallest set of likeliest tokens whose probabilities sum to at least `p`; the "
       "shape `(B, V)` and the order of the tokens stay.",
)


@sheet.blank
def blank(logits, p):
    ordered, order = logits.sort(descending=True)
    total = ordered.softmax(-1).cumsum(-1)
    ordered[total > p] = -torch.inf
    return torch.empty_like(logits).scatter(-1, order, ordered)


@sheet.reference
def top_p(logits, p):
    ordered, order = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    before = probabilities.cumsum(-1) - probabilities         # what the likelier tokens hold together
    ordered = ordered.masked_fill(before >= p, -torch.inf)
    return torch.empty_like(logits).scatter(-1, order, ordered)


@sheet.also
def by_shifting(logits, p):
    ordered, order = logits.sort(descending=True)
    full = ordered.softmax(-1).cumsum(-1) >= p
    drop = torch.zeros_like(full)
    drop[..., 1:] = full[..., :-1]
    out = logits.clone()
    out[drop.gather(-1, order.argsort(-1))] = -torch.inf
    return out


@sheet.also
def one_by_one(logits, p):
    out = torch.full_like(logits, -torch.inf)
    for row, kept in zip(logits, out, strict=True):
        total = 0.0
        for token in row.argsort(descending=True):
            if total < p:
                kept[token] = row[token]
            total += row.softmax(-1)[token].item()
    return out


@sheet.mistake(
    zh="第一个词元保住了，但越过 p 的那一个仍被丢掉：集合的概率之和还不到 p。",
    en="The first token is saved, but the one that crosses p is still dropped: the set holds less than p.")
def first_always_kept(logits, p):
    ordered, order = logits.sort(descending=True)
    drop = ordered.softmax(-1).cumsum(-1) > p
    drop[..., 0] = False
    return torch.empty_like(logits).scatter(-1, order, ordered.masked_fill(drop, -torch.inf))


@sheet.mistake(
    zh="过滤对了，但结果还是按大小排的：要放回词元原来的位置。",
    en="Filtered rightly, but still in sorted order: put the logits back in their tokens' places.")
def not_put_back(logits, p):
    ordered, _ = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    return ordered.masked_fill(probabilities.cumsum(-1) - probabilities >= p, -torch.inf)


@sheet.mistake(
    zh="放回去的方向反了：`gather` 是取，`scatter` 是放。",
    en="That puts them back the wrong way round: `gather` takes, `scatter` puts.")
def put_back_by_the_wrong_order(logits, p):
    ordered, order = logits.sort(descending=True)
    probabilities = ordered.softmax(-1)
    ordered = ordered.masked_fill(probabilities.cumsum(-1) - probabilities >= p, -torch.inf)
    return ordered.gather(-1, order)


@sheet.mistake(
    zh="这是给每个词元的概率设门槛；top-p 看的是累积的概率。",
    en="This is a threshold for each token's probability; top-p looks at the accumulated one.")
def by_threshold(logits, p):
    return logits.masked_fill(logits.softmax(-1) < 1 - p, -torch.inf)


@sheet.probe
def probe(answer):
    likely = torch.tensor([[0.05, 0.6, 0.1, 0.25], [0.3, 0.1, 0.2, 0.4]]).log()
    for p in (0.5, 0.8, 0.93):   # no sum of probabilities: rounding decides nothing
        logits = likely.clone()
        yield Text(f"p = {p} 时剩下的 logits", f"the logits that are left at p = {p}"), answer(logits, p)
        yield Text("传入的 logits（不应改动）", "the logits that were handed in (to stay as they are)"), logits


EXERCISE = sheet.with_hints(
    Text("最可能的词元概率已经是 0.6，p 是 0.5：谁剩下来了？",
         "The likeliest token has 0.6 and p is 0.5: which tokens are left?"),
    Text("判断一个词元的去留，要看排在它**前面**的概率之和，不含它自己。",
         "Whether a token stays depends on the sum of those **before** it, without its own."),
    Text("`before = probabilities.cumsum(-1) - probabilities`，丢掉 `before >= p` 的。",
         "`before = probabilities.cumsum(-1) - probabilities`; drop where `before >= p`."),
)
