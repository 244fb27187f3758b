"""Explain: a wrong rescaling that no picture shows."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "生成器的最后一层是 sigmoid，输出在 [0, 1] 内；作图之前程序又算了 `(x + 1) / 2`。"
        "`plt.imshow(image, cmap=\"gray\")` 画出的图却看不出任何问题。为什么？",
        "The generator ends in a sigmoid, so that its output lies in [0, 1]; before plotting, the program "
        "computes `(x + 1) / 2` all the same. The picture drawn by `plt.imshow(image, cmap=\"gray\")` "
        "shows nothing wrong. Why?"),
    options={
        "a": Option(
            Text("因为 `(x + 1) / 2` 对 [0, 1] 内的数没有作用。",
                 "Because `(x + 1) / 2` leaves numbers in [0, 1] as they are."),
            Text("它把 [0, 1] 变成了 [0.5, 1]：0 变成 0.5。用 `image.min()` 就能看到。",
                 "It turns [0, 1] into [0.5, 1]: 0 becomes 0.5. `image.min()` shows it.")),
        "b": Option(
            Text("因为 `imshow` 默认按每幅图自己的最小值和最大值伸缩灰度，任何保序的线性变换都会被抵消。",
                 "Because by default `imshow` stretches each picture between its own minimum and maximum, "
                 "which undoes any increasing linear map."),
            Text("所以要固定 `vmin=0, vmax=1`，并断言像素的范围；否则错误的数据会悄悄进入度量与训练。",
                 "So fix `vmin=0, vmax=1` and assert the range of the pixels, or wrong data slip into "
                 "metrics and training unseen.")),
        "c": Option(
            Text("因为人眼分辨不出 [0, 1] 与 [0.5, 1] 两种灰度范围。",
                 "Because the eye cannot tell greys in [0, 1] from greys in [0.5, 1]."),
            Text("固定 `vmin=0, vmax=1` 之后，背景从黑变成中灰，一眼就能看出来。",
                 "With `vmin=0, vmax=1` the background turns from black to middle grey, plain to see.")),
        "d": Option(
            Text("因为生成器在训练中学会了补偿这个变换。",
                 "Because the generator learned to compensate for the map during training."),
            Text("变换只发生在作图之前，不在损失里，没有梯度经过它，生成器无从学起。",
                 "The map comes after training, just before plotting: no gradient passes through it, so "
                 "there is nothing to learn from.")),
    },
    right="b",
    hints=(
        Text("打印变换前后的 `image.min()` 和 `image.max()`。",
             "Print `image.min()` and `image.max()` before and after the map."),
        Text("查一查 `imshow` 的参数 `vmin` 与 `vmax` 的默认值。",
             "Look up the defaults of `imshow`'s parameters `vmin` and `vmax`."),
        Text("把同一幅图分别用默认参数和 `vmin=0, vmax=1` 画出来比较。",
             "Draw the same picture with the defaults and with `vmin=0, vmax=1`, and compare."),
    ),
)
