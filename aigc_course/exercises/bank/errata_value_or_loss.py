"""Explain: a value of a game and a loss."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "文档 004 把 min_G max_D V(D, G) 叫作“损失函数”。这个说法问题在哪里？",
        "Document 004 calls min_G max_D V(D, G) “the loss function”. What is wrong with that?"),
    options={
        "a": Option(Text("没有问题，只是名字不同。", "Nothing, it is only a name."),
                    Text("照这个名字去最小化 V，判别器会学反。",
                         "Minimise V, as the name suggests, and D learns the opposite.")),
        "b": Option(
            Text("V 是博弈的值：判别器要它大，生成器要它小，没有哪一个数是双方都在最小化的。",
                 "V is the value of a game: D wants it large and G small; there is no number that both minimise."),
            Text("两个网络各有自己的损失：判别器的是 −V，生成器实际用的是 −log D(G(z))。",
                 "Each net has a loss of its own: D's is −V, and G in practice uses −log D(G(z)).")),
        "c": Option(Text("V 不可导，不能用来训练。", "V has no gradient and cannot be used in training."),
                    Text("V 对两个网络的参数都可导；问题不在这里。",
                         "V has gradients for the parameters of both nets; that is not the point.")),
        "d": Option(Text("V 里没有生成器，所以它不是生成器的损失。", "There is no generator in V, so it is not the "
                         "generator's loss."),
                    Text("第二项里有 G(z)。", "G(z) is in the second term.")),
    },
    right="b",
    hints=(
        Text("谁要 V 变大，谁要它变小？", "Who wants V large, and who small?"),
        Text("损失是要最小化的量。V 是谁的损失？", "A loss is to be minimised. Whose loss is V?"),
        Text("写出 03/01 里两个网络各自的损失。", "Write down the losses of both nets in 03/01."),
    ),
)
