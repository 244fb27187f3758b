"""Explain: three small kernels against one large one."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "三层 3×3 的卷积（步幅 1，每层 C 进 C 出，中间有 ReLU）换成一层 7×7 的卷积。两者相比，哪一句对？",
        "Three 3×3 convolutions (stride 1, C channels in and out, ReLU between) are replaced by a single 7×7 one. "
        "Which statement is true?"),
    options={
        "a": Option(
            Text("感受野相同，三层的参数更少（27C² 对 49C²），而且能表示一层表示不了的函数。",
                 "Same receptive field; three layers have fewer parameters, 27C² against 49C², and can represent what "
                 "one cannot."),
            Text("r = 1 + 3·2 = 7；参数 3·9C² = 27C²；ReLU 使三层不再是一个线性映射。",
                 "r = 1 + 3 · 2 = 7; 3 · 9C² = 27C² weights; and with ReLU three layers are no linear map.")),
        "b": Option(
            Text("三层的感受野是 9×9，因为 3 + 3 + 3 = 9。", "Three layers see 9×9, for 3 + 3 + 3 = 9."),
            Text("相邻两层的窗口重叠：每层只增加 k − 1 = 2，1 + 2 + 2 + 2 = 7。",
                 "Windows overlap: each layer adds k − 1 = 2, and 1 + 2 + 2 + 2 = 7.")),
        "c": Option(
            Text("三层的感受野是 27×27，因为 3·3·3 = 27。", "Three layers see 27×27, for 3 · 3 · 3 = 27."),
            Text("相乘要靠步幅：步幅是 3 时才会这样，步幅 1 时只是相加。",
                 "Only strides multiply: that would be so with stride 3; with stride 1 the fields add.")),
        "d": Option(
            Text("完全等价：卷积的复合还是卷积。", "They are equivalent: convolutions compose to a convolution."),
            Text("没有 ReLU 时，三层的确合成一个 7×7，但反过来不是每个 7×7 都能拆成三层；有了 ReLU，就根本不是线性的。",
                 "Without ReLU three layers do make one 7×7, though not every 7×7 comes apart like that; with ReLU "
                 "they are not even linear.")),
    },
    right="a",
    hints=(
        Text("画出一维的情形：第三层的一格看到第二层的几格？", "Draw it in one dimension: how many cells of layer two "
                                                              "does a cell of layer three see?"),
        Text("感受野 r = 1 + Σ(k − 1)·∏步幅。", "The receptive field is r = 1 + Σ (k − 1) · ∏ strides."),
        Text("参数：每层 k²·C·C。", "Weights of a layer: k² · C · C."),
    ),
)
