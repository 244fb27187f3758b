"""Explain: perplexities of models with different tokens."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "同一批留出的英文文章。模型甲按字符预测，困惑度是 9；模型乙按 BPE 词元预测，平均一个词元 4 个字符，"
        "困惑度是 180。哪个模型更好地预测了这些文章？（log₂ 9 ≈ 3.17，log₂ 180 ≈ 7.49）",
        "The same held-out English documents. Model A predicts characters, and its perplexity is 9; model B predicts "
        "BPE tokens of 4 characters on average, and its perplexity is 180. Which model predicts these documents "
        "better? (log₂ 9 ≈ 3.17, log₂ 180 ≈ 7.49)"),
    options={
        "a": Option(
            Text("甲：9 远小于 180。", "A: 9 is far below 180."),
            Text("9 是每个字符的，180 是每个词元的。一个词元有 4 个字符，猜中它相当于连续猜中 4 个字符。",
                 "9 is per character and 180 per token. A token has 4 characters: guessing it is guessing 4 characters "
                 "in a row.")),
        "b": Option(
            Text("乙：每个字符只用 7.49 / 4 ≈ 1.87 比特，甲要用 3.17 比特。",
                 "B: it needs 7.49 / 4 ≈ 1.87 bits per character, A needs 3.17."),
            Text("总信息量除以同样的字符数，单位才相同。甲每 4 个字符的困惑度是 9⁴ = 6561，应当拿它与 180 比。",
                 "The total information divided by the same number of characters has the same unit. Per 4 characters "
                 "A's perplexity is 9⁴ = 6561: compare that with 180.")),
        "c": Option(
            Text("词表不同的模型根本无法比较。", "Models with different vocabularies cannot be compared at all."),
            Text("每个词元的困惑度确实不能比，但两个模型都给同样的文章指定了概率：把总的 nat 数换算成每个字符的比特数"
                 "就可以比较。",
                 "Perplexities per token cannot, but both models give a probability to the same documents: convert "
                 "the total of nats into bits per character.")),
        "d": Option(
            Text("要看 180 和 9 各占词表大小的多少。",
                 "It depends on the ratio of 180 and 9 to the sizes of the vocabularies."),
            Text("词表大小只说明乱猜时的困惑度。词表里多放几个永远用不到的词元，这个比例就变了，预测却没有变好。",
                 "The size only tells the perplexity of blind guessing. Add tokens that never occur and the ratio "
                 "changes, while the predictions do not improve.")),
    },
    right="b",
    hints=(
        Text("两个数的单位是什么？", "What is the unit of each number?"),
        Text("困惑度的对数是每个词元的信息量；一个词元有几个字符？",
             "The logarithm of a perplexity is the information per token; how many characters has a token?"),
        Text("比较 log₂ 9 / 1 与 log₂ 180 / 4。", "Compare log₂ 9 / 1 with log₂ 180 / 4."),
    ),
)
