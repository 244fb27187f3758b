"""Explain: what a measured longest copy says about copyright, and what it does not."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个写诗的模型，样本与训练集的最长相同片段平均 5.5 字，没参加训练的真作品也是 5.5 字。下面哪个结论站得住？",
        "Samples of a poetry model share a longest piece of 5.5 characters with its training set on average; genuine "
        "poems that were not in training share 5.5 as well. Which conclusion stands?"),
    options={
        "a": Option(
            Text("这些样本不侵犯任何人的版权。", "These samples infringe nobody's copyright."),
            Text("版权是法律问题：改写、风格、训练本身是否需要许可，这个数一样也没有量。",
                 "Copyright is a question of law: paraphrase, style, and whether training itself needs permission are "
                 "not measured by this number at all.")),
        "b": Option(
            Text("模型没有见过训练集。", "The model has not seen the training set."),
            Text("它当然见过；它学到的是统计，而不是整首的诗。",
                 "Of course it has; what it learnt are statistics, not whole poems.")),
        "c": Option(
            Text("按逐字照抄这把尺子，样本平均不比真作品抄得更多；个别样本还要看最大值。",
                 "By the yardstick of word-for-word copying, samples copy no more on average than genuine work does; "
                 "for single samples, look at the largest value, too."),
            Text("尺子、基线、范围都说清了：平均数可以掩盖一首整首照抄的诗，所以还要看最大值。",
                 "Yardstick, baseline and scope are all named: a mean can hide one poem that is copied in full, hence "
                 "the largest value.")),
        "d": Option(
            Text("片段越短越好，所以应当把字打乱再输出。",
                 "The shorter the better, so the characters should be shuffled before they are shown."),
            Text("打乱以后照抄变短，诗也没有了（`01/01` 的表）：只看一把尺子就会做出这种事。",
                 "Shuffling shortens the copies and destroys the poem (the table of `01/01`): this is what comes of a "
                 "single yardstick.")),
    },
    right="c",
    hints=(
        Text("这个数量的是什么？只说量过的事。", "What does the number measure? Say only what was measured."),
        Text("平均数看不见什么？", "What does a mean not see?"),
        Text("“是否侵权”由谁、按什么判断？", "Who decides about infringement, and by what?"),
    ),
)
