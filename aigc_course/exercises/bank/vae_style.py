"""Predict: one z, written as every digit."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "在训练充分的条件变分自编码器中，编码器和解码器都知道类别。固定一个 z，让解码器依次用它写出 0 到 9。"
        "十幅图像之间什么会保持不变？",
        "In a conditional VAE that was trained for long enough, encoder and decoder are both told the class. "
        "Keep one z and let the decoder write 0 to 9 with it. What will the ten images have in common?"),
    options={
        "a": Option(
            Text("什么也不会：每个类别有自己的潜空间，同一个 z 在不同类别中毫无关系。",
                 "Nothing: each class has a latent space of its own, and one z means unrelated things in two "
                 "of them."),
            Text("如果每个类别有单独的网络，就可能如此。但这里只有一个解码器，所有类别共用大部分权重，"
                 "用同样的方式表示倾斜和粗细最省事。",
                 "With a separate net for each class it could be so. But there is one decoder, all classes "
                 "share most of its weights, and it is easiest to express slant and thickness in the same "
                 "way for all.")),
        "b": Option(
            Text("数字本身：z 决定写的是几，类别只改变一些细节。",
                 "The digit itself: z decides which digit it is, and the class changes details only."),
            Text("类别已经免费告诉了解码器，再用 z 来携带它就要多付 KL，所以训练会逐渐把类别从 z 里挤出去。"
                 "训练得太短，才会看到它的残留。",
                 "The decoder is told the class for nothing; carrying it in z as well would cost KL, so that "
                 "training gradually squeezes the class out of z. Traces of it remain if training was too "
                 "short.")),
        "c": Option(
            Text("书写的风格，例如倾斜和笔画粗细；变的是写哪个数字。",
                 "The style of writing, such as slant and thickness of the stroke; what changes is the "
                 "digit."),
            Text("类别已知，z 只需携带类别之外的差别，而共用的解码器对各类别用相近的方式表示这些差别。"
                 "没有一项损失保证对应得完全一致，所以这种一致要测量，不能只看一幅图。",
                 "With the class known, z need only carry the other differences, which one shared decoder "
                 "expresses much alike for all classes. No term of the loss guarantees that they correspond "
                 "exactly; so measure it, and do not trust one picture.")),
        "d": Option(
            Text("每个像素：解码器只看 z，换类别不改变图像。",
                 "Every pixel: the decoder looks at z only, and another class changes nothing."),
            Text("那是类别没有接到解码器上的错误。类别是拼接在 z 上的输入，"
                 "使用它就可以省下用 z 携带类别的 KL。",
                 "That would be a fault, with the class not connected to the decoder. The class is an input "
                 "beside z, and using it saves the KL of carrying the class in z.")),
    },
    happens="c",
)
