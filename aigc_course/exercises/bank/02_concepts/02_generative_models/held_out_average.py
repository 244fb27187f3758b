"""Debug: a held-out log-likelihood that forgives every failure but the last."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`held_out_nats(log_joint)` 应当返回留出图像的平均对数密度 (1/N) Σ log p(x)，单位 nat。`log_joint` 的形状是 "
       "`(N, C)`，第 n 行第 c 列是 log π_c + log N(x_n; μ_c, Σ_c)。可是模型漏掉的图像几乎不扣分，密度很小时还会变成"
       "负无穷。找出原因并修复。",
    en="`held_out_nats(log_joint)` should return the mean log-density of held-out images, (1/N) Σ log p(x), in "
       "nats. `log_joint` has shape `(N, C)`; row n, column c is log π_c + log N(x_n; μ_c, Σ_c). Yet images that "
       "the model misses hardly count, and where densities are small the result is minus infinity. Find out why and "
       "repair it.",
)


@sheet.blank
def blank(log_joint):
    density = log_joint.exp().sum(dim=1)
    return density.mean().log()


@sheet.reference
def held_out_nats(log_joint):
    return log_joint.logsumexp(dim=1).mean()


@sheet.also
def step_by_step(log_joint):
    total = log_joint[:, 0]
    for column in log_joint.T[1:]:
        total = torch.logaddexp(total, column)
    return total.sum() / len(log_joint)


@sheet.also
def largest_taken_out(log_joint):
    top = log_joint.amax(dim=1, keepdim=True)
    return (top[:, 0] + (log_joint - top).exp().sum(dim=1).log()).mean()


@sheet.mistake(
    zh="数值稳定了，但仍然先平均密度再取对数：漏掉一张图像几乎不扣分。先对每张图像取对数，再平均。",
    en="Stable now, but densities are still averaged before the log, so that a missed image hardly counts. Take "
       "each image's log first, then average.")
def stable_but_averaged_first(log_joint):
    return log_joint.logsumexp(dim=(0, 1)) - torch.log(torch.tensor(float(len(log_joint))))


@sheet.mistake(
    zh="次序对了，但 e 的 −300 次方在 32 位浮点数里是 0，对数成了负无穷。用 `logsumexp`。",
    en="The order is right, but e to the −300 is 0 in 32-bit floating point and its log minus infinity. Use "
       "`logsumexp`.")
def order_repaired_only(log_joint):
    return log_joint.exp().sum(dim=1).log().mean()


@sheet.mistake(
    zh="加一个小常数掩盖了问题：−300 nat 变成了约 −28 nat，模型漏掉的图像被饶恕了。用 `logsumexp`。",
    en="The small constant hides the problem: −300 nats become some −28, and the missed image is forgiven. Use "
       "`logsumexp`.")
def kept_from_zero(log_joint):
    return (log_joint.exp().sum(dim=1) + 1e-12).log().mean()


@sheet.mistake(
    zh="丢掉了无穷大的那几张：正是模型最差的图像。一张也不能丢。",
    en="The infinite ones are dropped, which are just the images where the model is worst. Drop none.")
def infinite_dropped(log_joint):
    nats = log_joint.exp().sum(dim=1).log()
    return nats[nats.isfinite()].mean()


@sheet.mistake(
    zh="这是总和；要除以图像的张数。",
    en="This is the sum; divide by the number of images.")
def summed(log_joint):
    return log_joint.logsumexp(dim=1).sum()


@sheet.mistake(
    zh="对分量的对数取了平均；密度在分量上相加，用 `logsumexp(dim=1)`。",
    en="The components' logs are averaged; densities add over components: `logsumexp(dim=1)`.")
def components_averaged(log_joint):
    return log_joint.mean(dim=1).mean()


@sheet.mistake(
    zh="只取了最大的分量；要把所有分量的密度加起来。",
    en="Only the largest component is taken; add the densities of all.")
def likeliest_only(log_joint):
    return log_joint.amax(dim=1).mean()


@sheet.mistake(
    zh="符号反了：题目要的是对数密度，越大越好。",
    en="The sign is turned: the log-density is asked for, larger is better.")
def sign_turned(log_joint):
    return -log_joint.logsumexp(dim=1).mean()


@sheet.probe
def probe(answer):
    usual = torch.tensor([[-3.0, -4.0], [-5.0, -2.5], [-9.0, -8.0]])
    failed = torch.tensor([[-3.0, -4.0], [-300.0, -310.0], [-2.0, -2.5]])
    for zh, en, given in (("几张普通图像", "some ordinary images", usual),
                          ("密度处处都很小时", "where all densities are tiny", usual - 200),
                          ("有一张模型认为几乎不可能的图像时", "where one image is all but impossible", failed)):
        yield Text(f"{zh}的结果", f"the result for {en}"), answer(given.clone())


EXERCISE = sheet.with_hints(
    Text("10 张图像里有一张的密度是 0，平均密度的对数会怎样？平均对数密度呢？",
         "If one image in ten has density 0, what is the log of the mean density? And the mean of the logs?"),
    Text("对数要在平均之前取；平均在最外面。", "The log comes before the mean; the mean is outermost."),
    Text("`log_joint.logsumexp(dim=1)` 是每张图像的 log p(x)。",
         "`log_joint.logsumexp(dim=1)` is each image's log p(x)."),
)
