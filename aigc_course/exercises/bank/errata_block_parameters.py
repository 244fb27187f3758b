"""Fill in: the weights in the blocks of a Transformer."""

from aigc_course.exercises.kinds import Code, Mistake, Text


def blank(layers, width):
    return ...


def block_weights(layers, width):
    return layers * (4 * width**2 + 2 * width * 4 * width)


def at_once(layers, width):
    return 12 * layers * width**2


def by_summing(layers, width):
    attention = sum(width * width for _ in "qkvo")
    feed_forward = width * (4 * width) + (4 * width) * width
    return sum(attention + feed_forward for _ in range(layers))


def attention_only(layers, width):
    return 4 * layers * width**2


def feed_forward_only(layers, width):
    return 8 * layers * width**2


def one_layer(layers, width):
    return 12 * width**2


def three_matrices(layers, width):
    return layers * (3 * width**2 + 8 * width**2)


def probe(answer):
    yield Text("12 层、宽 768", "12 layers of width 768"), answer(12, 768)
    yield Text("2 层、宽 3", "2 layers of width 3"), answer(2, 3)


EXERCISE = Code(
    task=Text(
        "`block_weights(layers, width)`：GPT 的 `layers` 个块共有多少个权重？每块有四个注意力矩阵 "
        "（Q、K、V 与输出，都是 width × width）和一个前馈网络（中间层宽 4 × width）。不计偏置、层归一化与嵌入。",
        "`block_weights(layers, width)`: how many weights are in the `layers` blocks of a GPT? Each has four "
        "matrices of "
        "attention (Q, K, V and output, width × width) and a feed-forward net whose middle is 4 × width wide. Leave "
        "out "
        "biases, layer normalisation and embeddings."),
    blank=blank,
    reference=block_weights,
    others=(at_once, by_summing),
    mistakes=(
        Mistake(attention_only, Text("只数了注意力；文档的块正是漏了前馈网络。",
                                     "That is attention alone; the document's block leaves out the feed-forward net as "
                                     "well.")),
        Mistake(feed_forward_only, Text("只数了前馈网络。", "That is the feed-forward net alone.")),
        Mistake(one_layer, Text("这是一层的，还要乘以层数。", "That is one layer: multiply by their number.")),
        Mistake(three_matrices, Text("注意力有四个矩阵：别忘了输出投影。",
                                     "Attention has four matrices: do not forget the output projection.")),
    ),
    probe=probe,
    hints=(
        Text("先数一块。注意力：四个 width × width。", "Count one block first. Attention: four of width × width."),
        Text("前馈：width × 4 width 与 4 width × width。", "Feed-forward: width × 4 width and 4 width × width."),
        Text("一块是 12 width²。", "One block is 12 width²."),
    ),
)
