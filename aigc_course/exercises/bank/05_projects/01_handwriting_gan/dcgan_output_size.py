"""Fill-in: how large a transposed convolution's output is."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `output_size(size, kernel, stride, padding)`：边长为 `size` 的输入经过转置卷积后的边长（空洞为 1，不加 "
       "`output_padding`）。用它核对 DCGAN 的生成器：1 → 7 → 14 → 28。",
    en="Complete `output_size(size, kernel, stride, padding)`: the side of a transposed convolution's output for an "
       "input of side `size` (dilation 1, no `output_padding`). Use it to check the DCGAN's generator: 1 → 7 → 14 → "
       "28.",
)


@sheet.blank
def blank(size, kernel, stride, padding):
    return ...


@sheet.reference
def output_size(size, kernel, stride, padding):
    return (size - 1) * stride - 2 * padding + kernel


@sheet.also
def from_the_last_pixel(size, kernel, stride, padding):
    last_start = (size - 1) * stride
    return last_start + kernel - padding - padding


@sheet.also
def by_measuring(size, kernel, stride, padding):
    import torch
    layer = torch.nn.ConvTranspose1d(1, 1, kernel, stride, padding)
    return layer(torch.zeros(1, 1, size)).shape[-1]


@sheet.mistake(
    zh="这是普通卷积的公式。转置卷积走的是相反的方向：求的是哪种大小的图经过这样的卷积会变成 `size`。",
    en="This is the formula of an ordinary convolution. A transposed one goes the other way: from which size would "
       "such a convolution come to `size`?")
def convolution(size, kernel, stride, padding):
    return (size + 2 * padding - kernel) // stride + 1


@sheet.mistake(
    zh="`size * stride` 只在 `kernel = stride + 2 * padding` 时成立，例如 4、2、1；第一层 1 → 7 就不对了。",
    en="`size * stride` holds only if `kernel = stride + 2 * padding`, as with 4, 2, 1; the first layer, 1 → 7, "
       "already breaks it.")
def only_stride(size, kernel, stride, padding):
    return size * stride


@sheet.mistake(
    zh="两边都要裁掉 `padding`：减去 `2 * padding`。",
    en="`padding` is cut from both sides: subtract `2 * padding`.")
def padding_once(size, kernel, stride, padding):
    return (size - 1) * stride - padding + kernel


@sheet.mistake(
    zh="转置卷积的 `padding` 是从输出的边缘裁掉的，所以要减去，而不是加上。",
    en="In a transposed convolution `padding` is cut off the output's border: subtract it, do not add it.")
def padding_added(size, kernel, stride, padding):
    return (size - 1) * stride + 2 * padding + kernel


@sheet.mistake(
    zh="`size` 个像素之间只有 `size - 1` 步。",
    en="Between `size` pixels there are only `size - 1` steps.")
def one_step_too_many(size, kernel, stride, padding):
    return size * stride - 2 * padding + kernel


@sheet.mistake(
    zh="最后一个像素也会铺开成 `kernel` 个格子，而不是一个。",
    en="The last pixel, too, spreads over `kernel` places, not one.")
def without_kernel(size, kernel, stride, padding):
    return (size - 1) * stride - 2 * padding + 1


@sheet.probe
def probe(answer):
    for size, kernel, stride, padding in [(1, 7, 1, 0), (7, 4, 2, 1), (14, 4, 2, 1), (5, 5, 3, 2), (8, 3, 1, 1)]:
        where = f"size={size}, kernel={kernel}, stride={stride}, padding={padding}"
        yield Text(f"{where} 时的输出边长", f"the output at {where}"), answer(size, kernel, stride, padding)


EXERCISE = sheet.with_hints(
    Text("先画一维的情形：每个输入像素在输出上铺开 `kernel` 个格子，相邻两个像素的起点相隔 `stride`。",
         "Draw it in one dimension: each input pixel spreads over `kernel` places, and neighbours start `stride` "
         "apart."),
    Text("最后一个像素从 `(size - 1) * stride` 开始，再占 `kernel` 个格子。",
         "The last pixel starts at `(size - 1) * stride` and takes `kernel` places from there."),
    Text("最后从两边各裁掉 `padding` 个格子。", "In the end `padding` places are cut off each side."),
)
