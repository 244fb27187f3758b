"""Fill-in: the gradient of the recurrent weights, summed over time."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `recurrent_gradient(h, U, g)`：tanh 循环网络里 U 的梯度，h_t = tanh(U h_{t−1} + …)。`h` 形状 `(T + 1, "
       "H)`，第一行是 h_0；`g` 形状 `(T, H)`，第 t 行是第 t + 1 步自己的损失对那一步的 h 的直接梯度。返回形状 `(H, "
       "H)`。",
    en="Complete `recurrent_gradient(h, U, g)`, the gradient of U in a recurrent net h_t = tanh(U h_{t−1} + …). `h` "
       "has shape `(T + 1, H)`, its first row is h_0; row t of `g`, `(T, H)`, is what step t + 1's own loss sends "
       "directly to that step's h. Return a tensor of shape `(H, H)`.",
)


@sheet.blank
def blank(h, U, g):
    return ...


@sheet.reference
def recurrent_gradient(h, U, g):
    total, alpha = torch.zeros_like(U), torch.zeros_like(h[0])
    for t in reversed(range(len(g))):
        alpha = (g[t] + alpha @ U) * (1 - h[t + 1] ** 2)   # from this step and from the future, through tanh
        total = total + torch.outer(alpha, h[t])
    return total


@sheet.also
def by_einsum(h, U, g):
    alphas, back = [], torch.zeros_like(g[0])
    for t in range(len(g) - 1, -1, -1):
        alphas.insert(0, (g[t] + back) * (1 - h[t + 1].square()))
        back = U.T @ alphas[0]
    return torch.einsum("ti,tj->ij", torch.stack(alphas), h[:-1])


@sheet.also
def recursively(h, U, g):
    if len(g) == 1:
        return torch.outer(g[0] * (1 - h[1] ** 2), h[0])
    last = g[-1] * (1 - h[-1] ** 2)
    earlier = torch.cat([g[:-2], (g[-2] + last @ U)[None]])
    return torch.outer(last, h[-2]) + recursively(h[:-1], U, earlier)


@sheet.mistake(
    zh="U 在每一步都用到：梯度是各步之和，这里只有最后一步。",
    en="U is used at every step and its gradient is a sum over them; this is the last step alone.")
def last_step_only(h, U, g):
    return torch.outer(g[-1] * (1 - h[-1] ** 2), h[-2])


@sheet.mistake(
    zh="每一步只收到自己的损失，没有收到从后一步传回来的梯度：这是窗口为 1 的截断。",
    en="Each step hears of its own loss alone, nothing comes back from the step after it: truncation to one step.")
def no_future(h, U, g):
    return torch.einsum("ti,tj->ij", g * (1 - h[1:] ** 2), h[:-1])


@sheet.mistake(
    zh="只从最后一步的损失出发；中间每一步的 g 也要加进来。",
    en="This starts from the last step's loss alone; every step's g has to be added on the way.")
def only_the_last_loss(h, U, g):
    silent = torch.cat([torch.zeros_like(g[:-1]), g[-1:]])
    return recurrent_gradient(h, U, silent)


@sheet.mistake(
    zh="漏了 tanh 的导数 1 − h²。",
    en="The slope of tanh, 1 − h², is missing.")
def without_slope(h, U, g):
    total, delta = torch.zeros_like(U), torch.zeros_like(h[0])
    for t in reversed(range(len(g))):
        delta = g[t] + delta @ U
        total = total + torch.outer(delta, h[t])
    return total


@sheet.mistake(
    zh="外积的另一边应当是前一步的状态 h_{t−1}：U 乘的是它。",
    en="The other side of the outer product is the state before, h_{t−1}: that is what U multiplies.")
def present_state(h, U, g):
    total, alpha = torch.zeros_like(U), torch.zeros_like(h[0])
    for t in reversed(range(len(g))):
        alpha = (g[t] + alpha @ U) * (1 - h[t + 1] ** 2)
        total = total + torch.outer(alpha, h[t + 1])
    return total


@sheet.mistake(
    zh="往回走要乘 U 的转置：往前是 U h，往回是 Uᵀ α。",
    en="The way back is through the transpose: U h forwards, Uᵀ α backwards.")
def not_transposed(h, U, g):
    return recurrent_gradient_with(h, U.T, g)


def recurrent_gradient_with(h, way_back, g):
    total, alpha = torch.zeros_like(way_back), torch.zeros_like(h[0])
    for t in reversed(range(len(g))):
        alpha = (g[t] + alpha @ way_back) * (1 - h[t + 1] ** 2)
        total = total + torch.outer(alpha, h[t])
    return total


@sheet.mistake(
    zh="结果转置了：第 i 行第 j 列是 α 的第 i 个乘以 h 的第 j 个。",
    en="The result is transposed: row i, column j is component i of α times component j of h.")
def rows_and_columns(h, U, g):
    return recurrent_gradient(h, U, g).T


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    h = torch.randn(5, 3, generator=draw).tanh()
    U = torch.randn(3, 3, generator=draw)
    g = torch.randn(4, 3, generator=draw)
    yield Text("U 的梯度", "the gradient of U"), answer(h, U, g)


EXERCISE = sheet.with_hints(
    Text("从最后一步往前走，带着一个向量：从后面传回来的梯度。",
         "Walk backwards from the last step and carry one vector, the gradient that comes from the future."),
    Text("到了第 t 步，先加上 g，再乘 1 − h²；这就是 α。",
         "At each step add g first, then multiply by 1 − h²: that is α."),
    Text("U 的梯度加上 `torch.outer(alpha, h[t])`，再把 `alpha @ U` 传给前一步。",
         "Add `torch.outer(alpha, h[t])` to the gradient of U, and hand `alpha @ U` to the step before."),
)
