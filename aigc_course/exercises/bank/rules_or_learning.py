"""Explain: what a model learnt from data has that a template has not, and the other way round."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一所医院要把每天的化验结果写成给病人看的文字：数字一个也不能错。用模板，还是用语言模型？哪条理由是对的？",
        "A hospital wants the daily laboratory results written out for patients, and no number may be wrong. A "
        "template or a language model? Which of these reasons is right?"),
    options={
        "a": Option(
            Text("用语言模型：它的困惑度低，所以写出来的数字更准确。",
                 "A language model: its perplexity is low, so its numbers are more accurate."),
            Text("困惑度低只说明文字像训练数据。像不像与对不对是两回事：一个常见的错数字，困惑度也很低。",
                 "A low perplexity says that the text resembles the training data. Resembling and being right are two "
                 "things: a wrong number that is common has a low perplexity, too.")),
        "b": Option(
            Text("用模板：每个数字都原样出现在它的槽位里，而且可以从文字读回来核对；文字单调在这里不是缺点。",
                 "A template: every number stands unchanged in its slot and can be read back and checked; that the "
                 "texts are monotonous does no harm here."),
            Text("忠实可以证明（`02/03` 把 2,400 篇读了回来，一篇不差），多样却不是这个任务要的。",
                 "Being faithful can be proven (`02/03` reads 2,400 texts back, all of them right), and variety is not "
                 "what this task wants.")),
        "c": Option(
            Text("用模板：语言模型只会照抄训练数据，写不出新的句子。",
                 "A template: a language model can only copy its training data and writes no new sentence."),
            Text("结论没错，理由错了：语言模型写出的大多是新的组合（`02/03`、`05/05` 都量了最长照抄），"
                 "问题恰恰在于新的不一定对。",
                 "The conclusion stands, the reason does not: most of what a language model writes is new "
                 "(`02/03` and `05/05` measure the longest copy), and the trouble is that new is not always right.")),
        "d": Option(
            Text("用语言模型：模板不能处理单复数、量词与条件，句子不通。",
                 "A language model: a template cannot deal with plurals, measure words and conditions, so its "
                 "sentences are clumsy."),
            Text("可以的：`02/03` 的模板有条件，也会英语的复数和汉语的量词。",
                 "It can: the templates of `02/03` have conditions, English plurals and Chinese measure words.")),
    },
    right="b",
    hints=(
        Text("这个任务里，最坏的错误是什么？哪一种办法能**证明**它不会发生？",
             "What is the worst mistake in this task, and which way can prove that it does not happen?"),
        Text("多样性对病人看化验单有用吗？", "Is variety of any use to a patient who reads a report?"),
        Text("想一想 `read(fill(values)) == values`。", "Think of `read(fill(values)) == values`."),
    ),
)
