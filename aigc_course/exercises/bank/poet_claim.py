"""Open: a claimed output, and how to tell whether a model wrote it."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一篇文章贴出三句诗，说是一段代码用某个模型写的。你只有文章和代码。设计一套检验，"
        "判断这三句是不是那段代码能写出来的、是不是新写的，并说明每一步的结果各能排除什么。",
        "An article shows three lines of verse and says that some code wrote them with some model. You have the "
        "article and the code. Design a test of whether that code can have written them, and whether they are new, "
        "and say what each outcome rules out."),
    rubric=(
        Text("先重跑：同样的模型、版本和设置；贪心解码没有随机性，应当逐字相同。",
             "Runs it again first: same model, version, settings; greedy decoding is not random and must agree "
             "character for character."),
        Text("采样的输出重跑对不上不算反证，但可以算这几句在模型下的概率：低到不可能，就不是它写的。",
             "A sampled text need not come again, but its probability under the model can be computed; one that is "
             "too low rules the model out."),
        Text("看模型与分词器是否认得这种语言：词表里没有的字，它写不出来。",
             "Asks whether model and tokenizer know the language: what is not in the vocabulary cannot be written."),
        Text("查照抄：与公开的诗文比最长的相同片段；整句相同说明是引用，不是新写。",
             "Looks for copies: the longest piece shared with published verse; a whole line in common is a quotation."),
        Text("说明查不到什么：找不到相同的句子，不等于它是新的，只说明不在查过的文本里。",
             "Says what this does not show: no copy found means only that none is in the texts that were searched."),
    ),
    hints=(
        Text("贪心解码有随机性吗？", "Is greedy decoding random?"),
        Text("模型给任何文字一个概率，不只是它自己写的。", "A model gives every text a probability, not only its own."),
        Text("“千里共婵娟”是谁写的？", "Who wrote the line about sharing the moon across a thousand miles?"),
    ),
)
