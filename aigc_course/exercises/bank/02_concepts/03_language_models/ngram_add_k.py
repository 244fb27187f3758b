"""Fill-in: from a table of counts to smoothed probabilities."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `add_k(counts, k)`：`counts` 的形状是 `(H, V)`，第 h 行第 w 列是词元 w 跟在上文 h 之后的次数（每一行至"
       "少有一个不为 0）。返回同样形状的 p(w | h)：每个次数先加上 k，每一行再归一化。",
    en="Complete `add_k(counts, k)`: `counts` has the shape `(H, V)`; row h, column w says how often token w "
       "followed the context h (no row is all zero). Return p(w | h) in the same shape: add k to every count, then "
       "normalise every row.",
)


@sheet.blank
def blank(counts, k):
    return ...


@sheet.reference
def add_k(counts, k):
    smoothed = counts + k
    return smoothed / smoothed.sum(dim=1, keepdim=True)        # each row: the tokens that follow one context


@sheet.also
def by_the_formula(counts, k):
    return (counts + k) / (counts.sum(1) + k * counts.shape[1])[:, None]


@sheet.also
def row_by_row(counts, k):
    return torch.stack([(row + k) / sum(row + k) for row in counts])


@sheet.mistake(
    zh="分母只加了一个 k：词表里 V 个词元各加了 k，总数增加的是 k·V，所以每一行的和大于 1。",
    en="The denominator got one k only: each of V tokens got k, so the total grows by k·V. As it is, rows sum to "
       "more than 1.")
def k_once(counts, k):
    return (counts + k) / (counts.sum(1, keepdim=True) + k)


@sheet.mistake(
    zh="只有分子加了 k，分母没有变：每一行的和大于 1。",
    en="Only the numerator got k, the denominator did not change: rows sum to more than 1.")
def only_above(counts, k):
    return (counts + k) / counts.sum(1, keepdim=True)


@sheet.mistake(
    zh="只有分母变大了：没有见过的词元仍然得到 0，每一行的和小于 1。",
    en="Only the denominator grew: tokens never seen still get 0, and rows sum to less than 1.")
def only_below(counts, k):
    return counts / (counts.sum(1, keepdim=True) + k * counts.shape[1])


@sheet.mistake(
    zh="归一化的方向反了：这里每一列的和是 1。给定上文 h（一行），各个词元的概率之和才是 1。",
    en="Normalised along the wrong axis: here every column sums to 1. Given a context h, a row, the probabilities "
       "of the tokens sum to 1.")
def columns(counts, k):
    return (counts + k) / (counts + k).sum(0, keepdim=True)


@sheet.mistake(
    zh="整张表的和成了 1：这是联合概率 p(h, w)。条件概率 p(w | h) 要每一行各自归一化。",
    en="The whole table sums to 1: that is the joint p(h, w). The conditional p(w | h) normalises each row by "
       "itself.")
def all_together(counts, k):
    return (counts + k) / (counts + k).sum()


@sheet.mistake(
    zh="k 没有用上：加的总是 1。k 通常远小于 1，否则没有见过的词元拿走的概率太多。",
    en="k is not used: 1 is added always. k is usually far below 1, or tokens never seen take too much.")
def always_one(counts, k):
    return (counts + 1) / (counts + 1).sum(1, keepdim=True)


@sheet.mistake(
    zh="分母乘的是上文的个数 H，而应当是词元的个数 V：每一行有 V 个格子。",
    en="The denominator multiplies by H, the number of contexts; a row has V cells, one for each token.")
def contexts_counted(counts, k):
    return (counts + k) / (counts.sum(1, keepdim=True) + k * counts.shape[0])


@sheet.mistake(
    zh="次数为 0 的格子没有加 k，而它们正是平滑要照顾的：没有见过，不等于不可能。",
    en="Cells with count 0 did not get their k, though smoothing is about them: never seen is not impossible.")
def seen_only(counts, k):
    smoothed = torch.where(counts > 0, counts + k, 0.0)
    return smoothed / smoothed.sum(1, keepdim=True)


@sheet.probe
def probe(answer):
    counts = torch.tensor([[0.0, 1, 2, 0], [3, 0, 0, 1], [1, 1, 1, 5]])
    for k in (1.0, 0.5, 0.01):
        yield Text(f"k = {k} 时的概率表", f"the probabilities for k = {k}"), answer(counts.clone(), k)


EXERCISE = sheet.with_hints(
    Text("先把 k 加到每一个格子上，包括 0。", "First add k to every cell, the zeros too."),
    Text("一行有 V 个格子，所以一行的总数从 c(h ·) 变成 c(h ·) + k·V。",
         "A row has V cells, so its total goes from c(h ·) to c(h ·) + k·V."),
    Text("`keepdim=True` 让 `(H, 1)` 的总数能去除 `(H, V)` 的表。",
         "`keepdim=True` lets totals of shape `(H, 1)` divide a table of shape `(H, V)`."),
)
