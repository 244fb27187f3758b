"""Explain: which BLEU scores may be compared."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "甲组在英译中上报告 BLEU 35，我们的系统是 BLEU 22。在说“他们的系统更好”之前，首先要弄清什么？",
        "A group reports BLEU 35 from English to Chinese, our system has 22. What has to be settled before one may say "
        "that theirs is better?"),
    options={
        "a": Option(
            Text("模型的参数个数和训练时间是否相同。",
                 "Whether both have the same number of parameters and training time."),
            Text("这关系到比较是否公平，但分数本身首先要可比：同一测试集、同样的切分方式。",
                 "That bears on fairness, but first the scores themselves must be comparable: one test set, one "
                 "tokenisation.")),
        "b": Option(
            Text("测试集、参考译文的个数和中文的切分方式是否相同，训练集与测试集有没有重叠。",
                 "Whether test set, number of references and tokenisation of the Chinese are the same, and whether "
                 "training overlaps with the test set."),
            Text("BLEU 数的是 n 元组：按字还是按词切，有几句参考译文，都会改变分数；不同的测试集之间根本不可比，"
                 "泄漏的测试集只测记忆。所以要用 sacrebleu 并写明它的签名。",
                 "BLEU counts n-grams: characters or words, one reference or four, all change it; between test sets it "
                 "says nothing, and on a leaked one it measures memory. Hence sacrebleu, with its signature.")),
        "c": Option(
            Text("什么也不用：BLEU 是 0 到 100 的标准分数。",
                 "Nothing: BLEU is a standard score from 0 to 100."),
            Text("范围标准，算法不标准：同一份译文，换一种切分方式，分数可以从 0 变成几十。",
                 "The range is standard, the computation is not: the same translations can go from 0 to dozens with "
                 "another tokenisation.")),
        "d": Option(
            Text("两者的困惑度：困惑度低的系统，BLEU 一定高。",
                 "Their perplexities: the lower one has the higher BLEU."),
            Text("困惑度是教师强制下按词元算的，还取决于词表；它与自由生成的译文质量只是相关。",
                 "Perplexity is per token, under teacher forcing, and depends on the vocabulary; with the quality of "
                 "what is written freely it is merely correlated.")),
    },
    right="b",
    hints=(
        Text("BLEU 由 n 元组的重合算出。什么算一个“元”？",
             "BLEU counts matching n-grams. Of what units?"),
        Text("多给几句参考译文，匹配会变多还是变少？",
             "With more references, are there more matches or fewer?"),
        Text("如果测试句就在训练集里，高分说明什么？",
             "If the test sentences were in training, what does a high score mean?"),
    ),
)
