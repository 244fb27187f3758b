"""Open: a template or a language model?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一家气象台每天要为 2,000 个区县各写一段天气预报，一家出版社要为小学生写各不相同的睡前故事。"
        "两者各该用模板还是语言模型？说明你会测量什么来支持这个选择，以及两者能否结合。",
        "A weather service writes a forecast for each of 2,000 districts every day; a publisher wants bedtime stories "
        "for children, no two alike. Should each use templates or a language model? Say what you would measure to "
        "support the choice, and whether the two can be combined."),
    rubric=(
        Text("天气预报的数值不能错：模板能保证每个槽位原样出现，可以逐条读回来核对；语言模型没有这个保证。",
             "Numbers in a forecast must be right: templates guarantee that each slot appears unchanged, and every "
             "text can be read back and checked; a language model gives no such guarantee."),
        Text("故事要多样：模板的 distinct-n 低，读几篇就会重复；这里语言模型更合适。",
             "Stories must vary: templates have a low distinct-n and repeat after a few texts, so here a language "
             "model is the better choice."),
        Text("说出测量方法：槽位忠实度、distinct-n 与重复率、最长照抄的片段、留出文章上每个字符的比特数，以及人来读。",
             "Names the measurements: slot fidelity, distinct-n and repetition, the longest copied piece, bits per "
             "character on held-out documents, and people reading."),
        Text("考虑风险与代价：语言模型可能编造、照抄训练文本、写出不适合儿童的内容，需要审核；模板要人来写和维护。",
             "Weighs risk and cost: a language model may invent, copy its training text or write what is unfit for "
             "children, and needs review; templates have to be written and maintained."),
        Text("提出结合的办法，例如由语言模型改写措辞，再用模板的读回检查来拒绝改动了数值的句子。",
             "Proposes a combination: say, a language model varies the wording, and reading the values back rejects "
             "any sentence whose numbers changed."),
    ),
    hints=(
        Text("哪一种文本里，一个错的数字比一句乏味的话更糟？",
             "In which of the two texts is a wrong number worse than a dull sentence?"),
        Text("这一课用哪几个数衡量了模板的长处和短处？",
             "Which numbers of this lesson measured the strength and weakness of templates?"),
        Text("有没有办法让语言模型写，让模板检查？", "Could the language model write and the template check?"),
    ),
)
