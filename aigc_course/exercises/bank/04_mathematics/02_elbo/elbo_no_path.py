"""Debug: a sample of z through which no gradient returns."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`negative_elbo_sample(x, mean, log_var, eps)` 用一个样本估计小模型的 −ELBO（省去常数），值是对的。可是用它"
       "训练编码器，KL 很快降到 0，重建毫无起色。修复它：值不变，重建项的梯度要传到 `mean` 与 `log_var`。",
    en="`negative_elbo_sample(x, mean, log_var, eps)` estimates −ELBO of the tiny model from one sample (without "
       "constants), and its value is right. But an encoder trained with it sends the KL to 0 and never learns to "
       "reconstruct. Repair it: the value stays, and the gradient of the reconstruction reaches `mean` and "
       "`log_var`.",
)


@sheet.blank
def blank(x, mean, log_var, eps):
    z = (mean + (log_var / 2).exp() * eps).detach()
    rec = 0.5 * (x - 2 * z) ** 2
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return (rec + kl).mean()


@sheet.reference
def negative_elbo_sample(x, mean, log_var, eps):
    z = mean + (log_var / 2).exp() * eps   # eps carries the randomness, mean and log_var the gradient
    rec = 0.5 * (x - 2 * z) ** 2
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return (rec + kl).mean()


@sheet.also
def by_standard_deviation(x, mean, log_var, eps):
    sd = log_var.mul(0.5).exp()
    z = torch.addcmul(mean, sd, eps)
    return 0.5 * ((x - 2 * z).square() + mean.square() + sd.square() - 1 - 2 * sd.log()).mean()


@sheet.also
def by_distribution(x, mean, log_var, eps):
    q = torch.distributions.Normal(mean, (log_var / 2).exp())
    z = q.loc + q.scale * eps
    kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    return (0.5 * (x - 2 * z) ** 2 + kl).mean()


@sheet.mistake(
    zh="噪声不见了：解码器只看到均值，`log_var` 得不到重建项的梯度，那是普通的自编码器。",
    en="The noise is gone: the decoder sees the mean only, and the reconstruction says nothing to `log_var`. That "
       "is a plain autoencoder.")
def mean_only(x, mean, log_var, eps):
    return negative_elbo_sample(x, mean, log_var, torch.zeros_like(eps))


@sheet.mistake(
    zh="标准差仍然断着：重建项的梯度只到了 `mean`，没有到 `log_var`。",
    en="The standard deviation is still cut off: the reconstruction reaches `mean` but not `log_var`.")
def spread_detached(x, mean, log_var, eps):
    z = mean + (log_var / 2).exp().detach() * eps
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return (0.5 * (x - 2 * z) ** 2 + kl).mean()


@sheet.mistake(
    zh="均值仍然断着：重建项的梯度只到了 `log_var`，没有到 `mean`。",
    en="The mean is still cut off: the reconstruction reaches `log_var` but not `mean`.")
def mean_detached(x, mean, log_var, eps):
    z = mean.detach() + (log_var / 2).exp() * eps
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return (0.5 * (x - 2 * z) ** 2 + kl).mean()


@sheet.mistake(
    zh="噪声乘上了方差：应当乘标准差，即 exp(log_var / 2)。",
    en="The noise is multiplied with the variance; it should be the standard deviation, exp(log_var / 2).")
def variance_for_deviation(x, mean, log_var, eps):
    z = mean + log_var.exp() * eps
    kl = 0.5 * (mean**2 + log_var.exp() - 1 - log_var)
    return (0.5 * (x - 2 * z) ** 2 + kl).mean()


@sheet.mistake(
    zh="梯度通了，但 KL 项丢了：没有它，编码可以跑到任何地方。",
    en="The gradient flows, but the KL is lost: without it the codes may go anywhere.")
def kl_dropped(x, mean, log_var, eps):
    z = mean + (log_var / 2).exp() * eps
    return (0.5 * (x - 2 * z) ** 2).mean()


@sheet.probe
def probe(answer):
    x, eps = torch.tensor([1.5, -2.0, 0.3]), torch.tensor([0.7, -1.1, 0.4])
    mean = torch.tensor([0.6, -0.2, 1.0], requires_grad=True)
    log_var = torch.tensor([-1.6, 0.5, -0.3], requires_grad=True)
    loss = answer(x, mean, log_var, eps)
    yield Text("损失的值", "the loss"), loss
    through(loss).sum().backward()
    for name, leaf in (("mean", mean), ("log_var", log_var)):
        yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("值对、梯度不对：沿着计算图从重建项往回走，在哪里断了？",
         "Right value, wrong gradient: walk back from the reconstruction. Where does the graph end?"),
    Text("`eps` 与参数无关，所以 z = mean + σ·eps 对 `mean` 与 `log_var` 都可以求导。",
         "`eps` does not depend on the parameters, so z = mean + σ·eps can be differentiated in `mean` and "
         "`log_var`."),
    Text("去掉 `.detach()`。`q.sample()` 也有同样的毛病，应当用 `q.rsample()`。",
         "Take `.detach()` away. `q.sample()` has the same fault; `q.rsample()` is what one wants."),
)
