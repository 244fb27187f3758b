"""Debug: a causal mask that is off by one."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`causal_weights(scores)` 给出因果注意力的权重。用它训练，损失低得不合常理；换一个还没读到的词元，前面的输出"
       "却变了。修复它。`scores` 的形状是 `(B, T, S)`；查询是 S 个位置中最后的 T 个（有缓存时 T < S），每个查询看得"
       "到自己与自己之前的全部位置，看不到之后的。",
    en="`causal_weights(scores)` gives the weights of causal attention. Trained with it, the loss is lower than it "
       "can be, and changing a token that was not read yet changes earlier outputs. Repair it. `scores` has shape "
       "`(B, T, S)`; the queries are the last T of the S positions (T < S with a cache), and each sees itself and "
       "all before it, and nothing after.",
)


@sheet.blank
def blank(scores):
    queries, keys = scores.shape[-2:]
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(2 + keys - queries)
    return scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)


@sheet.reference
def causal_weights(scores):
    queries, keys = scores.shape[-2:]
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1 + keys - queries)
    return scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)


@sheet.also
def by_comparing(scores):
    queries, keys = scores.shape[-2:]
    place = torch.arange(keys - queries, keys)[:, None]
    return scores.where(torch.arange(keys) <= place, scores.new_tensor(-1e30)).softmax(-1)


@sheet.also
def row_by_row(scores):
    queries, keys = scores.shape[-2:]
    rows = []
    for t in range(queries):
        seen = keys - queries + t + 1
        weights = scores[..., t, :seen].softmax(-1)
        rows.append(torch.cat([weights, torch.zeros_like(scores[..., t, seen:])], dim=-1))
    return torch.stack(rows, dim=-2)


def _masked(scores, hidden):
    return scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)


def _ones(scores):
    return torch.ones(scores.shape[-2:], dtype=torch.bool)


@sheet.mistake(
    zh="现在连自己也盖住了：差一位，只是换了方向。第一个位置什么也看不到，softmax 得出 NaN。",
    en="Now each position hides itself as well: off by one again, the other way. The first sees nothing at all, and "
       "its softmax is NaN.")
def itself_hidden(scores):
    return _masked(scores, _ones(scores).triu(scores.shape[-1] - scores.shape[-2]))


@sheet.mistake(
    zh="T = S 时对了，T < S 时不对：查询是**最后** T 个位置，对角线要右移 S − T。",
    en="Right for T = S, wrong for T < S: the queries are the **last** T positions, so the diagonal moves right by "
       "S − T.")
def cache_forgotten(scores):
    return _masked(scores, _ones(scores).triu(1))


@sheet.mistake(
    zh="盖住的是过去：`triu` 与 `tril` 弄反了。",
    en="This hides the past: `triu` and `tril` are exchanged.")
def past_hidden(scores):
    return _masked(scores, _ones(scores).tril(scores.shape[-1] - scores.shape[-2] - 1))


@sheet.mistake(
    zh="什么也没有盖住：每个位置都看得到整个未来。",
    en="Nothing is hidden: every position sees the whole future.")
def nothing_hidden(scores):
    return scores.softmax(-1)


@sheet.mistake(
    zh="在 softmax 之后才清零：每行之和不再是 1，未来的得分仍在分母里。",
    en="Zeroed only after the softmax: rows no longer sum to 1, and the future's scores are still in the "
       "denominator.")
def zeros_afterwards(scores):
    return scores.softmax(-1) * _ones(scores).tril(scores.shape[-1] - scores.shape[-2])


@sheet.mistake(
    zh="得分清零不等于盖住：exp(0) = 1，未来仍有权重。要填负无穷。",
    en="Zeroing a score hides nothing: exp(0) = 1, so the future still has weight. Fill in −∞.")
def zeros_before(scores):
    return (scores * _ones(scores).tril(scores.shape[-1] - scores.shape[-2])).softmax(-1)


@sheet.mistake(
    zh="−20 不是负无穷：能看的得分都比它低时，未来反而得到大部分权重。填 `-torch.inf`。",
    en="−20 is not minus infinity: where all visible scores are below it, most of the weight goes to the future. Fill "
       "in `-torch.inf`.")
def filled_with_minus_twenty(scores):
    return scores.masked_fill(_ones(scores).triu(1 + scores.shape[-1] - scores.shape[-2]), -20.0).softmax(-1)


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    for queries, keys, low in ((5, 5, 0), (2, 5, 0), (1, 4, 0), (3, 5, -60)):   # low: what visible scores lie around
        scores = torch.randn(2, queries, keys, generator=draw)
        scores = (scores + low * torch.ones(queries, keys).tril(keys - queries)).requires_grad_()
        weights = answer(scores)
        where = Text(f"{queries} 个查询、{keys} 个键{'、能看的得分都很低' if low else ''}时的",
                     f" with {queries} queries and {keys} keys{' and low scores where it may look' if low else ''}")
        yield Text(f"{where.zh}权重", f"the weights{where.en}"), weights
        (through(weights) * torch.arange(keys)).sum().backward()
        yield Text(f"{where.zh}梯度", f"the gradient{where.en}"), gradient(scores)


EXERCISE = sheet.with_hints(
    Text("写出 T = S = 3 时的掩码：第 t 行哪几列应当被盖住？",
         "Write out the mask for T = S = 3: which columns of row t should be hidden?"),
    Text("`torch.ones(3, 3).triu(1)` 留下的是对角线以上的部分，不含对角线；`triu(2)` 少盖了一列。",
         "`torch.ones(3, 3).triu(1)` keeps what is above the diagonal, without it; `triu(2)` hides one column too "
         "few."),
    Text("应当是 `triu(1 + keys - queries)`。", "It should be `triu(1 + keys - queries)`."),
)
