"""Explain: why the bias of the keys does nothing."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "训练一个 Transformer 时，我们发现键投影的偏置 b（k = W x + b）从头到尾没有动过。为什么？",
        "While training a Transformer we find that the bias b of the key projection, k = W x + b, never moves. Why?"),
    options={
        "a": Option(
            Text("掩码挡住了它的梯度。", "The mask hides its gradient."),
            Text("没有掩码时也一样：掩码只决定看哪些键，不影响偏置。",
                 "It is so without a mask, too: a mask decides which keys are seen, not what a bias does.")),
        "b": Option(
            Text("1/√d 把它的梯度缩小了。", "The factor 1/√d makes its gradient small."),
            Text("缩放对 W 和 b 一视同仁，而 W 在动。梯度不是小，是恰好为 0（只剩舍入误差）。",
                 "The factor treats W and b alike, and W does move. The gradient is not small, it is exactly 0, but "
                 "for rounding.")),
        "c": Option(
            Text("它给一个查询的所有分数加上同一个数 q·b，softmax 不变。",
                 "It adds the same number, q·b, to all scores of a query, and softmax does not change."),
            Text("softmax 对平移不变，所以损失与 b 无关，梯度为 0。查询的偏置不同：它给不同的键加上不同的 b·k。",
                 "Softmax does not change under a shift, so that the loss does not depend on b and its gradient is 0. "
                 "A query's bias is another matter: it adds b·k, which differs from key to key.")),
        "d": Option(
            Text("层归一化已经减去了均值，偏置无事可做。", "LayerNorm has taken the mean away, so a bias is idle."),
            Text("层归一化在投影之前；而且值与查询的偏置照样有梯度。",
                 "LayerNorm comes before the projection; and the biases of values and queries do have a gradient.")),
    },
    right="c",
    hints=(
        Text("写出一个查询对第 i 个键的分数 q·(W xᵢ + b)。", "Write down a query's score for key i, q·(W xᵢ + b)."),
        Text("哪一部分与 i 无关？", "Which part of it does not depend on i?"),
        Text("softmax(s + c) 等于什么？", "What is softmax(s + c)?"),
    ),
)
