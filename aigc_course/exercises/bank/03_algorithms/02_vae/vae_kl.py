"""Fill-in: the KL divergence between the encoder's Gaussian and the prior."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `kl_divergence(mean, log_var)`：q(z|x) = N(μ, diag σ²) 到先验分布 N(0, I) 的 KL 散度，以 nat 为单位。"
       "`mean` 是 μ，`log_var` 是 log σ²，形状都是 `(B, Z)`。对潜变量的各维求和，再对批次取平均，得到一个数。",
    en="Complete `kl_divergence(mean, log_var)`: the KL divergence from q(z|x) = N(μ, diag σ²) to the prior N(0, "
       "I), in nats. `mean` is μ and `log_var` is log σ², both of shape `(B, Z)`. Sum over the latent dimensions "
       "and average over the batch, to one number.",
)


@sheet.blank
def blank(mean, log_var):
    return ...


@sheet.reference
def kl_divergence(mean, log_var):
    each = (mean.square() + log_var.exp() - 1 - log_var) / 2   # (B, Z), never negative
    return each.sum(dim=1).mean()


@sheet.also
def by_distributions(mean, log_var):
    from torch.distributions import Independent, Normal
    from torch.distributions import kl_divergence as between
    posterior = Independent(Normal(mean, (log_var / 2).exp()), 1)
    prior = Independent(Normal(torch.zeros_like(mean), torch.ones_like(mean)), 1)
    return between(posterior, prior).mean()


@sheet.also
def averaged_first(mean, log_var):
    std = torch.exp(0.5 * log_var)
    return -0.5 * (1 + 2 * std.log() - mean ** 2 - std ** 2).mean(dim=0).sum()


@sheet.also
def divided_by_the_batch(mean, log_var):
    return 0.5 * (mean.pow(2) + torch.expm1(log_var) - log_var).sum() / mean.shape[0]


@sheet.mistake(
    zh="符号反了：KL 散度不会是负数。最小化它的相反数，会把 q 推得离先验分布越来越远，直到溢出。",
    en="The sign is lost: a KL divergence is never negative. Minimising its opposite drives q away from the prior "
       "until the numbers overflow.")
def sign_lost(mean, log_var):
    return -kl_divergence(mean, log_var)


@sheet.mistake(
    zh="差了一个因子 1/2：高斯密度的指数里是 −(z − μ)²/(2σ²)，这个 2 一直留到最后。",
    en="A factor 1/2 is missing: the exponent of the Gaussian is −(z − μ)²/(2σ²), and that 2 stays to the end.")
def not_halved(mean, log_var):
    return (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1).mean()


@sheet.mistake(
    zh="`log_var` 已经是对数：公式中的 σ² 是 `log_var.exp()`，log σ² 就是 `log_var` 本身。再取一次对数，遇到负数就"
       "是 `nan`。",
    en="`log_var` is a logarithm already: σ² of the formula is `log_var.exp()`, and log σ² is `log_var` itself. "
       "Another logarithm is `nan` where it is negative.")
def taken_for_variance(mean, log_var):
    return (mean.square() + log_var - 1 - log_var.log()).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="这里把 `log_var` 当成了标准差 σ 并平方。它是 log σ²，所以 σ² = exp(log_var)。",
    en="This takes `log_var` for the standard deviation σ and squares it. It is log σ², so σ² = exp(log_var).")
def taken_for_std(mean, log_var):
    return (mean.square() + log_var.square() - 1 - log_var.square().log()).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="这里把 `log_var` 当成了 log σ，所以多乘了一个 2。它是 log σ²，直接取指数就是方差。",
    en="This takes `log_var` for log σ, hence a 2 too many. It is log σ²: its exponential is the variance.")
def taken_for_log_std(mean, log_var):
    return (mean.square() + (2 * log_var).exp() - 1 - 2 * log_var).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="μ 要平方：无论往哪边偏离先验分布的中心 0，代价都一样。",
    en="μ has to be squared: being off the prior's centre, 0, costs the same on either side.")
def mean_not_squared(mean, log_var):
    return (mean + log_var.exp() - 1 - log_var).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="梯度是对的，但漏减了 1：q 等于先验分布时，KL 应当正好是 0。多出的常数会让以 nat 计的变分下界无法比较。",
    en="The gradients are right but the −1 is missing: where q is the prior the KL must be 0. The constant spoils "
       "every comparison of the bound in nats.")
def one_forgotten(mean, log_var):
    return (mean.square() + log_var.exp() - log_var).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="这是反方向的 KL(p‖q)。变分下界里的期望取自编码器的 q，所以是 KL(q‖p)。",
    en="This is the other direction, KL(p‖q). The expectation in the bound is taken under the encoder's q, hence "
       "KL(q‖p).")
def other_direction(mean, log_var):
    return ((1 + mean.square()) * (-log_var).exp() - 1 + log_var).sum(dim=1).mean() / 2


@sheet.mistake(
    zh="对潜变量的各维也取了平均：各维的 KL 相加才是整个 z 的 KL。这样的损失等于把 KL 的权重 β 改成了 1/Z。",
    en="The latent dimensions were averaged too: the KL of the whole z is the sum over its dimensions. This loss in "
       "effect weighs the KL with β = 1/Z.")
def averaged_over_everything(mean, log_var):
    return ((mean.square() + log_var.exp() - 1 - log_var) / 2).mean()


@sheet.mistake(
    zh="两个轴互换了：这里对批次（轴 0）求和，对潜变量的各维（轴 1）取平均。",
    en="The axes are exchanged: this sums over the batch (axis 0) and averages over the latent dimensions (axis 1).")
def axes_exchanged(mean, log_var):
    return ((mean.square() + log_var.exp() - 1 - log_var) / 2).sum(dim=0).mean()


@sheet.mistake(
    zh="整个批次也求了和：损失会随批量大小成倍变化。对批次应取平均。",
    en="The batch was summed too, so that the loss grows with the batch size. Average over the batch.")
def summed_over_everything(mean, log_var):
    return ((mean.square() + log_var.exp() - 1 - log_var) / 2).sum()


@sheet.mistake(
    zh="每个样本各有一个 KL；还要对批次取平均，得到一个数。",
    en="There is one KL per example; average them over the batch into one number.")
def not_averaged(mean, log_var):
    return ((mean.square() + log_var.exp() - 1 - log_var) / 2).sum(dim=1)


@sheet.mistake(
    zh="值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让编码器感受不到先验分布。",
    en="The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` the encoder never feels "
       "the prior.")
def cut_off(mean, log_var):
    return kl_divergence(mean, log_var).detach()


@sheet.probe
def probe(answer):
    means = torch.tensor([[1.0, -2.0, 0.5, 0.0], [0.3, 1.5, -1.0, 2.0], [-0.4, 0.2, 0.0, 1.0]])
    wide = torch.tensor([[0.5, 1.0, 0.2, 2.0], [1.5, 0.1, 0.7, 1.2], [0.4, 0.9, 0.3, 0.6]])
    for where, mean, log_var in (
            (Text("方差都大于 1 时", "with variances above 1"), means.clone(), wide.clone()),
            (Text("方差有大有小时", "with variances on both sides of 1"), means.clone(), wide - 0.8),
            (Text("q 就是先验分布时", "where q is the prior"), torch.zeros(3, 2), torch.zeros(3, 2))):
        mean.requires_grad_()
        log_var.requires_grad_()
        kl = answer(mean, log_var)
        yield Text(f"{where.zh} KL 的值", f"the KL {where.en}"), kl
        through(kl).sum().backward()
        for name, leaf in (("mean", mean), ("log_var", log_var)):
            yield Text(f"{where.zh}对 {name} 的梯度", f"the gradient with respect to {name} {where.en}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("协方差是对角的，所以 KL 是各维之和；每一维只涉及两个一维高斯：N(μ, σ²) 与 N(0, 1)。",
         "The covariance is diagonal, so the KL is a sum over dimensions, each with two Gaussians of one "
         "dimension: N(μ, σ²) and N(0, 1)."),
    Text("每一维的 KL 是 (μ² + σ² − 1 − log σ²) / 2。用 μ = 0、σ = 1 检验：它等于 0。",
         "The KL of one dimension is (μ² + σ² − 1 − log σ²) / 2. Check it at μ = 0, σ = 1: it is 0."),
    Text("σ² 是 `log_var.exp()`，log σ² 是 `log_var`；最后是 `.sum(dim=1).mean()`。",
         "σ² is `log_var.exp()` and log σ² is `log_var`; end with `.sum(dim=1).mean()`."),
)
