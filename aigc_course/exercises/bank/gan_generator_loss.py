"""Fill-in: the non-saturating generator loss, from logits."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Code, Mistake, Text


def blank(fake_logits):
    return ...


def generator_loss(fake_logits):
    return F.softplus(-fake_logits).mean()   # −log σ(l) = log(1 + exp(−l))


def by_logsigmoid(fake_logits):
    return -F.logsigmoid(fake_logits).mean()


def by_cross_entropy(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))


def by_logaddexp(fake_logits):
    losses = torch.logaddexp(torch.zeros_like(fake_logits), -fake_logits)
    return losses.sum() / losses.numel()


def saturating(fake_logits):
    return -F.softplus(fake_logits).mean()


def sign_lost(fake_logits):
    return F.logsigmoid(fake_logits).mean()


def discriminators(fake_logits):
    return F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))


def overflowing(fake_logits):
    return -torch.log(torch.sigmoid(fake_logits)).mean()


def squashed_twice(fake_logits):
    return -F.logsigmoid(torch.sigmoid(fake_logits)).mean()


def summed(fake_logits):
    return F.softplus(-fake_logits).sum()


def not_reduced(fake_logits):
    return F.softplus(-fake_logits)


def cut_off(fake_logits):
    return F.softplus(-fake_logits.detach()).mean()


def probe(answer):
    for logits in ([[0.5], [-2.0], [3.0], [0.0]], [[-200.0], [200.0], [-1.0]]):
        leaf = torch.tensor(logits, requires_grad=True)
        loss = answer(leaf)
        yield Text("损失的值", "the loss"), loss
        if isinstance(loss, torch.Tensor) and loss.requires_grad:
            loss.sum().backward()
        yield Text("对 logits 的梯度", "its gradient with respect to the logits"), (
            torch.zeros_like(leaf) if leaf.grad is None else leaf.grad)


EXERCISE = Code(
    task=Text(
        "补全 `generator_loss(fake_logits)`：由判别器对生成样本给出的 logits（形状 `(B, 1)`，"
        "尚未经过 sigmoid）计算非饱和生成器损失，即 −log D(G(z)) 的平均值。logits 为 ±200 "
        "时也应得到有限的数。",
        "Complete `generator_loss(fake_logits)`: from the logits that the discriminator gives generated "
        "samples (shape `(B, 1)`, before the sigmoid), the non-saturating generator loss, the mean of −log "
        "D(G(z)). Logits of ±200 must give finite numbers too."),
    blank=blank,
    reference=generator_loss,
    others=(by_logsigmoid, by_cross_entropy, by_logaddexp),
    mistakes=(
        Mistake(saturating, Text(
            "这是饱和损失 log(1 − D(G(z)))。它与非饱和损失有同样的目标，但判别器占上风时梯度几乎为零。",
            "This is the saturating loss, log(1 − D(G(z))). It aims at the same, but its gradient all but "
            "vanishes when the discriminator is winning.")),
        Mistake(sign_lost, Text(
            "符号反了：优化器做的是最小化，而这样最小化会让 D(G(z)) 变小。",
            "The sign is lost: the optimiser minimises, and minimising this makes D(G(z)) smaller.")),
        Mistake(discriminators, Text(
            "这是判别器对生成样本的损失（标签 0）。生成器希望这些样本被判为真（标签 1）。",
            "This is the discriminator's loss on generated samples (label 0). The generator wants them to be "
            "taken for real (label 1).")),
        Mistake(overflowing, Text(
            "先算 sigmoid 再取对数会溢出：logit 为 −200 时 sigmoid 等于 0，对数是 −∞。使用直接接收 logits "
            "的函数。",
            "A logarithm after a sigmoid overflows: at a logit of −200 the sigmoid is 0 and its logarithm "
            "−∞. Use a function that takes logits.")),
        Mistake(squashed_twice, Text(
            "sigmoid 用了两次：接收 logits 的函数自己会做 sigmoid。",
            "The sigmoid is taken twice: a function that takes logits does it itself.")),
        Mistake(summed, Text(
            "这里求了和：损失会随批量大小成倍变化。题目要的是平均值。",
            "This is the sum, which grows with the batch size. The mean is asked for.")),
        Mistake(not_reduced, Text(
            "每个样本各有一个损失；还要对整个批次取平均，得到一个数。",
            "There is one loss per sample; average them over the batch into one number.")),
        Mistake(cut_off, Text(
            "值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让生成器学不到任何东西。",
            "The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` the generator "
            "learns nothing.")),
    ),
    probe=probe,
    hints=(
        Text("D = σ(l)，所以 −log D(G(z)) = −log σ(l)。", "D = σ(l), so −log D(G(z)) = −log σ(l)."),
        Text("−log σ(l) = log(1 + exp(−l))，这就是 softplus 函数在 −l 处的值。",
             "−log σ(l) = log(1 + exp(−l)), which is the softplus function at −l."),
        Text("`torch.nn.functional` 里的 `softplus` 与 `logsigmoid` 对很大的 logits 也稳定；最后取 "
             "`mean()`。",
             "`softplus` and `logsigmoid` of `torch.nn.functional` are stable for large logits; end with "
             "`mean()`."),
    ),
)
