"""Debug: a reconstruction loss averaged over pixels, beside which the KL weighs far too much."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`negative_elbo(logits, images, mean, log_var)` 用来训练解码器为伯努利分布的变分自编码器，但 KL 很快降到 0，"
       "所有重建都变成同一幅模糊的平均图像。修复它：返回 −ELBO，以每幅图像的 nat 数为单位，即重建项与 KL 项都属于整"
       "幅图像，只对批次取平均。`logits` 与 `images` 的形状是 `(B, 1, H, W)`，`mean` 与 `log_var` 是 `(B, Z)`。",
    en="`negative_elbo(logits, images, mean, log_var)` trains a VAE with Bernoulli pixels, but the KL soon falls to "
       "0 and every reconstruction is the same blurred average. Repair it: return −ELBO in nats per image, with "
       "both the reconstruction and the KL those of a whole image, averaged over the batch alone. `logits` and "
       "`images` have shape `(B, 1, H, W)`, `mean` and `log_var` `(B, Z)`.",
)


@sheet.blank
def blank(logits, images, mean, log_var):
    reconstruction = F.binary_cross_entropy_with_logits(logits, images)
    kl = (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1) / 2
    return reconstruction + kl.mean()


@sheet.reference
def negative_elbo(logits, images, mean, log_var):
    pixels = F.binary_cross_entropy_with_logits(logits, images, reduction="none")
    reconstruction = pixels.flatten(1).sum(dim=1)   # −log p(x|z) of each image: its pixels' terms add up
    kl = (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1) / 2
    return (reconstruction + kl).mean()


@sheet.also
def summed_then_divided(logits, images, mean, log_var):
    reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum") / len(images)
    return reconstruction + 0.5 * (mean ** 2 + torch.expm1(log_var) - log_var).sum() / len(images)


@sheet.also
def mean_scaled_up(logits, images, mean, log_var):
    kl = (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1) / 2
    return images[0].numel() * F.binary_cross_entropy_with_logits(logits, images) + kl.mean()


@sheet.also
def by_softplus(logits, images, mean, log_var):
    log_p = (images * logits - F.softplus(logits)).sum(dim=(1, 2, 3))
    kl = -0.5 * (1 + log_var - mean.pow(2) - log_var.exp()).sum(dim=1)
    return torch.mean(kl - log_p)


@sheet.mistake(
    zh="重建项现在对批次也求了和，而 KL 是批次的平均：批量越大，KL 越不起作用。重建项也要对批次取平均。",
    en="The reconstruction is now summed over the batch as well, while the KL is averaged: the larger the batch, "
       "the less the KL counts. Average the reconstruction over the batch too.")
def batch_summed_too(logits, images, mean, log_var):
    reconstruction = F.binary_cross_entropy_with_logits(logits, images, reduction="sum")
    return reconstruction + _kl(mean, log_var)


@sheet.mistake(
    zh="两项的比例对了，但都对批次求了和：损失会随批量大小成倍变化，不再是每幅图像的 nat 数。",
    en="The two terms are in proportion, but both are summed over the batch: the loss grows with the batch size and "
       "is no longer in nats per image.")
def everything_summed(logits, images, mean, log_var):
    return len(images) * negative_elbo(logits, images, mean, log_var)


@sheet.mistake(
    zh="让 KL 也取平均并不能恢复比例：重建项缩小到像素数分之一，KL 缩小到维数分之一，这等于令 β = 像素数 / Z。两项"
       "都应当求和。",
    en="Averaging the KL as well does not restore the proportion: one term shrinks by the number of pixels, the "
       "other by Z, so that in effect β = pixels / Z. Sum both.")
def everything_averaged(logits, images, mean, log_var):
    kl = (mean.square() + log_var.exp() - 1 - log_var) / 2
    return F.binary_cross_entropy_with_logits(logits, images) + kl.mean()


@sheet.mistake(
    zh="乘以 784 只对 28×28 的图像成立。让代码从图像的形状得到像素数，或者直接求和。",
    en="A factor of 784 holds for images of 28×28 alone. Take the number of pixels from the shape of the images, or "
       "simply sum.")
def size_written_in(logits, images, mean, log_var):
    return 28 * 28 * F.binary_cross_entropy_with_logits(logits, images) + _kl(mean, log_var)


@sheet.mistake(
    zh="两项的比例对了，最小值也在同一处，但单位成了每个像素的 nat 数。题目要的是每幅图像的 nat 数。",
    en="The proportion is right, and so is the minimum, but the unit is nats per pixel. Nats per image are asked "
       "for.")
def per_pixel_bound(logits, images, mean, log_var):
    return negative_elbo(logits, images, mean, log_var) / images[0].numel()


@sheet.mistake(
    zh="求和与平均的轴互换了：应当对像素求和，对图像（轴 0）取平均。",
    en="Sum and mean are on the wrong axes: sum over pixels, average over images (axis 0).")
def axes_exchanged(logits, images, mean, log_var):
    pixels = F.binary_cross_entropy_with_logits(logits, images, reduction="none")
    return pixels.flatten(1).sum(dim=0).mean() + _kl(mean, log_var)


@sheet.mistake(
    zh="只对一行像素求了和，其余的轴还是平均：用 `flatten(1)` 把每幅图像摊平，再对全部像素求和。",
    en="Only the pixels of one row are summed, the other axes are still averaged: flatten every image with "
       "`flatten(1)`, then sum all its pixels.")
def one_axis_only(logits, images, mean, log_var):
    pixels = F.binary_cross_entropy_with_logits(logits, images, reduction="none")
    return pixels.sum(dim=-1).mean() + _kl(mean, log_var)


@sheet.mistake(
    zh="KL 不见了：这是普通自编码器的损失，从先验分布抽样就不再有意义。要改的是重建项，不是 KL。",
    en="The KL is gone: this is the loss of a plain autoencoder, and samples of the prior mean nothing any more. It "
       "is the reconstruction that needs repair.")
def kl_dropped(logits, images, mean, log_var):
    return negative_elbo(logits, images, torch.zeros_like(mean), torch.zeros_like(log_var))


@sheet.mistake(
    zh="换成平方误差就换了似然：解码器是伯努利分布，−log p(x|z) 是交叉熵。需要改的只是求和还是平均。",
    en="A squared error is another likelihood: with Bernoulli pixels −log p(x|z) is the cross-entropy. Only sum "
       "against mean is at fault.")
def squared_error(logits, images, mean, log_var):
    return (logits.sigmoid() - images).square().flatten(1).sum(dim=1).mean() + _kl(mean, log_var)


@sheet.mistake(
    zh="sigmoid 用了两次：`binary_cross_entropy_with_logits` 自己会做 sigmoid。",
    en="The sigmoid is taken twice: `binary_cross_entropy_with_logits` does it itself.")
def squashed_twice(logits, images, mean, log_var):
    return negative_elbo(logits.sigmoid(), images, mean, log_var)


@sheet.mistake(
    zh="值是对的，但梯度断了：`detach`、`no_grad` 或 `.item()` 让编码器和解码器都学不到东西。",
    en="The value is right but the gradient is cut: with `detach`, `no_grad` or `.item()` neither encoder nor "
       "decoder learns.")
def cut_off(logits, images, mean, log_var):
    return negative_elbo(logits, images, mean, log_var).detach()


def _kl(mean, log_var):
    return (mean.square() + log_var.exp() - 1 - log_var).sum(dim=1).mean() / 2


@sheet.probe
def probe(answer):
    torch.manual_seed(0)
    for batch in (3, 5):
        leaves = [torch.randn(shape).requires_grad_() for shape in ((batch, 1, 4, 6), (batch, 2), (batch, 2))]
        loss = answer(leaves[0], torch.rand(batch, 1, 4, 6), *leaves[1:])
        yield Text(f"批量大小为 {batch} 时的损失", f"the loss of a batch of {batch}"), loss
        through(loss).sum().backward()
        for name, leaf in zip(("logits", "mean", "log_var"), leaves, strict=True):
            yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("先看单位：log p(x|z) 属于整幅图像。各像素在给定 z 时独立，整幅图像的对数概率与每个像素的对数概率是什么关"
         "系？",
         "Look at the units: log p(x|z) belongs to a whole image. Given z the pixels are independent; how does the "
         "image's log-probability follow from those of its pixels?"),
    Text("`binary_cross_entropy_with_logits` 默认对批次和像素一起取平均，对 28×28 的图像来说小了 784 倍，这和把 β "
         "设成 784 一样。",
         "By default `binary_cross_entropy_with_logits` averages over batch and pixels alike: for 28×28 images it "
         "is 784 times too small, as if β were 784."),
    Text('用 `reduction="none"`，然后 `.flatten(1).sum(dim=1)`，最后对批次取平均。KL 那一行是对的。',
         'Use `reduction="none"`, then `.flatten(1).sum(dim=1)`, and average over the batch last. The line of the '
         "KL is right."),
)
