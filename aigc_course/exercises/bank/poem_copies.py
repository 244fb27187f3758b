"""Explain: when is a copied piece a sign of memorising?"""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个模型写的诗里，最长的照抄片段平均有 5.9 个字；训练中没有出现过的真作品与训练集之间，同样的量是 5.8 个字。"
        "应当怎样理解？",
        "In a model's poems the longest copied piece has 5.9 characters on average; between genuine poems that were "
        "not in training and the training set, the same measure is 5.8. What follows?"),
    options={
        "a": Option(
            Text("模型在抄：连续六个字相同不可能是巧合。",
                 "The model copies: six characters in a row cannot be chance."),
            Text("没有参加训练的真作品也有 5.8 个字相同，它们可没有抄。同样的词与句式本来就会重复。",
                 "Genuine poems that were never in training share 5.8 as well, and they did not copy. The same words "
                 "and constructions recur anyway.")),
        "b": Option(
            Text("就这个度量看，模型没有比真作品抄得更多；重复来自共同的词汇和句式。要下结论，还应看有多少整句是新的。",
                 "By this measure the model copies no more than genuine poems do; what is shared are words and "
                 "constructions. Before concluding, one looks at the share of whole lines that are new."),
            Text("对：一个数要与同一度量下的基线比较才有意义；两个度量一致，结论才稳。",
                 "Yes: a number means something beside the same measure's baseline, and two measures that agree make "
                 "the conclusion firm.")),
        "c": Option(
            Text("模型过拟合了：它的 5.9 大于 5.8。",
                 "The model overfits: its 5.9 exceeds 5.8."),
            Text("0.1 个字在采样的波动之内；过拟合会让整句整句地相同，这个数会接近 8 或更大。",
                 "A tenth of a character is within the noise of sampling; with overfitting whole lines would be equal, "
                 "and the measure near 8 or more.")),
        "d": Option(
            Text("模型不可能抄：它是采样写出来的，每次都不同。",
                 "The model cannot copy: it samples, and each time differs."),
            Text("采样也会抄：如果分布集中在训练过的句子上，抽到的就是它们。本课“弄坏它”一节正是这样。",
                 "Sampling copies too: where the distribution is concentrated on training lines, those are drawn. The "
                 "part “Break it” of this lesson shows it.")),
    },
    right="b",
    hints=(
        Text("5.8 是谁和谁之间的数？那些诗抄了吗？", "Between what and what is the 5.8? Did those poems copy?"),
        Text("如果模型整句照抄，七个字加标点，这个数会是多少？",
             "If the model copied whole lines, seven characters and a sign, what would the measure be?"),
        Text("一个度量说“没有更多”，还可以再用哪个度量核对？",
             "One measure says “no more than”; which other could confirm it?"),
    ),
)
