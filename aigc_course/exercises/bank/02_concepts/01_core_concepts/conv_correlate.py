"""Fill in: the two-dimensional convolution of deep learning, which is a cross-correlation."""

import torch
from torch.nn import functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `correlate(image, kernel)`，不用 `F.conv2d`：`image` 形状 `(H, W)`，`kernel` 形状 `(k, k)`，不补零，步"
       "幅 1。返回 `(H-k+1, W-k+1)` 的张量，第 `(i, j)` 个数是以 `(i, j)` 为左上角的窗口与核逐个相乘之和。梯度要能"
       "传回去。",
    en="Complete `correlate(image, kernel)` without `F.conv2d`: `image` has shape `(H, W)`, `kernel` `(k, k)`; no "
       "padding, stride 1. Return a tensor `(H-k+1, W-k+1)` whose entry `(i, j)` is the sum of the products of the "
       "kernel and the window whose upper left corner is `(i, j)`. Gradients must come back through it.",
)


@sheet.blank
def blank(image, kernel):
    return ...


@sheet.reference
def correlate(image, kernel):
    k = kernel.shape[0]
    height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
    rows = [[(image[i:i + k, j:j + k] * kernel).sum() for j in range(width)] for i in range(height)]
    return torch.stack([torch.stack(row) for row in rows])


@sheet.also
def by_library(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


@sheet.also
def by_shifting(image, kernel):
    k = kernel.shape[0]
    height, width = image.shape[0] - k + 1, image.shape[1] - k + 1
    return sum(kernel[a, b] * image[a:a + height, b:b + width] for a in range(k) for b in range(k))


@sheet.mistake(
    zh="核被翻转了：那是数学书里的卷积。深度学习的库不翻转，算的是互相关。",
    en="The kernel is flipped: that is the convolution of mathematics. Deep learning libraries do not flip; what "
       "they compute is a cross-correlation.")
def flipped(image, kernel):
    return correlate(image, kernel.flip(0, 1))


@sheet.mistake(
    zh="行与列换了：核的第一维随图的第一维走。",
    en="Rows and columns are exchanged: the first axis of the kernel goes with the first of the image.")
def transposed(image, kernel):
    return correlate(image, kernel.T)


@sheet.mistake(
    zh="补了零：输出应当比图小 k − 1。",
    en="The image was padded; the result should be smaller than the image by k − 1.")
def padded(image, kernel):
    edge = kernel.shape[0] // 2
    return correlate(F.pad(image, (edge, edge, edge, edge)), kernel)


@sheet.mistake(
    zh="求了平均：这里要的是和。",
    en="This takes the mean; the sum is asked for.")
def averaged(image, kernel):
    return correlate(image, kernel) / kernel.numel()


@sheet.mistake(
    zh="少了最后一行和最后一列：窗口可以放 H − k + 1 次。",
    en="The last row and column are missing: the window fits H − k + 1 times.")
def one_short(image, kernel):
    return correlate(image, kernel)[:-1, :-1]


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    for height, width, k in ((5, 6, 3), (4, 4, 2)):
        image = torch.randn(height, width, generator=draw, requires_grad=True)
        kernel = torch.randn(k, k, generator=draw, requires_grad=True)
        found = answer(image, kernel)
        where_zh, where_en = f"{height}×{width} 的图，{k}×{k} 的核：", f"image {height}×{width}, kernel {k}×{k}: "
        yield Text(f"{where_zh}值", f"{where_en}the values"), found
        through(found).square().sum().backward()
        yield Text(f"{where_zh}对核的梯度", f"{where_en}the gradient of the kernel"), gradient(kernel)


EXERCISE = sheet.with_hints(
    Text("一个输出只需要 `image[i:i + k, j:j + k]`。", "One entry needs `image[i:i + k, j:j + k]` only."),
    Text("把单个的数用 `torch.stack` 拼起来，`torch.tensor([...])` 会切断梯度。",
         "Join single numbers with `torch.stack`; `torch.tensor([...])` would cut the gradient."),
    Text("也可以反过来：对核的每一格，把整幅图平移、乘上这一格、加起来。",
         "Or the other way round: for each cell of the kernel, shift the whole image, multiply, and add up."),
)
