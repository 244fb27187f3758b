"""Fill-in: the evidence lower bound of a model whose integrals are known."""

import math

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

LOG_2PI = math.log(2 * math.pi)

sheet = Sheet(
    zh="补全 `tiny_elbo(x, mean, log_var)`：模型 z ~ N(0, 1)、x|z ~ N(2z, 1) 的 ELBO 的闭式，不抽样，以 nat 为单"
       "位。q = N(mean, exp(log_var))，三个参数的形状都是 `(B,)`，每个样本返回一个数。",
    en="Complete `tiny_elbo(x, mean, log_var)`: the ELBO of the model z ~ N(0, 1), x|z ~ N(2z, 1) in closed form, "
       "without sampling, in nats. q = N(mean, exp(log_var)); all three have the shape `(B,)`, and each example "
       "gets one number.",
)


@sheet.blank
def blank(x, mean, log_var):
    return ...


@sheet.reference
def tiny_elbo(x, mean, log_var):
    variance = log_var.exp()
    expected_square = (x - 2 * mean) ** 2 + 4 * variance       # E_q (x − 2z)²
    log_likelihood = -0.5 * (expected_square + torch.log(torch.tensor(2 * torch.pi)))
    return log_likelihood - 0.5 * (mean**2 + variance - 1 - log_var)


@sheet.also
def by_distributions(x, mean, log_var):
    q = torch.distributions.Normal(mean, (log_var / 2).exp())
    fit = torch.distributions.Normal(2 * mean, 1.0).log_prob(x) - 2 * log_var.exp()
    return fit - torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))


@sheet.also
def by_the_gap(x, mean, log_var):
    q = torch.distributions.Normal(mean, (log_var / 2).exp())
    evidence = torch.distributions.Normal(0.0, math.sqrt(5)).log_prob(x)
    return evidence - torch.distributions.kl_divergence(q, torch.distributions.Normal(0.4 * x, math.sqrt(0.2)))


@sheet.mistake(
    zh="这里把均值代进了似然：还要对 q 取期望，E(x − 2z)² 比 (x − 2·mean)² 多出 4σ²。",
    en="The mean was put into the likelihood, but the expectation is under q: E(x − 2z)² exceeds (x − 2·mean)² by "
       "4σ².")
def mean_put_in(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) + 2 * log_var.exp()


@sheet.mistake(
    zh="多出的那一项应当是 4σ²，不是 σ²：z 前面的 2 也要平方。",
    en="The additional term is 4σ² and not σ²: the 2 before z is squared as well.")
def variance_not_scaled(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) + 1.5 * log_var.exp()


@sheet.mistake(
    zh="KL 的符号反了：ELBO 是期望的对数似然**减去** KL。",
    en="The sign of the KL is reversed: the ELBO is the expected log-likelihood **minus** the KL.")
def kl_added(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) + (mean**2 + log_var.exp() - 1 - log_var)


@sheet.mistake(
    zh="这是损失 −ELBO。ELBO 是 log p(x) 的下界。",
    en="This is the loss, −ELBO. The ELBO is a lower bound of log p(x).")
def loss(x, mean, log_var):
    return -tiny_elbo(x, mean, log_var)


@sheet.mistake(
    zh="少了归一化常数 ½ log 2π：梯度不变，但这样的数不再是 log p(x) 的下界。",
    en="The constant ½ log 2π is missing: the gradients are the same, but this is no lower bound of log p(x).")
def constant_forgotten(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) + 0.5 * LOG_2PI


@sheet.mistake(
    zh="常数多了一倍：一维高斯的归一化常数是 1/√(2πσ²)，取对数是 −½ log 2π。",
    en="The constant is twice what it should be: a Gaussian's is 1/√(2πσ²), whose logarithm is −½ log 2π.")
def root_forgotten(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) - 0.5 * LOG_2PI


@sheet.mistake(
    zh="KL 少了系数 ½：(mean² + σ² − 1 − log σ²) / 2。",
    en="The KL lacks its factor ½: (mean² + σ² − 1 − log σ²) / 2.")
def kl_not_halved(x, mean, log_var):
    return tiny_elbo(x, mean, log_var) - 0.5 * (mean**2 + log_var.exp() - 1 - log_var)


@sheet.mistake(
    zh="这里把 `log_var` 当成了 log σ：它是 log σ²，方差是 exp(log_var)。",
    en="This takes `log_var` for log σ. It is log σ²; the variance is exp(log_var).")
def taken_for_log_std(x, mean, log_var):
    return tiny_elbo(x, mean, 2 * log_var)


@sheet.mistake(
    zh="值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让编码器学不到东西。",
    en="The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` the encoder learns "
       "nothing.")
def cut_off(x, mean, log_var):
    return tiny_elbo(x, mean, log_var).detach()


@sheet.probe
def probe(answer):
    x = torch.tensor([1.5, -2.0, 0.3])
    mean = torch.tensor([0.6, -0.2, 1.0], requires_grad=True)
    log_var = torch.tensor([-1.6, 0.5, -0.3], requires_grad=True)
    value = answer(x, mean, log_var)
    yield Text("三个样本的 ELBO", "the ELBO of three examples"), value
    through(value).sum().backward()
    for name, leaf in (("mean", mean), ("log_var", log_var)):
        yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("ELBO = E_q log p(x|z) − KL(q‖p)。两项分开写。", "ELBO = E_q log p(x|z) − KL(q‖p). Write the two apart."),
    Text("E_q (x − 2z)² = (x − 2·mean)² + 4σ²，因为 z 的方差是 σ²。",
         "E_q (x − 2z)² = (x − 2·mean)² + 4σ², since z has the variance σ²."),
    Text("用后验检验：mean = 0.4x、log_var = log 0.2 时，ELBO 应当等于 log N(x; 0, 5)。",
         "Check it at the posterior: with mean = 0.4x and log_var = log 0.2 the ELBO must equal log N(x; 0, 5)."),
)
