"""Explain: what shows that a printed output did not come from the printed code."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "文档印出了三行整齐的诗，说是 `gpt2` 用贪心解码写的。下面哪一条理由站得住脚，足以说明它不是这段代码的输出？",
        "The document prints three tidy lines of verse and says that `gpt2` wrote them by greedy decoding. Which "
        "argument holds, and shows that this code did not print them?"),
    options={
        "a": Option(
            Text("太长了：`max_length=100` 放不下这首诗。", "It is too long: `max_length=100` has no room for it."),
            Text("放得下：连提示在内 98 个词元。站不住脚的反驳比不反驳更糟。",
                 "It has: 98 tokens with the prompt. A refutation that does not hold is worse than none.")),
        "b": Option(
            Text("GPT-2 的词表里没有汉字，不可能打印出中文。",
                 "GPT-2's vocabulary has no Chinese characters, so it cannot print Chinese."),
            Text("字节级的词表能写出任何文字，只是每个汉字要几个词元。",
                 "A vocabulary of bytes can write anything; each character just takes several tokens.")),
        "c": Option(
            Text("贪心解码只有一个输出，任何人运行都一样；训练文本又特意去掉了非英文网页。谁运行一次，就能对照。",
                 "Greedy decoding has one output, the same for whoever runs it; and non-English pages were removed "
                 "from the training text on purpose. Run it once and compare."),
            Text("确定的程序给出可以检验的预言：运行它。再加上训练文本的来源，和其中一句是苏轼的原句，证据就够了。",
                 "A deterministic program makes a prediction that can be checked: run it. With where the training text "
                 "came from, and one line being Su Shi's word for word, the case is made.")),
        "d": Option(
            Text("诗写得太好了，机器写不出来。", "The poem is too good for a machine."),
            Text("这是印象，不是证据；今天的模型写得出更好的。",
                 "An impression is no evidence; today's models write better ones.")),
    },
    right="c",
    hints=(
        Text("哪一条理由说出了“运行会看到什么”？", "Which argument says what a run would show?"),
        Text("先排除事实不对的：数一数词元，想一想字节。",
             "Rule out what is factually wrong: count tokens, think of bytes."),
        Text("贪心解码里没有随机数。", "Greedy decoding draws no random numbers."),
    ),
)
