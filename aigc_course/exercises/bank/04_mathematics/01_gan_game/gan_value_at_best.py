"""Fill-in: the value of the game at the optimal discriminator."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `value_at_best(p, q)`：两个离散分布的最优判别器 D* 所得到的价值 V(D*, G)，以 nat 为单位。`p` 是真实的"
       "概率，`q` 是生成的概率，形状都是 `(K,)`，各自的和为 1；有的概率可以是 0（0 · log 0 算作 0），但同一种样本不"
       "会两边都是 0。",
    en="Complete `value_at_best(p, q)`: the value V(D*, G) that the optimal discriminator D* of two discrete "
       "distributions attains, in nats. `p` are the real probabilities, `q` the generated ones, each of shape "
       "`(K,)` with sum 1. Some may be 0 (0 · log 0 counts as 0), but never both for the same kind of sample.",
)


@sheet.blank
def blank(p, q):
    return ...


@sheet.reference
def value_at_best(p, q):
    d = p / (p + q)
    return torch.special.xlogy(p, d).sum() + torch.special.xlogy(q, 1 - d).sum()   # xlogy: 0 · log 0 is 0


@sheet.also
def by_divergence(p, q):
    m = (p + q) / 2
    twice = torch.special.xlogy(p, p / m).sum() + torch.special.xlogy(q, q / m).sum()
    return twice - torch.log(torch.tensor(4.0))


@sheet.also
def by_choosing(p, q):
    both = p + q
    return (p[p > 0] * torch.log(p[p > 0] / both[p > 0])).sum() + (q[q > 0] * torch.log(q[q > 0] / both[q > 0])).sum()


@sheet.mistake(
    zh="概率为 0 时得到 NaN：0 乘以 −∞ 没有定义。`torch.special.xlogy` 按约定给出 0。",
    en="Where a probability is 0 this is NaN: 0 times −∞ is undefined. `torch.special.xlogy` gives 0.")
def undefined_at_zero(p, q):
    d = p / (p + q)
    return (p * d.log()).sum() + (q * (1 - d).log()).sum()


@sheet.mistake(
    zh="这里是 JSD − log 4，JSD 前面少了系数 2：JSD 是两个 KL 的平均，V 里是它们的和。",
    en="This is JSD − log 4, without the factor 2: the JSD is the mean of two KLs, V holds their sum.")
def one_divergence(p, q):
    return (by_divergence(p, q) + torch.log(torch.tensor(4.0))) / 2 - torch.log(torch.tensor(4.0))


@sheet.mistake(
    zh="这是 2·JSD，少了 − log 4：两个分布相同时应当得到 −log 4，而不是 0。",
    en="This is 2·JSD without − log 4: for equal distributions the value is −log 4, not 0.")
def constant_forgotten(p, q):
    return by_divergence(p, q) + torch.log(torch.tensor(4.0))


@sheet.mistake(
    zh="符号反了：这是判别器的损失 −V。V 是两个对数的期望之和，总是负的。",
    en="The sign is reversed: this is the discriminator's loss, −V. V adds expectations of logarithms of "
       "probabilities and is always negative.")
def sign_reversed(p, q):
    return -value_at_best(p, q)


@sheet.mistake(
    zh="对数以 2 为底，单位成了比特；题目要的是 nat，即自然对数。",
    en="The logarithm has base 2, so this is in bits; nats are asked for, the natural logarithm.")
def in_bits(p, q):
    return value_at_best(p, q) / torch.log(torch.tensor(2.0))


@sheet.mistake(
    zh="只有真实样本的那一半；假样本的 log(1 − D*) 也要对 q 取期望。",
    en="This is the half of the real samples; the fakes' log(1 − D*), under q, belongs to it too.")
def real_half_only(p, q):
    return torch.special.xlogy(p, p / (p + q)).sum()


@sheet.mistake(
    zh="D* 的分子写成了 q：这样的判别器把真的判为假。",
    en="The numerator of D* is q here: such a discriminator calls real samples fake.")
def players_exchanged(p, q):
    d = q / (p + q)
    return torch.special.xlogy(p, d + 1e-30).sum() + torch.special.xlogy(q, 1 - d + 1e-30).sum()


@sheet.mistake(
    zh="这是 D = 1/2 的价值，恒等于 −log 4。最优的判别器随 p 与 q 而变：p / (p + q)。",
    en="This is the value at D = 1/2, always −log 4. The optimal discriminator depends on p and q: p / (p + q).")
def undecided(p, q):
    return (p * torch.log(torch.tensor(0.5))).sum() + (q * torch.log(torch.tensor(0.5))).sum()


@sheet.probe
def probe(answer):
    for p, q in (([0.5, 0.3, 0.2], [0.2, 0.3, 0.5]), ([0.7, 0.3], [0.1, 0.9]), ([0.5, 0.5, 0.0], [0.0, 0.25, 0.75])):
        yield Text("V(D*, G) 的值", "V(D*, G)"), answer(torch.tensor(p), torch.tensor(q))


EXERCISE = sheet.with_hints(
    Text("先写出 D* = p / (p + q)，再代入 V = Σ p log D* + Σ q log(1 − D*)。",
         "Write down D* = p / (p + q), then put it into V = Σ p log D* + Σ q log(1 − D*)."),
    Text("用 p = q 检验：应当得到 −log 4 ≈ −1.386。完全不重叠时应当得到 0。",
         "Check it at p = q: −log 4 ≈ −1.386. Without any overlap it must be 0."),
    Text("`torch.special.xlogy(p, d)` 就是 p · log d，而且 p = 0 时给出 0。",
         "`torch.special.xlogy(p, d)` is p · log d, and 0 where p = 0."),
)
