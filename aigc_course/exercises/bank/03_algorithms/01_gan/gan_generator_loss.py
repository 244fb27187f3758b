"""Fill-in: the non-saturating generator loss, from logits."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `generator_loss(fake_logits)`：由判别器对生成样本给出的 logits（形状 `(B, 1)`，尚未经过 sigmoid）计算"
       "非饱和生成器损失，即 −log D(G(z)) 的平均值。logits 为 ±200 时也应得到有限的数。",
    en="Complete `generator_loss(fake_logits)`: from the logits that the discriminator gives generated samples "
       "(shape `(B, 1)`, before the sigmoid), the non-saturating generator loss, the mean of −log D(G(z)). Logits "
       "of ±200 must give finite numbers too.",
)


@sheet.blank
def blank(fake_logits):
    return ...


@sheet.reference
def generator_loss(fake_logits):
    return F.softplus(-fake_logits).mean()   # −log σ(l) = log(1 + exp(−l))


@sheet.also
def by_logsigmoid(fake_logits):
    return -F.logsigmoid(fake_logits).mean()


@sheet.also
def by_cross_entropy(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


@sheet.also
def by_logaddexp(fake_logits):
    losses = torch.logaddexp(torch.zeros_like(fake_logits), -fake_logits)
    return losses.sum() / losses.numel()


@sheet.mistake(
    zh="这是饱和损失 log(1 − D(G(z)))。它与非饱和损失有同样的目标，但判别器占上风时梯度几乎为零。",
    en="This is the saturating loss, log(1 − D(G(z))). It aims at the same, but its gradient all but vanishes when "
       "the discriminator is winning.")
def saturating(fake_logits):
    return -F.softplus(fake_logits).mean()


@sheet.mistake(
    zh="符号反了：优化器做的是最小化，而这样最小化会让 D(G(z)) 变小。",
    en="The sign is lost: the optimiser minimises, and minimising this makes D(G(z)) smaller.")
def sign_lost(fake_logits):
    return F.logsigmoid(fake_logits).mean()


@sheet.mistake(
    zh="这是判别器对生成样本的损失（标签 0）。生成器希望这些样本被判为真（标签 1）。",
    en="This is the discriminator's loss on generated samples (label 0). The generator wants them to be taken for "
       "real (label 1).")
def discriminators(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


@sheet.mistake(
    zh="先算 sigmoid 再取对数会溢出：logit 为 −200 时 sigmoid 等于 0，对数是 −∞。使用直接接收 logits 的函数。",
    en="A logarithm after a sigmoid overflows: at a logit of −200 the sigmoid is 0 and its logarithm −∞. Use a "
       "function that takes logits.")
def overflowing(fake_logits):
    return -torch.log(torch.sigmoid(fake_logits)).mean()


@sheet.mistake(
    zh="sigmoid 用了两次：接收 logits 的函数自己会做 sigmoid。",
    en="The sigmoid is taken twice: a function that takes logits does it itself.")
def squashed_twice(fake_logits):
    return -F.logsigmoid(torch.sigmoid(fake_logits)).mean()


@sheet.mistake(
    zh="这里求了和：损失会随批量大小成倍变化。题目要的是平均值。",
    en="This is the sum, which grows with the batch size. The mean is asked for.")
def summed(fake_logits):
    return F.softplus(-fake_logits).sum()


@sheet.mistake(
    zh="每个样本各有一个损失；还要对整个批次取平均，得到一个数。",
    en="There is one loss per sample; average them over the batch into one number.")
def not_reduced(fake_logits):
    return F.softplus(-fake_logits)


@sheet.mistake(
    zh="值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让生成器学不到任何东西。",
    en="The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` the generator learns "
       "nothing.")
def cut_off(fake_logits):
    return F.softplus(-fake_logits.detach()).mean()


@sheet.probe
def probe(answer):
    for logits in ([[0.5], [-2.0], [3.0], [0.0]], [[-200.0], [200.0], [-1.0]]):
        leaf = torch.tensor(logits, requires_grad=True)
        loss = answer(leaf)
        yield Text("损失的值", "the loss"), loss
        through(loss).sum().backward()
        yield Text("对 logits 的梯度", "its gradient with respect to the logits"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("D = σ(l)，所以 −log D(G(z)) = −log σ(l)。", "D = σ(l), so −log D(G(z)) = −log σ(l)."),
    Text("−log σ(l) = log(1 + exp(−l))，这就是 softplus 函数在 −l 处的值。",
         "−log σ(l) = log(1 + exp(−l)), which is the softplus function at −l."),
    Text("`torch.nn.functional` 里的 `softplus` 与 `logsigmoid` 对很大的 logits 也稳定；最后取 `mean()`。",
         "`softplus` and `logsigmoid` of `torch.nn.functional` are stable for large logits; end with `mean()`."),
)
