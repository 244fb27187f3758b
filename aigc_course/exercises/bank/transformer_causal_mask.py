"""Debug: a causal mask that is off by one."""

import torch

from aigc_course.exercises.kinds import Code, Mistake, Text


def blank(scores):
    queries, keys = scores.shape[-2:]
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(2 + keys - queries)
    return scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)


def causal_weights(scores):
    queries, keys = scores.shape[-2:]
    hidden = torch.ones(queries, keys, dtype=torch.bool).triu(1 + keys - queries)
    return scores.masked_fill(hidden, -torch.inf).softmax(dim=-1)


def by_comparing(scores):
    queries, keys = scores.shape[-2:]
    place = torch.arange(keys - queries, keys)[:, None]
    return scores.where(torch.arange(keys) <= place, scores.new_tensor(-1e30)).softmax(-1)


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


def itself_hidden(scores):
    return _masked(scores, _ones(scores).triu(scores.shape[-1] - scores.shape[-2]))


def cache_forgotten(scores):
    return _masked(scores, _ones(scores).triu(1))


def past_hidden(scores):
    return _masked(scores, _ones(scores).tril(scores.shape[-1] - scores.shape[-2] - 1))


def nothing_hidden(scores):
    return scores.softmax(-1)


def zeros_afterwards(scores):
    return scores.softmax(-1) * _ones(scores).tril(scores.shape[-1] - scores.shape[-2])


def zeros_before(scores):
    return (scores * _ones(scores).tril(scores.shape[-1] - scores.shape[-2])).softmax(-1)


def probe(answer):
    draw = torch.Generator().manual_seed(0)
    for queries, keys in ((5, 5), (2, 5), (1, 4)):
        scores = torch.randn(2, queries, keys, generator=draw).requires_grad_()
        weights = answer(scores)
        where = Text(f"{queries} 个查询、{keys} 个键时的", f" with {queries} queries and {keys} keys")
        yield Text(f"{where.zh}权重", f"the weights{where.en}"), weights
        if isinstance(weights, torch.Tensor) and weights.requires_grad:
            (weights * torch.arange(keys)).sum().backward()
        yield Text(f"{where.zh}梯度", f"the gradient{where.en}"), (
            torch.zeros_like(scores) if scores.grad is None else scores.grad)


EXERCISE = Code(
    kind="debug",
    task=Text(
        "`causal_weights(scores)` 给出因果注意力的权重。用它训练，损失低得不合常理；换一个还没读到的词元，"
        "前面的输出却变了。修复它。`scores` 的形状是 `(B, T, S)`；查询是 S 个位置中最后的 T 个"
        "（有缓存时 T < S），每个查询看得到自己与自己之前的全部位置，看不到之后的。",
        "`causal_weights(scores)` gives the weights of causal attention. Trained with it, the loss is lower than it "
        "can be, and changing a token that was not read yet changes earlier outputs. Repair it. `scores` has shape "
        "`(B, T, S)`; the queries are the last T of the S positions (T < S with a cache), and each sees itself and all "
        "before it, and nothing after."),
    blank=blank,
    reference=causal_weights,
    others=(by_comparing, row_by_row),
    mistakes=(
        Mistake(itself_hidden, Text(
            "现在连自己也盖住了：差一位，只是换了方向。第一个位置什么也看不到，softmax 得出 NaN。",
            "Now each position hides itself as well: off by one again, the other way. The first sees nothing at all, "
            "and its softmax is NaN.")),
        Mistake(cache_forgotten, Text(
            "T = S 时对了，T < S 时不对：查询是**最后** T 个位置，对角线要右移 S − T。",
            "Right for T = S, wrong for T < S: the queries are the **last** T positions, so the diagonal moves right "
            "by S − T.")),
        Mistake(past_hidden, Text(
            "盖住的是过去：`triu` 与 `tril` 弄反了。",
            "This hides the past: `triu` and `tril` are exchanged.")),
        Mistake(nothing_hidden, Text(
            "什么也没有盖住：每个位置都看得到整个未来。",
            "Nothing is hidden: every position sees the whole future.")),
        Mistake(zeros_afterwards, Text(
            "在 softmax 之后才清零：每行之和不再是 1，未来的得分仍在分母里。",
            "Zeroed only after the softmax: rows no longer sum to 1, and the future's scores are still in the "
            "denominator.")),
        Mistake(zeros_before, Text(
            "得分清零不等于盖住：exp(0) = 1，未来仍有权重。要填负无穷。",
            "Zeroing a score hides nothing: exp(0) = 1, so the future still has weight. Fill in −∞.")),
    ),
    probe=probe,
    hints=(
        Text("写出 T = S = 3 时的掩码：第 t 行哪几列应当被盖住？",
             "Write out the mask for T = S = 3: which columns of row t should be hidden?"),
        Text("`torch.ones(3, 3).triu(1)` 留下的是对角线以上的部分，不含对角线；`triu(2)` 少盖了一列。",
             "`torch.ones(3, 3).triu(1)` keeps what is above the diagonal, without it; `triu(2)` hides one column too "
             "few."),
        Text("应当是 `triu(1 + keys - queries)`。",
             "It should be `triu(1 + keys - queries)`."),
    ),
)
