"""Fill-in: the log-density of a mixture, far from all its components too."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `mixture_log_density(x, weights, means, stds)`：一维高斯混合的对数密度。`x` 的形状是 `(N,)`，三个参数"
       "都是 `(C,)`，`weights` 的和为 1，`stds` 是标准差；返回 `(N,)`。在离所有分量都很远的地方也要算对。",
    en="Complete `mixture_log_density(x, weights, means, stds)`: the log-density of a one-dimensional mixture of "
       "Gaussians. `x` has shape `(N,)`, the three parameters `(C,)`; `weights` sum to 1, `stds` are standard "
       "deviations; return `(N,)`. It must be right far from all components, too.",
)


@sheet.blank
def blank(x, weights, means, stds):
    return ...


@sheet.reference
def mixture_log_density(x, weights, means, stds):
    normaliser = stds.log() + torch.log(torch.tensor(2 * torch.pi)) / 2
    each = -((x[:, None] - means) / stds).square() / 2 - normaliser          # (N, C)
    return (weights.log() + each).logsumexp(dim=1)


@sheet.also
def by_distributions(x, weights, means, stds):
    from torch.distributions import Categorical, MixtureSameFamily, Normal
    return MixtureSameFamily(Categorical(probs=weights), Normal(means, stds)).log_prob(x)


@sheet.also
def largest_taken_out(x, weights, means, stds):
    from torch.distributions import Normal
    joint = Normal(means, stds).log_prob(x.unsqueeze(1)) + torch.log(weights)
    top = joint.max(dim=1, keepdim=True).values
    return top.squeeze(1) + (joint - top).exp().sum(dim=1).log()


def _joint(x, weights, means, stds):
    from torch.distributions import Normal
    return weights.log() + Normal(means, stds).log_prob(x[:, None])


@sheet.mistake(
    zh="公式是对的，但离得远的点密度在浮点数里是 0，对数成了负无穷。留在对数里，用 `logsumexp`。",
    en="The formula is right, but far away the densities are 0 in floating point and the log is minus infinity. "
       "Stay in logarithms and use `logsumexp`.")
def summed_before_the_log(x, weights, means, stds):
    return _joint(x, weights, means, stds).exp().sum(dim=1).log()


@sheet.mistake(
    zh="这是对数密度的加权平均；混合是密度相加，对数在求和之外。",
    en="This is the weighted mean of log-densities; a mixture adds densities, and the log is outside the sum.")
def weighted_logs(x, weights, means, stds):
    return (weights * (_joint(x, weights, means, stds) - weights.log())).sum(dim=1)


@sheet.mistake(
    zh="权重不见了：每个分量要加上 `weights.log()`。",
    en="The weights are missing: add `weights.log()` to each component.")
def no_weights(x, weights, means, stds):
    return (_joint(x, weights, means, stds) - weights.log()).logsumexp(dim=1)


@sheet.mistake(
    zh="在对数里相乘变成相加：加的是 `weights.log()`，不是 `weights`。",
    en="In logarithms a product becomes a sum: add `weights.log()`, not `weights`.")
def weights_not_logged(x, weights, means, stds):
    return (_joint(x, weights, means, stds) - weights.log() + weights).logsumexp(dim=1)


@sheet.mistake(
    zh="高斯的归一化常数不见了：还要减去 log σ 与 ½ log 2π。窄的分量因此显得太低。",
    en="The Gaussian's normaliser is missing: subtract log σ and ½ log 2π as well; without it narrow components "
       "come out too low.")
def no_normaliser(x, weights, means, stds):
    return (weights.log() - ((x[:, None] - means) / stds).square() / 2).logsumexp(dim=1)


@sheet.mistake(
    zh="沿着样本求了和：要在分量上求和，`dim=1`，每个样本一个数。",
    en="The sum runs over the examples: sum over the components, `dim=1`, one number for each example.")
def over_the_examples(x, weights, means, stds):
    return _joint(x, weights, means, stds).logsumexp(dim=0)


@sheet.mistake(
    zh="只取了最大的分量；分量之间的地方，几个分量都有份。",
    en="Only the largest component is taken; between components several contribute.")
def likeliest_only(x, weights, means, stds):
    return _joint(x, weights, means, stds).amax(dim=1)


@sheet.mistake(
    zh="对样本取了平均：返回每个样本的对数密度，形状 `(N,)`。",
    en="The examples are averaged: return each one's log-density, shape `(N,)`.")
def averaged(x, weights, means, stds):
    return _joint(x, weights, means, stds).logsumexp(dim=1).mean()


@sheet.mistake(
    zh="`stds` 已经是标准差，不要再开方。",
    en="`stds` are standard deviations already; take no root.")
def variances_for_stds(x, weights, means, stds):
    return _joint(x, weights, means, stds.sqrt()).logsumexp(dim=1)


@sheet.probe
def probe(answer):
    weights = torch.tensor([0.2, 0.5, 0.3])
    means = torch.tensor([-2.0, 0.5, 3.0])
    stds = torch.tensor([0.5, 1.5, 0.8])
    near = torch.tensor([-2.1, 0.0, 1.7, 3.0, 0.4])
    for zh, en, x in (("分量附近", "near the components", near),
                      ("离所有分量都很远的地方", "far from all components", torch.tensor([-60.0, 80.0]))):
        value = answer(x.clone(), weights.clone(), means.clone(), stds.clone())
        yield Text(f"{zh}的对数密度", f"the log-density {en}"), value


EXERCISE = sheet.with_hints(
    Text("先写出每个样本、每个分量的 log N(x; μ, σ²)，形状 `(N, C)`：用 `x[:, None]`。",
         "First write log N(x; μ, σ²) of each example and component, shape `(N, C)`: use `x[:, None]`."),
    Text("log N = −(x−μ)²/(2σ²) − log σ − ½ log 2π；再加上 `weights.log()`。",
         "log N = −(x−μ)²/(2σ²) − log σ − ½ log 2π; then add `weights.log()`."),
    Text("最后在分量上 `.logsumexp(dim=1)`。", "End with `.logsumexp(dim=1)` over the components."),
)
