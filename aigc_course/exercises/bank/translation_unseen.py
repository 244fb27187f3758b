"""Predict: a locale and a pattern that were each seen, but never together."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "训练集里有十二种地区、四种写法，但有六种“地区 + 写法”的组合一次也没有出现，其中有 `en_US` 的短格式"
        "（3/5/2024，月在前），而训练里其他带斜杠的日期都是日在前。同样的数据、同样的网络，只换随机种子和训练时间，"
        "训练几次，每次在见过的组合上都超过 99%。它们在 `en_US` 短格式上会怎样？",
        "Training has twelve locales and four patterns, but six combinations of the two never occur. One is `en_US` "
        "short (3/5/2024, month first), while all other dates with slashes in training put the day first. The same net "
        "is trained on the same data a few times, with other seeds and for other times; each run gets more than 99 % "
        "of the combinations it knows. How will the runs fare on `en_US` short?"),
    options={
        "a": Option(
            Text("都接近 100%：地区代码和写法都分别学过，模型会把它们组合起来。",
                 "All near 100 %: locale and pattern are both known, and the net puts them together."),
            Text("组合不是自动的：训练的损失只要求见过的组合正确，没见过的怎样，它不管。",
                 "Composition does not come by itself: the training loss asks for the combinations seen, and cares "
                 "nothing about the others.")),
        "b": Option(
            Text("都接近 0：没见过的组合等于没学过。", "All near 0: an unseen combination is one not learnt."),
            Text("`en_US` 的其他写法都是月在前，网络确实可能学到“en_US：月在前”。",
                 "The other patterns of `en_US` put the month first, so a net may well learn “en_US: month first”.")),
        "c": Option(
            Text("相差悬殊：有的几乎全对，有的几乎全错，而在见过的组合上看不出差别。",
                 "They differ widely: nearly all right in one run, nearly none in another, with nothing to tell them "
                 "apart on the combinations seen."),
            Text("“斜杠：日在前”与“en_US：月在前”都能解释训练数据，选中哪一个取决于种子和训练的长短。"
                 "训练数据没有回答的问题，模型的回答靠运气。",
                 "“Slashes: day first” and “en_US: month first” both explain the training data, and seed and training "
                 "time decide which one a run takes. Where the data give no answer, the model's answer is luck.")),
        "d": Option(
            Text("都约为一半：月和日分不清时，只能随机猜。", "All about a half: where it cannot tell, a net guesses."),
            Text("某一次可能正好如此，但各次并不相同：有 3% 的，也有 94% 的。"
                 "而且网络不是随机猜：同样的输入，它每次都给出同样的读法。",
                 "One run may come out like that, but not all: one had 3 %, another 94 %. Nor does a net guess: given "
                 "the same input, it gives the same reading every time.")),
    },
    happens="c",
)
