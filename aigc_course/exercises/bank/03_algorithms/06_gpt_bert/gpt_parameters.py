"""Fill-in: how many numbers a GPT-2 of any size holds."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `parameters(vocab, context, width, layers)`：GPT-2 结构的参数个数，是一个整数。每一块有两个 LayerNorm"
       "（各一个增益与一个偏置）、注意力（Q、K、V 与输出投影，都带偏置）和 FFN（隐藏层宽 4·width，带偏置）；最后还"
       "有一个 LayerNorm。位置是学习的，输出层与词嵌入共享。",
    en="Complete `parameters(vocab, context, width, layers)`: how many parameters a net of GPT-2's architecture "
       "has, a whole number. Each block has two LayerNorms (each a gain and a bias), attention (Q, K, V and the "
       "output projection, all with biases) and an FFN (hidden layer of 4·width, with biases); one more LayerNorm "
       "comes last. Positions are learned, and the output layer shares the token embedding.",
)


@sheet.blank
def blank(vocab, context, width, layers):
    return ...


@sheet.reference
def parameters(vocab, context, width, layers):
    attention = 4 * width * width + 4 * width          # Q, K, V and the output projection, with biases
    mlp = 8 * width * width + 5 * width                # up to 4 · width, and down again
    norms = 2 * 2 * width                              # two LayerNorms, each a gain and a bias
    return (vocab + context) * width + layers * (attention + mlp + norms) + 2 * width


@sheet.also
def by_formula(vocab, context, width, layers):
    return width * (vocab + context + 2 + layers * (12 * width + 13))


@sheet.also
def by_counting(vocab, context, width, layers):
    from torch import nn
    block = nn.TransformerEncoderLayer(width, 1, 4 * width, device="meta")
    each = sum(p.numel() for p in block.parameters())
    return vocab * width + context * width + layers * each + 2 * width


@sheet.mistake(
    zh="输出层与词嵌入是同一个矩阵，只数一次。",
    en="The output layer and the token embedding are one matrix: count it once.")
def untied(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) + vocab * width


@sheet.mistake(
    zh="每块的 12·C² 只是矩阵；偏置、LayerNorm 还没有数。",
    en="12·C² for a block are its matrices alone: biases and LayerNorms are missing.")
def without_biases(vocab, context, width, layers):
    return (vocab + context) * width + layers * 12 * width * width


@sheet.mistake(
    zh="LayerNorm 也有参数：每个 2·C，每块两个，最后再加一个。",
    en="LayerNorms have parameters, too: 2·C each, two in a block and one at the end.")
def without_norms(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) - (layers * 4 + 2) * width


@sheet.mistake(
    zh="最后一块之后还有一个 LayerNorm。",
    en="There is one more LayerNorm after the last block.")
def without_last_norm(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) - 2 * width


@sheet.mistake(
    zh="位置嵌入也是参数：context 行，每行 C 个数。",
    en="The positions are parameters as well: `context` rows of C numbers.")
def without_positions(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) - context * width


@sheet.mistake(
    zh="少了 FFN，它占每块的三分之二。",
    en="The FFN is missing, two thirds of every block.")
def attention_alone(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) - layers * (8 * width * width + 5 * width)


@sheet.mistake(
    zh="线性层都带偏置：注意力 4·C 个，FFN 有 4·C + C 个。",
    en="The linear layers have biases: 4·C in attention, 4·C + C in the FFN.")
def biases_forgotten(vocab, context, width, layers):
    return parameters(vocab, context, width, layers) - layers * 9 * width


@sheet.probe
def probe(answer):
    for name, sizes in (("GPT-2", (50_257, 1024, 768, 12)), ("GPT-2 XL", (50_257, 1024, 1600, 48)),
                        ("V = 7, T = 5, C = 4, 3", (7, 5, 4, 3))):
        yield Text(f"{name} 的参数个数", f"parameters of {name}"), answer(*sizes)


EXERCISE = sheet.with_hints(
    Text("先列出一块里的六个部件，各写出形状。", "List the six parts of a block and the shape of each."),
    Text("注意力 4·C² + 4·C，FFN 8·C² + 5·C，两个 LayerNorm 4·C。",
         "Attention 4·C² + 4·C, FFN 8·C² + 5·C, two LayerNorms 4·C."),
    Text("`width * (vocab + context + 2 + layers * (12 * width + 13))`",
         "`width * (vocab + context + 2 + layers * (12 * width + 13))`"),
)
