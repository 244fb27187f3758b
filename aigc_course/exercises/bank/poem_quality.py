"""Open: rules kept are not yet a good poem."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一个模型的诗在八条规则上都得满分。这能说明它写得好吗？设计一个评价实验，"
        "判断读者是否觉得它写得好、是否分得清它与人写的诗，并说明什么结果会推翻你的结论。",
        "A model's poems keep all eight rules. Does that make them good? Design an evaluation that tells whether "
        "readers find them good and whether they can tell them from poems by people, and say which result would "
        "overturn your conclusion."),
    rubric=(
        Text("区分形式与内容：规则可以由程序检查，意境、连贯和新意不能；我们的生成器满足全部规则，却只是按词表填空。",
             "Separates form from content: rules can be checked by a program, imagery, coherence and novelty "
             "cannot; our own generator keeps every rule by filling slots."),
        Text("盲评：读者不知道作者，人写的与模型写的随机混合，题材、体裁和长度相同。",
             "A blind test: readers do not know the author; poems by people and by the model are mixed at random, "
             "alike in theme, form and length."),
        Text("不挑选：事先固定随机种子与首数；给出评分者之间的一致程度和置信区间。",
             "No cherry-picking: seeds and numbers are fixed beforehand; agreement between raters and confidence "
             "intervals are reported."),
        Text("设上下界：打乱的字与词表填空作下界，名家少为人知的诗作上界。",
             "A floor and a ceiling: shuffled characters and slot filling below, little-known poems by masters above."),
        Text("查抄袭：与训练集比较最长的照抄片段；读者喜欢的如果是抄来的句子，结论就不成立。",
             "Checks for copying: if what readers like was copied from the training set, the conclusion falls."),
    ),
    hints=(
        Text("`verse` 自己写的诗在规则上也得满分。你觉得它们好吗？",
             "Poems by `verse` itself keep every rule too. Do you find them good?"),
        Text("读者知道作者是机器时，打分会怎样？", "How do readers score when they know the author is a machine?"),
        Text("如果只展示最好的十首，结论还可信吗？",
             "If only the ten best are shown, is the conclusion worth anything?"),
    ),
)
