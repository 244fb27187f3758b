"""Fill in: how TensorBoard smooths a curve."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `smooth(values, weight)`：像 TensorBoard 那样平滑一条曲线，返回同样多的数。从 $m_0=0$ 开始，"
       r"$m_n=w\,m_{n-1}+(1-w)\,x_n$，画出来的是 $m_n/(1-w^n)$，其中 $w$ 是 `weight`，$0\le w<1$，$n$ 从 1 数起。这"
       "样开头不会被 $m_0=0$ 拉低，常数曲线仍是那个常数。",
    en="Complete `smooth(values, weight)`: smooth a curve as TensorBoard does and return as many numbers. Begin "
       r"with $m_0=0$; $m_n=w\,m_{n-1}+(1-w)\,x_n$; what is drawn is $m_n/(1-w^n)$, with $w$ the `weight`, $0\le "
       "w<1$, and $n$ counted from 1. So the beginning is not pulled down by $m_0=0$, and a constant stays that "
       "constant.",
)


@sheet.blank
def blank(values, weight):
    return ...


@sheet.reference
def smooth(values, weight):
    smoothed, mean = [], 0.0
    for n, value in enumerate(values, start=1):
        mean = weight * mean + (1 - weight) * value
        smoothed.append(mean / (1 - weight**n))
    return smoothed


@sheet.also
def by_two_sums(values, weight):
    smoothed, total, weights = [], 0.0, 0.0
    for value in values:
        total, weights = weight * total + value, weight * weights + 1
        smoothed.append(total / weights)
    return smoothed


@sheet.also
def by_a_matrix(values, weight):
    places = torch.arange(len(values))
    ages = places[:, None] - places                               # how long ago each value was
    shares = (weight ** ages.clamp(min=0).double()).tril()
    return (shares / shares.sum(1, keepdim=True)) @ torch.tensor(values, dtype=torch.float64)


@sheet.mistake(
    zh="没有除以 $1-w^n$：曲线从 0 附近开始往上爬，那不是训练的进展。",
    en="Not divided by $1-w^n$: the curve climbs from near 0, which is no progress of the training.")
def not_corrected(values, weight):
    smoothed, mean = [], 0.0
    for value in values:
        mean = weight * mean + (1 - weight) * value
        smoothed.append(mean)
    return smoothed


@sheet.mistake(
    zh="从第一个值开始，常数不变了，但第一个点的分量太重：前面的点应当按 $w$ 的幂加权。",
    en="Begun with the first value: a constant stays one, but the first point weighs too much; the points should be "
       "weighted by powers of $w$.")
def from_the_first(values, weight):
    smoothed, mean = [], values[0]
    for value in values:
        mean = weight * mean + (1 - weight) * value
        smoothed.append(mean)
    return smoothed


@sheet.mistake(
    zh="两个权重反了：$w$ 乘在旧的平均上，$w$ 越大越平。",
    en="The two weights are turned round: $w$ goes to the old mean, and a larger $w$ is smoother.")
def turned_round(values, weight):
    return smooth(values, 1 - weight)


@sheet.mistake(
    zh="每个点除以自己的 $1-w^n$，不是都除以最后一个。",
    en="Each point is divided by its own $1-w^n$, not all by the last one.")
def corrected_with_the_last(values, weight):
    return [mean / (1 - weight ** len(values)) for mean in not_corrected(values, weight)]


@sheet.mistake(
    zh="修正过的值又进了下一步的平均：$m_n$ 要保持未修正，只在画的时候除。",
    en="The corrected value went on into the next mean: keep $m_n$ uncorrected, and divide only what is drawn.")
def last_smoothed(values, weight):
    smoothed, mean = [], 0.0
    for n, value in enumerate(values, start=1):
        mean = (weight * mean + (1 - weight) * value) / (1 - weight**n)
        smoothed.append(mean)
    return smoothed


@sheet.probe
def probe(answer):
    for values, weight in (([4.0, 4.0, 4.0, 4.0], 0.9), ([1.0, -2.0, 5.0, 0.5, 3.0], 0.6), ([2.0, 8.0, 3.0], 0.3)):
        label = Text(f"{values}，权重 {weight} 的平滑值", f"{values} smoothed with weight {weight}")
        yield label, answer(list(values), weight)


EXERCISE = sheet.with_hints(
    Text("先写没有修正的平均，再看常数曲线变成了什么。",
         "Write the mean without correction first, and see what becomes of a constant curve."),
    Text("第 $n$ 步时，所有权重之和是多少？", "What do all the weights add up to at step $n$?"),
    Text("`mean = weight * mean + (1 - weight) * value`，记下 `mean / (1 - weight**n)`。",
         "`mean = weight * mean + (1 - weight) * value`, and keep `mean / (1 - weight**n)`."),
)
