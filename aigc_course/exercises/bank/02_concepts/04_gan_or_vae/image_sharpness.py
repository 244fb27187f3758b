"""Fill-in: the variance of the Laplacian of each image."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `sharpness(images)`：每张图像的离散拉普拉斯算子的方差。`images` 的形状是 `(N, 1, H, W)`，返回 `(N,)`。"
       "一个像素的拉普拉斯是上下左右四个相邻像素之和减去它自己的 4 倍，图像之外当作 0；方差对图像的全部 H·W 个像素"
       "取，除以 H·W。",
    en="Complete `sharpness(images)`: the variance of each image's discrete Laplacian. `images` has shape `(N, 1, "
       "H, W)`; return `(N,)`. The Laplacian at a pixel is the sum of its four neighbours minus four times the "
       "pixel, with 0 outside the image; the variance is over all H·W pixels of the image, divided by H·W.",
)


@sheet.blank
def blank(images):
    return ...


@sheet.reference
def sharpness(images):
    x = F.pad(images[:, 0], (1, 1, 1, 1))
    centre = x[:, 1:-1, 1:-1]
    around = x[:, :-2, 1:-1] + x[:, 2:, 1:-1] + x[:, 1:-1, :-2] + x[:, 1:-1, 2:]
    return (around - 4 * centre).flatten(1).var(dim=1, unbiased=False)


@sheet.also
def by_convolution(images):
    kernel = torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]).to(images)
    found = F.conv2d(images, kernel[None, None], padding=1)
    return found.square().mean((1, 2, 3)) - found.mean((1, 2, 3)).square()


@sheet.also
def sign_turned(images):
    kernel = -torch.tensor([[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]).to(images)
    return F.conv2d(images, kernel[None, None], padding=1).flatten(1).var(1, correction=0)


def _laplacian(images, kernel=((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0)), padding=1):
    return F.conv2d(images, torch.tensor(kernel).to(images)[None, None], padding=padding)


@sheet.mistake(
    zh="这是像素本身的方差，也就是对比度：模糊的图像也可以很大。先求拉普拉斯，再取方差。",
    en="This is the variance of the pixels themselves, their contrast, and can be large for a blurred image. Take "
       "the Laplacian first.")
def of_the_image(images):
    return images.flatten(1).var(dim=1, unbiased=False)


@sheet.mistake(
    zh="这是标准差；题目要的是方差，不开方。",
    en="This is the standard deviation; the variance is asked for, without the root.")
def deviation(images):
    return sharpness(images).sqrt()


@sheet.mistake(
    zh="拉普拉斯有正有负，平均起来几乎抵消。要的是方差。",
    en="The Laplacian is positive here and negative there, and its mean nearly cancels. Take the variance.")
def mean_instead(images):
    return _laplacian(images).flatten(1).mean(dim=1)


@sheet.mistake(
    zh="这是平方的平均，没有减去均值的平方。边缘处补 0 使均值不为 0，两者于是不同。",
    en="This is the mean square; the square of the mean is still to be subtracted. With zeros around the image the "
       "mean is not 0, so the two differ.")
def not_centred(images):
    return _laplacian(images).square().mean((1, 2, 3))


@sheet.mistake(
    zh="中心的系数应当是 −4：四个邻居各减去一次中心。处处一样灰的地方，拉普拉斯应当是 0。",
    en="The centre's coefficient is −4: each of the four neighbours minus the centre. Where all is equally grey, "
       "the Laplacian must be 0.")
def centre_once(images):
    return _laplacian(images, ((0.0, 1.0, 0.0), (1.0, -1.0, 1.0), (0.0, 1.0, 0.0))).flatten(1).var(1, unbiased=False)


@sheet.mistake(
    zh="边缘的像素被丢掉了：卷积要 `padding=1`，图像之外当作 0。",
    en="The pixels at the border are dropped: pad the convolution by 1, with 0 outside the image.")
def without_border(images):
    return _laplacian(images, padding=0).flatten(1).var(dim=1, unbiased=False)


@sheet.mistake(
    zh="整个批次混在一起取了方差：每张图像各要一个数，先 `flatten(1)`，再沿轴 1 取方差。",
    en="The variance is over the whole batch: one number per image is asked for; `flatten(1)`, then the variance "
       "along axis 1.")
def one_number(images):
    return _laplacian(images).var(unbiased=False)


@sheet.mistake(
    zh="对批次取了平均：返回每张图像的数，形状 `(N,)`。",
    en="The batch was averaged: return one number per image, shape `(N,)`.")
def averaged(images):
    return sharpness(images).mean()


@sheet.mistake(
    zh="`var` 默认除以 H·W − 1；题目要求除以 H·W，即 `unbiased=False`。",
    en="`var` divides by H·W − 1 by default; divide by H·W, with `unbiased=False`.")
def unbiased_variance(images):
    return _laplacian(images).flatten(1).var(dim=1)


@sheet.probe
def probe(answer):
    images = torch.rand(4, 1, 6, 5, generator=torch.Generator().manual_seed(0))
    images[1] = images[1] / 4                                                     # less contrast
    dot = torch.zeros(2, 1, 5, 5)
    dot[0, 0, 2, 2], dot[1, 0, 0, 4] = 1.0, 1.0                                   # in the middle, in a corner
    flat = torch.full((1, 1, 4, 4), 0.5)
    for zh, en, given in (("随机的图像", "random images", images), ("只有一个亮点的图像", "a single bright pixel", dot),
                          ("处处一样灰的图像", "an image of one grey", flat)):
        yield Text(f"{zh}的结果", f"the result for {en}"), answer(given.clone())


EXERCISE = sheet.with_hints(
    Text("拉普拉斯可以写成一次 3×3 的卷积。九个系数各是多少？",
         "The Laplacian is a 3×3 convolution. What are its nine coefficients?"),
    Text("系数是 0 1 0 / 1 −4 1 / 0 1 0；`F.conv2d(images, kernel, padding=1)` 的输出与图像一样大。",
         "They are 0 1 0 / 1 −4 1 / 0 1 0; `F.conv2d(images, kernel, padding=1)` is as large as the image."),
    Text("最后是 `.flatten(1).var(dim=1, unbiased=False)`。", "End with `.flatten(1).var(dim=1, unbiased=False)`."),
)
