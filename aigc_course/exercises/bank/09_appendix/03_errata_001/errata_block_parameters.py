"""Fill in: the weights in the blocks of a Transformer."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="`block_weights(layers, width)`：GPT 的 `layers` 个块共有多少个权重？每块有四个注意力矩阵 （Q、K、V 与输出，"
       "都是 width × width）和一个前馈网络（中间层宽 4 × width）。不计偏置、层归一化与嵌入。",
    en="`block_weights(layers, width)`: how many weights are in the `layers` blocks of a GPT? Each has four "
       "matrices of attention (Q, K, V and output, width × width) and a feed-forward net whose middle is 4 × width "
       "wide. Leave out biases, layer normalisation and embeddings.",
)


@sheet.blank
def blank(layers, width):
    return ...


@sheet.reference
def block_weights(layers, width):
    return layers * (4 * width**2 + 2 * width * 4 * width)


@sheet.also
def at_once(layers, width):
    return 12 * layers * width**2


@sheet.also
def by_summing(layers, width):
    attention = sum(width * width for _ in "qkvo")
    feed_forward = width * (4 * width) + (4 * width) * width
    return sum(attention + feed_forward for _ in range(layers))


@sheet.mistake(
    zh="只数了注意力；文档的块正是漏了前馈网络。",
    en="That is attention alone; the document's block leaves out the feed-forward net as well.")
def attention_only(layers, width):
    return 4 * layers * width**2


@sheet.mistake(
    zh="只数了前馈网络。",
    en="That is the feed-forward net alone.")
def feed_forward_only(layers, width):
    return 8 * layers * width**2


@sheet.mistake(
    zh="这是一层的，还要乘以层数。",
    en="That is one layer: multiply by their number.")
def one_layer(layers, width):
    return 12 * width**2


@sheet.mistake(
    zh="注意力有四个矩阵：别忘了输出投影。",
    en="Attention has four matrices: do not forget the output projection.")
def three_matrices(layers, width):
    return layers * (3 * width**2 + 8 * width**2)


@sheet.probe
def probe(answer):
    yield Text("12 层、宽 768", "12 layers of width 768"), answer(12, 768)
    yield Text("2 层、宽 3", "2 layers of width 3"), answer(2, 3)


EXERCISE = sheet.with_hints(
    Text("先数一块。注意力：四个 width × width。", "Count one block first. Attention: four of width × width."),
    Text("前馈：width × 4 width 与 4 width × width。", "Feed-forward: width × 4 width and 4 width × width."),
    Text("一块是 12 width²。", "One block is 12 width²."),
)
