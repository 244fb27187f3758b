"""Debug: gradients that are clipped while they are still multiplied by the loss scale."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`clipped(grads, scale, longest)` 收到乘过损失缩放比例 `scale` 的梯度（张量的列表），应当返回真正的梯度，整"
       "体的 L2 范数不超过 `longest`，本来就不超过的不改。训练没有报错，却慢得出奇：比例是 65,536 时，走的步子小得"
       "几乎不动。修复它。",
    en="`clipped(grads, scale, longest)` gets gradients (a list of tensors) that were multiplied by the loss scale "
       "`scale`. It is to return the true gradients, with a total L2 norm of at most `longest`, and unchanged where "
       "it is no more. There is no error, but training crawls: at a scale of 65,536 the steps are almost nothing. "
       "Repair it.",
)


@sheet.blank
def blank(grads, scale, longest):
    norm = torch.cat([g.flatten() for g in grads]).norm()
    shorter = torch.clamp(longest / norm, max=1.0)
    return [g * shorter / scale for g in grads]


@sheet.reference
def clipped(grads, scale, longest):
    grads = [g / scale for g in grads]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    return [g * torch.clamp(longest / norm, max=1.0) for g in grads]


@sheet.also
def with_a_longer_limit(grads, scale, longest):
    norm = torch.cat([g.flatten() for g in grads]).norm()
    return [g * torch.clamp(longest * scale / norm, max=1.0) / scale for g in grads]


@sheet.also
def by_torch(grads, scale, longest):
    held = [torch.nn.Parameter(torch.zeros_like(g)) for g in grads]
    for one, grad in zip(held, grads, strict=True):
        one.grad = grad / scale
    torch.nn.utils.clip_grad_norm_(held, longest)
    return [one.grad for one in held]


@sheet.mistake(
    zh="每个张量各自裁剪，会改变整个梯度的方向：范数要对全部张量一起算。",
    en="Every tensor is clipped alone, which turns the whole gradient: take one norm of all tensors together.")
def each_alone(grads, scale, longest):
    return [g / scale * torch.clamp(longest / (g / scale).norm(), max=1.0) for g in grads]


@sheet.mistake(
    zh="现在裁剪之后没有除以比例：上限以内的梯度仍是乘过的。",
    en="Now nothing divides by the scale: gradients within the limit stay multiplied.")
def never_unscaled(grads, scale, longest):
    norm = torch.cat([g.flatten() for g in grads]).norm()
    return [g * torch.clamp(longest / norm, max=1.0) for g in grads]


@sheet.mistake(
    zh="这样连短的梯度也被拉长到上限：只许缩短。",
    en="This stretches short gradients to the limit, too; only ever shorten.")
def always_that_long(grads, scale, longest):
    grads = [g / scale for g in grads]
    norm = torch.cat([g.flatten() for g in grads]).norm()
    return [g * longest / norm for g in grads]


@sheet.mistake(
    zh="这是逐个元素截断，不是按整体的范数缩短：方向变了。",
    en="This cuts each element, instead of shortening the whole gradient: its direction changes.")
def element_by_element(grads, scale, longest):
    return [(g / scale).clamp(-longest, longest) for g in grads]


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    grads = [torch.randn(3, 4, generator=draw), 2 * torch.randn(5, generator=draw)]
    for scale in (1.0, 1024.0):
        for longest in (0.5, 100.0):
            found = list(answer([g * scale for g in grads], scale, longest))
            yield (Text(f"比例 {scale:g}、上限 {longest:g} 时的梯度",
                        f"the gradients at a scale of {scale:g} and a limit of {longest:g}"),
                   found)


EXERCISE = sheet.with_hints(
    Text("比例是 65,536、上限是 1：一个长 0.5 的真梯度，裁剪时看上去有多长？",
         "Scale 65,536, limit 1: how long does a true gradient of length 0.5 look when it is clipped?"),
    Text("次序：反向 → 除以比例 → 裁剪 → 更新。", "The order: backward → divide by the scale → clip → update."),
    Text("第一行先做 `grads = [g / scale for g in grads]`，最后不再除。",
         "Begin with `grads = [g / scale for g in grads]`, and do not divide at the end."),
)
