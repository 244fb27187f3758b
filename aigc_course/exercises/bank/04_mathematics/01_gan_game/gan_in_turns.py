"""Debug: two players that should take turns move at the same time."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`one_round(a, b, rate)` 应当让博弈 min_a max_b ab 的两人各走一步：a 先走，b 再针对 a 的**新**位置走。可是玩"
       "了一百轮，离原点越来越远。找出原因并修复；返回一个张量，两个元素依次是新的 a 与新的 b，都可以求导。",
    en="`one_round(a, b, rate)` should let the two players of min_a max_b ab move once each: a first, then b in "
       "answer to a's **new** position. But a hundred rounds lead further and further away from the origin. Find "
       "out why and repair it; return one tensor with the new a and the new b, both differentiable.",
)


@sheet.blank
def blank(a, b, rate):
    a_new = a - rate * b
    b_new = b + rate * a
    return torch.stack([a_new, b_new])


@sheet.reference
def one_round(a, b, rate):
    a_new = a - rate * b
    b_new = b + rate * a_new   # the answer to where a stands now
    return torch.stack([a_new, b_new])


@sheet.also
def in_place_of_a(a, b, rate):
    a = a - rate * b
    b = b + rate * a
    return torch.stack([a, b])


@sheet.also
def by_matrix(a, b, rate):
    return torch.stack([a - rate * b, rate * a + (1 - rate**2) * b])


@sheet.mistake(
    zh="确实是轮流走了，但顺序反了：题目要求 a 先走，b 后走。",
    en="They do take turns, but in the wrong order: a is to move first, b after it.")
def b_first(a, b, rate):
    b_new = b + rate * a
    return torch.stack([a - rate * b_new, b_new])


@sheet.mistake(
    zh="b 也在缩小 ab：那不是博弈。b 要让 ab 变大，所以是加号。",
    en="Here b makes ab smaller as well, which is no game: b wants ab large, hence the plus.")
def both_minimise(a, b, rate):
    a_new = a - rate * b
    return torch.stack([a_new, b - rate * a_new])


@sheet.mistake(
    zh="a 也在放大 ab：a 要让它变小，所以是减号。",
    en="Here a makes ab larger as well: a wants it small, hence the minus.")
def both_maximise(a, b, rate):
    a_new = a + rate * b
    return torch.stack([a_new, b + rate * a_new])


@sheet.mistake(
    zh="b 用了新旧位置的平均，仍有一半是旧的。b 只应当看 a 的新位置。",
    en="b answers the average of a's old and new positions, half of which is out of date. It should look at the new "
       "one only.")
def averaged(a, b, rate):
    a_new = a - rate * b
    return torch.stack([a_new, b + rate * (a + a_new) / 2])


@sheet.mistake(
    zh="两步都对，但返回的次序反了：先 a，后 b。",
    en="Both moves are right but returned in the wrong order: a first, then b.")
def exchanged(a, b, rate):
    return one_round(a, b, rate).flip(0)


@sheet.mistake(
    zh="值是对的，但新的 a 断开了，新的 b 对起点的梯度不全。这里不需要 `detach`。",
    en="The values are right, but the new a is cut off, so that the gradient of the new b misses a part. No "
       "`detach` is needed here.")
def opponent_detached(a, b, rate):
    a_new = a - rate * b
    return torch.stack([a_new, b + rate * a_new.detach()])


@sheet.probe
def probe(answer):
    for start in ((1.0, 1.0), (0.5, -2.0)):
        a, b = (torch.tensor(value, requires_grad=True) for value in start)
        moved = answer(a, b, 0.1)
        yield Text(f"从 {start} 走一轮", f"one round from {start}"), moved
        (through(moved) * torch.tensor([1.0, 2.0])).sum().backward()
        yield Text("对起点的梯度", "the gradient with respect to the start"), [gradient(a), gradient(b)]


EXERCISE = sheet.with_hints(
    Text("在第二行停一停：b 走的时候，a 在哪里？", "Stop at the second line: where is a when b moves?"),
    Text("同时走的矩阵行列式是 1 + rate²，大于 1；轮流走的行列式是 1。",
         "The matrix of moving together has determinant 1 + rate², above 1; that of taking turns has 1."),
    Text("第二行应当用 `a_new`，而不是 `a`。", "The second line should use `a_new` instead of `a`."),
)
