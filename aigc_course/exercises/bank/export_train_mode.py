"""Explain: an exported generator whose digits depend on their neighbours."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "同事刚训练完一个带 BatchNorm 的生成器，接着就 `export(net, …)` 并交给我们。我们发现：同一个潜变量，"
        "单独画和放在一批里画，得到的数字不一样；种子相同，输入也相同。载入之后调用 `.eval()`，"
        "它报 `NotImplementedError`。哪一种解释最恰当？",
        "A colleague trains a generator with BatchNorm, calls `export(net, …)` at once and hands us the file. We find "
        "that the same latent vector gives one digit alone and another in a batch, with the same seed and the same "
        "input. Calling `.eval()` on what we loaded raises `NotImplementedError`. Which account is best?"),
    options={
        "a": Option(
            Text("批的大小声明成了可变的，可变的形状本来就会改变数值。",
                 "The batch was declared to vary, and dynamic shapes change the values."),
            Text("形状可变只是说同一张图适用于许多尺寸；本课里三种批的大小都与原来的网络相同。",
                 "A dynamic shape only says that one graph serves many sizes; in this lesson three sizes of batch all "
                 "agreed with the net.")),
        "b": Option(
            Text("浮点数的舍入：批大了，求和的次序就变了。",
                 "Rounding: in a larger batch the sums are taken in another order."),
            Text("舍入的差别在第六七位；这里肉眼看得出两个不同的数字。",
                 "Rounding shows in the sixth or seventh digit; here the two digits differ to the eye.")),
        "c": Option(
            Text("网络还在训练模式：图里记下的是“用这一批的均值与方差”。应当先 `net.eval()`，再导出一次。",
                 "The net was in training mode: what the graph recorded is to use the mean and variance of this batch. "
                 "Call `net.eval()` and export again."),
            Text("对。模式在导出时就固定了：训练与评估是两张不同的图，载入之后没有开关可以拨。",
                 "Yes. The mode is settled at export: training and evaluation are two different graphs, and what was "
                 "loaded has no switch.")),
        "d": Option(
            Text("文件损坏了：再下载一次，核对校验和。", "The file is damaged: fetch it again and check its checksum."),
            Text("损坏的文件载入不了，或者给出没有意义的图；它不会给出依赖邻居的、像样的数字。",
                 "A damaged file does not load, or draws nonsense; it would not draw proper digits that depend on "
                 "their neighbours.")),
    },
    right="c",
    hints=(
        Text("网络里有哪一层会让同一批的样本互相影响？在什么模式下？",
             "Which layer lets the examples of a batch affect each other, and in which mode?"),
        Text("回想 `net.train()` 与 `net.eval()` 改变了什么；导出时执行的是哪一支？",
             "Recall what `net.train()` and `net.eval()` change; which branch ran at export?"),
        Text("图里只有执行过的运算，没有 Python 的 `if self.training`。",
             "The graph holds the operations that were run, and no Python `if self.training`."),
    ),
)
