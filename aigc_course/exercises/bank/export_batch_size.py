"""Predict: a program exported with a batch of eight is given three."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "我们用一批 8 个潜变量作例子，把生成器导出成一个程序：`export(net, (z, y))`，别的什么也不说。"
        "然后只给它 3 个潜变量。会怎样？",
        "We export the generator with a batch of 8 latent vectors as the example, `export(net, (z, y))`, and say "
        "nothing else. Then we give the program 3 of them. What happens?"),
    options={
        "a": Option(Text("照样画出 3 个数字，网络从来不在乎批的大小。",
                         "It draws 3 digits: a network never minds the size of a batch."),
                    Text("`nn.Module` 不在乎，因为它每次都重新执行 Python。导出的程序是一张记录下来的图，"
                         "没有声明会变的尺寸都是常数。",
                         "The `nn.Module` does not, since it runs its Python anew each time. The exported program is a "
                         "recorded graph, and a size that was not declared to vary is a constant of it.")),
        "b": Option(Text("拒绝：它说第一维应当是 8。", "It refuses: the first dimension should be 8."),
                    Text("程序带着守卫（guard），先检查输入再计算。要让批的大小可变，就在导出时声明："
                         "`dynamic_shapes` 里写一个 `Dim`。",
                         "The program carries guards that look at the inputs first. For a batch of any size, say so "
                         "when exporting, by a `Dim` in `dynamic_shapes`.")),
        "c": Option(Text("不报错，但补成 8 个，多画了 5 个。", "No error: it fills up to 8 and draws 5 too many."),
                    Text("谁也不会悄悄补齐；悄悄出错的是旧的 `torch.jit.trace`，本课也会看到。",
                         "Nothing is filled up in silence. What does fail in silence is the older `torch.jit.trace`, "
                         "which comes later in this lesson.")),
    },
    happens="b",
)
