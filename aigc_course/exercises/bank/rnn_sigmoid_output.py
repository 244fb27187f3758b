"""Explain: what is learnt when a sigmoid output meets the categorical cross-entropy."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "有人把输出层写成 ŷ = sigmoid(W h + b)，每个类一个数，再用损失 −Σₖ yₖ log ŷₖ（y 是独热向量）训练。"
        "标签是随机的，什么也学不到。训练很久以后会怎样？",
        "Someone writes the output layer as ŷ = sigmoid(W h + b), one number for each class, and trains with the loss "
        "−Σₖ yₖ log ŷₖ (y is one-hot). The labels are random, so that nothing can be learnt. What happens in the long "
        "run?"),
    options={
        "a": Option(
            Text("损失停在 log K（K 是类数），因为标签是随机的。",
                 "The loss stays at log K for K classes, the labels being random."),
            Text("用 softmax 才会这样：K 个概率之和固定为 1，猜对一个类就要少给别的类。",
                 "That is so with softmax, where K probabilities share a sum of 1: what one class gets the others "
                 "lose.")),
        "b": Option(
            Text("损失趋于 0：所有的 ŷₖ 都趋于 1。", "The loss goes to 0: every ŷₖ goes to 1."),
            Text("损失只看正确的那一类，而把所有输出都推向 1 没有任何代价，于是损失是 0，预测却毫无内容。"
                 "softmax 的归一化正是这个代价。",
                 "The loss looks at the right class alone, and pushing all outputs to 1 costs nothing: a loss of 0 and "
                 "a prediction without content. The normalisation of softmax is that cost.")),
        "c": Option(
            Text("损失发散到无穷大。", "The loss diverges to infinity."),
            Text("−log ŷ 在 ŷ 接近 1 时接近 0，没有什么把它推向无穷大。",
                 "−log ŷ is near 0 for ŷ near 1; nothing drives it to infinity.")),
        "d": Option(
            Text("与 softmax 完全一样，只是慢一些。", "The same as with softmax, only more slowly."),
            Text("两者的最优解不同：一个是概率分布，另一个是全 1 的向量。",
                 "Their optima differ: one is a distribution, the other a vector of ones.")),
    },
    right="b",
    hints=(
        Text("写出两个类时的损失，看看每个输出往哪个方向走。",
             "Write down the loss for two classes and see where each output moves."),
        Text("损失里出现了错误的类的 ŷ 吗？", "Does the ŷ of a wrong class occur in the loss?"),
        Text("如果所有的 ŷ 都是 1，损失是多少？它们之和是多少？",
             "With every ŷ at 1, what is the loss, and what is their sum?"),
    ),
)
