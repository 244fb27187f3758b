"""Fill-in: the importance-weighted bound, from logarithms of weights."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `iwae_bound(log_weights)`：重要性加权下界。`log_weights` 的形状是 `(K, B)`，其中 log w = log p(x, z) − "
       "log q(z|x)，每幅图像有 K 个从 q 抽取的 z。每幅图像的下界是 log((1/K) Σ w)；对 B 幅图像取平均，得到一个数。"
       "对数权重约为 −500 时也应得到有限的数。",
    en="Complete `iwae_bound(log_weights)`: the importance-weighted bound. `log_weights` has shape `(K, B)` and "
       "holds log w = log p(x, z) − log q(z|x) for K samples z of q per image. The bound of one image is log((1/K) "
       "Σ w); average it over the B images, to one number. Logarithms near −500 must give finite numbers too.",
)


@sheet.blank
def blank(log_weights):
    return ...


@sheet.reference
def iwae_bound(log_weights):
    import math
    bounds = torch.logsumexp(log_weights, dim=0) - math.log(len(log_weights))   # (B,): the log of a mean
    return bounds.mean()


@sheet.also
def by_the_largest(log_weights):
    top = log_weights.max(dim=0).values.detach()   # one per image: the same number leaves and returns
    return (top + (log_weights - top).exp().mean(dim=0).log()).mean()


@sheet.also
def by_softmax(log_weights):
    return (log_weights - log_weights.log_softmax(dim=0)).mean() - torch.ones(len(log_weights)).sum().log()


@sheet.also
def one_after_another(log_weights):
    total = log_weights[0]
    for row in log_weights[1:]:
        total = torch.logaddexp(total, row)
    return (total - torch.tensor(float(len(log_weights))).log()).mean()


@sheet.mistake(
    zh="这是对数的平均值，也就是变分下界的估计：样本再多也不会变紧。重要性加权下界是平均值的对数。",
    en="This is the mean of the logs, an estimate of the ELBO, which more samples do not tighten. The "
       "importance-weighted bound is the log of the mean.")
def mean_of_logs(log_weights):
    return log_weights.mean()


@sheet.mistake(
    zh="漏减了 log K：这是和的对数，K 越大它就越大，会超过 log p(x)，不再是下界。",
    en="log K is not subtracted: this is the log of a sum, which grows with K beyond log p(x) and bounds nothing.")
def not_divided(log_weights):
    return torch.logsumexp(log_weights, dim=0).mean()


@sheet.mistake(
    zh="log K 的符号反了：对数里的除以 K，到了外面是减去 log K。",
    en="The sign of log K is wrong: a division by K inside the log is log K subtracted outside.")
def added(log_weights):
    return torch.logsumexp(log_weights, dim=0).mean() + torch.tensor(float(len(log_weights))).log()


@sheet.mistake(
    zh="除以 K 要在取对数之前；到了对数之外，就是减去 log K，而不是除以 K。",
    en="The division by K belongs inside the log; outside, it is log K subtracted, not a division.")
def divided_outside(log_weights):
    return torch.logsumexp(log_weights, dim=0).mean() / len(log_weights)


@sheet.mistake(
    zh="减去的应当是样本数的对数 log K，这里减的是 log B。`log_weights` 的第 0 轴才是 K。",
    en="Subtract the log of the number of samples, log K; this is log B. It is axis 0 of `log_weights` that has K "
       "entries.")
def divided_by_the_batch(log_weights):
    return torch.logsumexp(log_weights, dim=0).mean() - torch.tensor(float(log_weights.shape[1])).log()


@sheet.mistake(
    zh="轴反了：`logsumexp` 要沿样本（轴 0）计算，这里却把不同图像的权重加在了一起。",
    en="The wrong axis: `logsumexp` runs over the samples (axis 0), but this adds weights of different images.")
def wrong_axis(log_weights):
    return (torch.logsumexp(log_weights, dim=1) - torch.tensor(float(log_weights.shape[1])).log()).mean()


@sheet.mistake(
    zh="对图像的平均也放进了对数里：结果几乎只由概率最大的那幅图像决定。先求每幅图像的下界，再取平均。",
    en="The average over images went into the log as well, where the most probable image decides almost alone. Find "
       "the bound of each image first, then average.")
def whole_batch_in_one(log_weights):
    return torch.logsumexp(log_weights.flatten(), dim=0) - torch.tensor(float(log_weights.numel())).log()


@sheet.mistake(
    zh="直接取 `exp` 会下溢：exp(−540) 在 float32 中等于 0，它的对数是 −∞。使用 `logsumexp`。",
    en="A plain `exp` underflows: exp(−540) is 0 in float32 and its log −∞. Use `logsumexp`.")
def underflowing(log_weights):
    return log_weights.exp().mean(dim=0).log().mean()


@sheet.mistake(
    zh="减去最大值是对的，但每幅图像要减自己的最大值：两幅图像可以相差几百 nat，共用一个最大值仍会下溢。",
    en="Subtracting the maximum is right, but each image needs its own: images differ by hundreds of nats, and with "
       "one maximum for all of them `exp` still underflows.")
def one_maximum_for_all(log_weights):
    top = log_weights.max()
    return (top + (log_weights - top).exp().mean(dim=0).log()).mean()


@sheet.mistake(
    zh="这是用归一化的权重对 log w 做加权平均。权重已经在 log w 里，只需对 w 本身取平均，再取对数。",
    en="This averages log w with normalised weights. The weights are in log w already: average w itself, then take "
       "the log.")
def weighted_mean_of_logs(log_weights):
    return (log_weights.softmax(dim=0) * log_weights).sum(dim=0).mean()


@sheet.mistake(
    zh="只取了最好的一个样本：其余的权重和除数 K 都丢了，得到的不是下界。",
    en="Only the best sample is kept: the other weights and the division by K are lost, and what remains is no "
       "lower bound.")
def only_the_best(log_weights):
    return log_weights.max(dim=0).values.mean()


@sheet.mistake(
    zh="这里对图像求了和：结果会随批量大小成倍变化。题目要的是平均值。",
    en="This sums over the images and grows with the batch size. The mean is asked for.")
def summed(log_weights):
    return iwae_bound(log_weights) * log_weights.shape[1]


@sheet.mistake(
    zh="每幅图像各有一个下界；还要对图像取平均，得到一个数。",
    en="There is one bound per image; average them into one number.")
def not_averaged(log_weights):
    return torch.logsumexp(log_weights, dim=0) - torch.tensor(float(len(log_weights))).log()


@sheet.mistake(
    zh="值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让这个下界不能用来训练。",
    en="The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` nothing can be trained "
       "with this bound.")
def cut_off(log_weights):
    return iwae_bound(log_weights).detach()


@sheet.probe
def probe(answer):
    for where, weights in (
            (Text("三个权重、两幅图像时", "for three weights and two images"),
             [[-1.0, 0.5], [-2.0, 1.5], [0.3, -0.7]]),
            (Text("对数权重约为 −500 时", "with logarithms near −500"),
             [[-540.0, -91.0, -300.0, -2.0], [-538.5, -90.0, -310.0, -2.5]]),
            (Text("K = 1 时", "at K = 1"), [[-3.0, -5.0, -1.0]])):
        leaf = torch.tensor(weights, requires_grad=True)
        bound = answer(leaf)
        yield Text(f"{where.zh}的下界", f"the bound {where.en}"), bound
        through(bound).sum().backward()
        yield Text(f"{where.zh}对 log_weights 的梯度", f"the gradient to log_weights {where.en}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("K 个权重的平均值是 p(x) 的无偏估计；它的对数在期望上不超过 log p(x)。先平均，再取对数。",
         "The mean of K weights is an unbiased estimate of p(x), and its log is in expectation at most log p(x). "
         "The mean comes first, the log second."),
    Text("log((1/K) Σ w) = log Σ exp(log w) − log K。", "log((1/K) Σ w) = log Σ exp(log w) − log K."),
    Text("`torch.logsumexp(log_weights, dim=0)` 稳定地算出第一项，形状是 `(B,)`；K 是 `len(log_weights)`。",
         "`torch.logsumexp(log_weights, dim=0)` gives the first term without underflow, in shape `(B,)`; K is "
         "`len(log_weights)`."),
)
