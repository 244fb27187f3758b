"""Predict: repeats among few samples from a small support."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个生成模型其实只会画 100 张不同的图，每张的机会相同。我们看它的 20 张样本，其中至少有两张相同的概率大约是"
        "多少？",
        "A generative model can in fact draw only 100 different pictures, all equally likely. Among 20 of its samples, "
        "about how likely is it that at least two are the same?"),
    options={
        "a": Option(Text("20%：20 除以 100。", "20%: 20 divided by 100."),
                    Text("这是第 21 张与前面某一张相同的概率；这里是任意两张。",
                         "That is the chance of the next one repeating an earlier one; here any two may agree.")),
        "b": Option(Text("不到 5%：100 张比 20 张多得多。", "Less than 5%: 100 is many more than 20."),
                    Text("要比的是成对的个数：20 张里有 190 对。", "What counts is the pairs: 20 samples have 190.")),
        "c": Option(Text("接近 90%。", "Nearly 90%."),
                    Text("1 − (1 − 1/100)(1 − 2/100)…(1 − 19/100) ≈ 87%：生日悖论。",
                         "1 − (1 − 1/100)(1 − 2/100)…(1 − 19/100) ≈ 87%: the birthday paradox.")),
        "d": Option(Text("必然：20 张一定有重复。", "Certain: 20 samples must repeat."),
                    Text("要 101 张才必然。", "Only 101 samples make it certain.")),
    },
    happens="c",
)
