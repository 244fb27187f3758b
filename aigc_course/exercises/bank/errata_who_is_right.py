"""Predict: raising V by training D, and what happens on fakes."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "五份文档对判别器怎样看待假样本说法不一。固定生成器，只训练判别器，使 V = E log D(x) + E log(1 − D(G(z))) 变"
        "大。"
        "它在假样本上的正确率会怎样？",
        "The five documents disagree about what D does with fakes. Keep the generator fixed and train D alone to raise "
        "V = E log D(x) + E log(1 − D(G(z))). What happens to its accuracy on fakes?"),
    options={
        "a": Option(Text("下降：它最大化的是对假样本的错误分类。", "It falls: what is maximised is wrong "
                         "classification of fakes."),
                    Text("log(1 − D(G(z))) 在 D 给假样本的概率变小时变大，那正是判对。",
                         "log(1 − D(G(z))) grows as D gives fakes a smaller probability of being real, which is "
                         "right.")),
        "b": Option(Text("上升。", "It rises."),
                    Text("1 − D(G(z)) 就是判为假的概率，假样本本来就是假的。",
                         "1 − D(G(z)) is the probability of calling fake what is fake.")),
        "c": Option(Text("不变：V 只与真实样本有关。", "It stays: V is about real data only."),
                    Text("第二项里只有假样本。", "The second term has nothing but fakes in it.")),
    },
    happens="b",
)
