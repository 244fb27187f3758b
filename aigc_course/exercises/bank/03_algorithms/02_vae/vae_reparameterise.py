"""Fill-in: a sample of the encoder's Gaussian, through which gradients pass."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `reparameterise(mean, log_var, eps)`：用重参数化得到 q(z|x) 的一个样本 z。编码器给出每一维的均值 "
       "`mean` 和对数方差 `log_var`，噪声 `eps` 已从 N(0, I) 中抽好，三者形状都是 `(B, Z)`。梯度要能经过 z 传到 "
       "`mean` 和 `log_var`。",
    en="Complete `reparameterise(mean, log_var, eps)`: a sample z of q(z|x) by reparameterisation. The encoder "
       "gives the mean `mean` and the log-variance `log_var` of every dimension; the noise `eps` has been drawn "
       "from N(0, I); all three have shape `(B, Z)`. Gradients must pass through z to `mean` and `log_var`.",
)


@sheet.blank
def blank(mean, log_var, eps):
    return ...


@sheet.reference
def reparameterise(mean, log_var, eps):
    return mean + (log_var / 2).exp() * eps   # the root of the variance exp(log_var) is exp(log_var / 2)


@sheet.also
def by_root(mean, log_var, eps):
    return mean + log_var.exp().sqrt() * eps


@sheet.also
def by_addcmul(mean, log_var, eps):
    return torch.addcmul(mean, torch.exp(0.5 * log_var), eps)


@sheet.also
def by_rescaling(mean, log_var, eps):
    std = torch.pow(torch.tensor(2.0), log_var / 2 / torch.tensor(2.0).log())
    return (mean / std + eps) * std


@sheet.mistake(
    zh="exp(log_var) 是方差，而噪声要乘的是标准差，即方差的平方根。",
    en="exp(log_var) is the variance, but noise is multiplied by the standard deviation, its square root.")
def variance_for_std(mean, log_var, eps):
    return mean + log_var.exp() * eps


@sheet.mistake(
    zh="`log_var` 是方差的对数，可以是负数，不能直接当作标准差：先取指数，再开方。",
    en="`log_var` is the logarithm of the variance and may be negative; it is no standard deviation. Take the "
       "exponential, then the root.")
def not_exponentiated(mean, log_var, eps):
    return mean + log_var * eps


@sheet.mistake(
    zh="这里对对数开了方，负的对数方差会得到 `nan`。先用 `exp` 得到方差，再开方。",
    en="This is the root of the logarithm, `nan` wherever the log-variance is negative. Get the variance by `exp` "
       "first, then take its root.")
def root_of_the_logarithm(mean, log_var, eps):
    return mean + log_var.sqrt() * eps


@sheet.mistake(
    zh="均值也被乘上了标准差：括号的位置不对，只有噪声需要放缩。",
    en="The mean is multiplied by the standard deviation too: the brackets are misplaced; only the noise is scaled.")
def mean_scaled_too(mean, log_var, eps):
    return (mean + eps) * (log_var / 2).exp()


@sheet.mistake(
    zh="漏了均值：这样的 z 永远以 0 为中心，编码器无法把不同的图像放到不同的地方。",
    en="The mean is missing: such a z is centred on 0 for ever, and the encoder cannot put different images in "
       "different places.")
def mean_left_out(mean, log_var, eps):
    return (log_var / 2).exp() * eps


@sheet.mistake(
    zh="噪声没有用上：z 成了一个确定的点（均值加标准差），而不是样本。",
    en="The noise is not used: z is a fixed point, mean plus standard deviation, and no sample.")
def noise_left_out(mean, log_var, eps):
    return mean + (log_var / 2).exp()


@sheet.mistake(
    zh="分布是对的，但这里又抽了一次噪声。请使用给定的 `eps`：随机性从外面来，函数本身才是确定、可检验的。",
    en="The distribution is right, but fresh noise was drawn. Use the `eps` that is given: with randomness coming "
       "from outside, the function itself is deterministic and can be tested.")
def own_noise(mean, log_var, eps):
    return mean + (log_var / 2).exp() * torch.randn_like(mean)


@sheet.mistake(
    zh="直接从正态分布抽样，梯度在抽样处断开，编码器学不到任何东西。把样本写成 `mean`、`log_var` 和给定噪声 `eps` "
       "的函数。",
    en="Drawn straight from the normal distribution, the sample lets no gradient through, and the encoder learns "
       "nothing. Write it as a function of `mean`, `log_var` and the noise `eps` that is given.")
def drawn_directly(mean, log_var, eps):
    return torch.normal(mean, (log_var / 2).exp())


@sheet.mistake(
    zh="z 的值和对 `mean` 的梯度是对的，但 `log_var` 得不到梯度：编码器学不会该有多大的把握。",
    en="The value of z and the gradient to `mean` are right, but `log_var` gets none: the encoder cannot learn how "
       "sure to be.")
def spread_cut_off(mean, log_var, eps):
    with torch.no_grad():
        std = (log_var / 2).exp()
    return mean + std * eps


@sheet.mistake(
    zh="值是对的，但梯度断了：不要使用 `detach` 或 `no_grad`。",
    en="The values are right but the gradient is cut: no `detach` or `no_grad` here.")
def cut_off(mean, log_var, eps):
    return (mean + (log_var / 2).exp() * eps).detach()


@sheet.probe
def probe(answer):
    torch.manual_seed(0)
    for spread in ([0.5, 1.0, 2.0], [-3.0, 0.0, 1.5]):
        mean = torch.tensor([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], requires_grad=True)
        log_var = torch.tensor([spread, spread[::-1]], requires_grad=True)
        eps = torch.tensor([[0.3, -1.2, 2.0], [-0.7, 0.4, 1.1]])
        z = answer(mean, log_var, eps)
        yield Text("z 的值", "the value of z"), z
        (through(z) * torch.arange(1.0, 7.0).view(2, 3)).sum().backward()
        for name, leaf in (("mean", mean), ("log_var", log_var)):
            yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("标准正态的噪声乘上 σ，再加上 μ，就服从 N(μ, σ²)。",
         "Standard normal noise, multiplied by σ and moved by μ, is distributed as N(μ, σ²)."),
    Text("log σ² = 2 log σ，所以 σ = exp(log σ² / 2)。", "log σ² = 2 log σ, hence σ = exp(log σ² / 2)."),
    Text("先算 `std = (log_var / 2).exp()`，再逐个元素地组合 `mean`、`std` 与 `eps`。",
         "Compute `std = (log_var / 2).exp()`, then combine `mean`, `std` and `eps` element by element."),
)
