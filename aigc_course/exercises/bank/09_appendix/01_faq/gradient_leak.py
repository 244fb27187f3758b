"""Fill-in: reading a training example off the gradient of a linear layer."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `recover(weight_gradient, bias_gradient)`：一个线性层 $y=Wx+b$ 只用**一个**样本 x 算了梯度，"
       "`weight_gradient` 的形状是 `(out, in)`，`bias_gradient` 的形状是 `(out,)`。只凭这两个梯度还原 x，形状 "
       "`(in,)`。注意：有的单元梯度恰好为 0。",
    en="Complete `recover(weight_gradient, bias_gradient)`: a linear layer $y=Wx+b$ computed its gradients on a "
       "**single** example x; `weight_gradient` has shape `(out, in)`, `bias_gradient` has shape `(out,)`. From "
       "these two alone, recover x, shape `(in,)`. Mind that the gradient of some units is exactly 0.",
)


@sheet.blank
def blank(weight_gradient, bias_gradient):
    return ...


@sheet.reference
def recover(weight_gradient, bias_gradient):
    row = bias_gradient.abs().argmax()
    return weight_gradient[row] / bias_gradient[row]


@sheet.also
def least_squares(weight_gradient, bias_gradient):
    return bias_gradient @ weight_gradient / bias_gradient.square().sum()


@sheet.also
def by_lstsq(weight_gradient, bias_gradient):
    return torch.linalg.lstsq(bias_gradient[:, None], weight_gradient).solution[0]


@sheet.mistake(
    zh="第一行的梯度可能恰好是 0，0/0 得到 nan：挑一个梯度不为 0 的单元。",
    en="The first unit's gradient may be 0, and 0/0 is nan: choose a unit whose gradient is not 0.")
def first_row(weight_gradient, bias_gradient):
    return weight_gradient[0] / bias_gradient[0]


@sheet.mistake(
    zh=r"差一个倍数：这一行是 $\delta_i x$，要除以 $\delta_i$，它正是偏置的梯度。",
    en=r"Off by a factor: this row is $\delta_i x$; divide by $\delta_i$, the gradient of the bias.")
def not_divided(weight_gradient, bias_gradient):
    return weight_gradient[bias_gradient.abs().argmax()]


@sheet.mistake(
    zh="取了一列。每一**行**都是 x 的一个倍数。",
    en="This is a column. It is each row that is a multiple of x.")
def a_column(weight_gradient, bias_gradient):
    return (weight_gradient / bias_gradient[:, None])[:, bias_gradient.abs().argmax()]


@sheet.mistake(
    zh=r"各行相加得到 $(\sum_i\delta_i)\,x$：还要除以偏置梯度之和，而它可能接近 0。取一行更稳。",
    en=r"The rows add up to $(\sum_i\delta_i)\,x$, still to be divided by the sum of the bias gradients, which may "
       "be near 0. A single row is safer.")
def largest_signed(weight_gradient, bias_gradient):
    return weight_gradient.sum(dim=0)


@sheet.mistake(
    zh="分子分母颠倒了。",
    en="Numerator and denominator are exchanged.")
def upside_down(weight_gradient, bias_gradient):
    row = bias_gradient.abs().argmax()
    return bias_gradient[row] / weight_gradient[row]


@sheet.mistake(
    zh="这里每一行都是 x（梯度为 0 的行是 nan）；题目只要一个 x，形状 `(in,)`。",
    en="Every row of this is x (nan where the gradient is 0); one x of shape `(in,)` is asked for.")
def all_rows(weight_gradient, bias_gradient):
    return weight_gradient / bias_gradient[:, None]


@sheet.probe
def probe(answer):
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        x = torch.rand(5, generator=generator) + 0.1
        delta = torch.randn(5, generator=generator)
        delta[0] = 0.0                                     # a unit whose gradient is zero, as behind a ReLU
        yield (Text(f"第 {seed + 1} 个例子的输入", f"the input of example {seed + 1}"),
               answer(delta[:, None] * x, delta.clone()))


EXERCISE = sheet.with_hints(
    Text(r"记 $\delta=\partial L/\partial y$。链式法则给出的 $\partial L/\partial W$ 与 $\partial L/\partial b$ 各是"
         "什么？",
         r"Let $\delta=\partial L/\partial y$. What does the chain rule give for $\partial L/\partial W$ and "
         r"$\partial L/\partial b$?"),
    Text(r"$\partial L/\partial W_{ij}=\delta_i x_j$，$\partial L/\partial b_i=\delta_i$。",
         r"$\partial L/\partial W_{ij}=\delta_i x_j$ and $\partial L/\partial b_i=\delta_i$."),
    Text(r"挑 $|\delta_i|$ 最大的 i，用第 i 行除以 $\delta_i$。",
         r"Take the i with the largest $|\delta_i|$ and divide row i by $\delta_i$."),
)
