"""Fill-in: the backward pass of softmax, without writing its Jacobian out."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `softmax_backward(p, g)`：softmax 的反向传播。`p` 是 softmax 沿最后一维的输出，形状 `(…, T, S)`；`g` "
       "是损失对 `p` 的梯度，形状相同。返回损失对分数的梯度，形状相同，不必写出雅可比矩阵。",
    en="Complete `softmax_backward(p, g)`, the backward pass of softmax. `p` is its output along the last axis, "
       "`(…, T, S)`; `g`, of the same shape, is the gradient of the loss with respect to `p`. Return the gradient "
       "with respect to the scores, of the same shape; there is no need to write the Jacobian out.",
)


@sheet.blank
def blank(p, g):
    return ...


@sheet.reference
def softmax_backward(p, g):
    return p * (g - (p * g).sum(dim=-1, keepdim=True))   # J g with J = diag(p) − p pᵀ


@sheet.also
def by_matrix(p, g):
    jacobian = torch.diag_embed(p) - p[..., :, None] * p[..., None, :]
    return (jacobian @ g[..., None])[..., 0]


@sheet.also
def by_einsum(p, g):
    return p * g - p * torch.einsum("...i,...i->...", p, g)[..., None]


@sheet.mistake(
    zh="只用了对角线 p(1−p)：每个分数还会压低别的权重，那是 −pᵢpⱼ 的部分。",
    en="That is the diagonal p(1 − p) alone: a score also lowers all other weights, which is the part −pᵢpⱼ.")
def diagonal_only(p, g):
    return p * (1 - p) * g


@sheet.mistake(
    zh="减去的应当是按 p 加权的平均，不是普通的平均：结果沿最后一维加起来应当为 0。",
    en="Subtract the mean weighted with p, not the plain one: along the last axis the result must sum to 0.")
def mean_not_weighted(p, g):
    return p * (g - g.mean(dim=-1, keepdim=True))


@sheet.mistake(
    zh="求和的维不对：每一行（每个查询）各自做 softmax，要沿最后一维求和。",
    en="Summed along the wrong axis: each row, that is each query, has a softmax of its own; sum along the last.")
def sum_over_queries(p, g):
    return p * (g - (p * g).sum(dim=-2, keepdim=True))


@sheet.mistake(
    zh="少了外面的因子 p：权重为 0 的键不应当得到梯度。",
    en="The factor p in front is missing: a key of weight 0 must get no gradient.")
def factor_forgotten(p, g):
    return g - (p * g).sum(dim=-1, keepdim=True)


@sheet.mistake(
    zh="符号反了：J = diag(p) − p pᵀ，第二项要减去。",
    en="The sign is wrong: J = diag(p) − p pᵀ, so the second term is subtracted.")
def plus(p, g):
    return p * (g + (p * g).sum(dim=-1, keepdim=True))


@sheet.mistake(
    zh="p − y 是 softmax 与交叉熵合在一起的梯度；这里的 g 是任意的上游梯度。",
    en="p − y is the gradient of softmax and cross-entropy together; here g is any gradient from above.")
def of_the_loss(p, g):
    return p - g


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    p = torch.randn(2, 4, 5, generator=draw).softmax(-1)
    g = torch.randn(2, 4, 5, generator=draw)
    yield Text("对分数的梯度", "the gradient with respect to the scores"), answer(p, g)


EXERCISE = sheet.with_hints(
    Text("J = diag(p) − p pᵀ；对称，所以 Jᵀg = Jg。", "J = diag(p) − p pᵀ is symmetric, so that Jᵀg = Jg."),
    Text("diag(p) g 是逐元素的乘积；p pᵀ g 是 p 乘以一个数。",
         "diag(p) g is a product element by element; p pᵀ g is p times a single number."),
    Text("那个数是 `(p * g).sum(dim=-1, keepdim=True)`。", "That number is `(p * g).sum(dim=-1, keepdim=True)`."),
)
