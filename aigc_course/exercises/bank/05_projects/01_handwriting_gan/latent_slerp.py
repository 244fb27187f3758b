"""Fill-in: spherical interpolation between two latent vectors."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `slerp(a, b, t)`：在两个潜变量 `a`、`b`（形状 `(Z,)`，不平行）之间做球面插值，`t` 从 0 到 1。设夹角为 "
       "Ω，结果是 [sin((1 − t)Ω) a + sin(tΩ) b] / sin Ω。",
    en="Complete `slerp(a, b, t)`: spherical interpolation between two latent vectors `a` and `b` (shape `(Z,)`, "
       "not parallel), with `t` from 0 to 1. With Ω the angle between them it is [sin((1 − t)Ω) a + sin(tΩ) b] / "
       "sin Ω.",
)


@sheet.blank
def blank(a, b, t):
    return ...


@sheet.reference
def slerp(a, b, t):
    cosine = torch.dot(a, b) / (a.norm() * b.norm())
    angle = torch.arccos(cosine)
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


@sheet.also
def with_unit_vectors(a, b, t):
    angle = torch.acos((a / a.norm() * (b / b.norm())).sum().clamp(-1, 1))
    weights = torch.stack([((1 - t) * angle).sin(), (t * angle).sin()]) / angle.sin()
    return weights[0] * a + weights[1] * b


@sheet.also
def by_atan2(a, b, t):
    u, v = a / torch.linalg.vector_norm(a), b / torch.linalg.vector_norm(b)
    angle = 2 * torch.atan2((u - v).norm(), (u + v).norm())
    return a * torch.sin(angle - t * angle) / torch.sin(angle) + b * torch.sin(t * angle) / torch.sin(angle)


@sheet.mistake(
    zh="这是直线插值：中点的模比两端小，而高维高斯样本几乎都在同一个球壳上，生成器没有见过球内的点。",
    en="This is the straight line: its middle is shorter than its ends, while nearly all samples of a "
       "high-dimensional Gaussian lie on one shell; the generator has not seen points inside.")
def straight(a, b, t):
    return torch.lerp(a, b, t)


@sheet.mistake(
    zh="沿直线取点再放缩到球面上，方向是对的，但速度不均匀：在中间走得快，在两端走得慢。",
    en="A point of the straight line, scaled onto the sphere, lies on the right arc but moves unevenly: fast in the "
       "middle, slow at the ends.")
def straight_then_scaled(a, b, t):
    mixed = torch.lerp(a, b, t)
    return mixed / mixed.norm() * torch.lerp(a.norm(), b.norm(), t)


@sheet.mistake(
    zh="两个权重互换了：t = 0 时应当得到 `a`。",
    en="The weights are exchanged: t = 0 should give `a`.")
def reversed_weights(a, b, t):
    return slerp(b, a, t)


@sheet.mistake(
    zh="求夹角之前要除以两个向量的模：内积等于 |a||b| cos Ω。",
    en="Divide by both norms before taking the angle: the inner product is |a||b| cos Ω.")
def without_norms(a, b, t):
    angle = torch.arccos(torch.dot(a, b))
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


@sheet.mistake(
    zh="还要除以 sin Ω，否则 t = 0 时得到的不是 `a`。",
    en="Divide by sin Ω, or t = 0 does not give `a`.")
def undivided(a, b, t):
    angle = torch.arccos(torch.dot(a, b) / (a.norm() * b.norm()))
    return torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b


@sheet.mistake(
    zh="只用单位向量来求夹角；插值的是 `a` 和 `b` 本身，否则模丢失了。",
    en="Unit vectors serve to find the angle only; interpolate `a` and `b` themselves, or their length is lost.")
def unit_result(a, b, t):
    return slerp(a / a.norm(), b / b.norm(), t)


@sheet.mistake(
    zh="这里把余弦当成了角度：先取 `torch.arccos`。",
    en="This takes the cosine for the angle: take `torch.arccos` first.")
def cosine_for_angle(a, b, t):
    angle = torch.dot(a, b) / (a.norm() * b.norm())
    return (torch.sin((1 - t) * angle) * a + torch.sin(t * angle) * b) / torch.sin(angle)


@sheet.probe
def probe(answer):
    for first, second in (([2.0, 0.0, 0.0], [0.0, 2.0, 0.0]), ([1.0, 2.0, -1.0], [0.5, -1.0, 3.0])):
        for t in (0.0, 0.3, 0.5, 1.0):
            point = answer(torch.tensor(first), torch.tensor(second), torch.tensor(t))
            yield Text(f"t = {t} 时的点", f"the point at t = {t}"), point


EXERCISE = sheet.with_hints(
    Text("cos Ω = a·b / (|a||b|)。", "cos Ω = a·b / (|a||b|)."),
    Text("用 `torch.dot`、`a.norm()` 和 `torch.arccos` 得到 Ω。",
         "`torch.dot`, `a.norm()` and `torch.arccos` give Ω."),
    Text("检查两端：t = 0 时应得到 `a`，t = 1 时应得到 `b`。", "Check the ends: t = 0 gives `a`, t = 1 gives `b`."),
)
