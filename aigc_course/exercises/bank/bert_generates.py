"""Explain: why the product of BERT's answers is no probability of the text."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "对一句 10 个字的话，把每个字依次遮住，请 BERT 给出它的概率，再把 10 个概率相乘。这个乘积是什么？",
        "For a sentence of 10 characters, each is hidden in turn, BERT says how probable it is, and the 10 "
        "probabilities are "
        "multiplied. What is the product?"),
    options={
        "a": Option(
            Text("这句话的概率，和 GPT 的一样，只是更准，因为它看了两边。",
                 "The probability of the sentence, as GPT's product is, only better, for it sees both sides."),
            Text("链式法则要求第 t 个条件概率只以前面的字为条件。这里每个字都既当过答案，又当过别人的条件："
                 "信息被数了两遍，"
                 "所有句子的乘积加起来不是 1。",
                 "The chain rule wants the t-th factor conditioned on earlier characters alone. Here every "
                 "character is once "
                 "the answer and nine times a condition: information counts twice, and the products of all "
                 "sentences do not "
                 "sum to 1.")),
        "b": Option(
            Text("一个分数，可以比较句子，但不是概率。",
                 "A score by which sentences can be compared, but no probability."),
            Text("叫做伪似然：每个因子都以其余全部的字为条件，乘积没有归一化；两个总是同时出现的字会互相担保，"
                 "乘积就偏高。",
                 "It is called a pseudo-likelihood: every factor is conditioned on all the rest, and the product "
                 "is not "
                 "normalised; two characters that always come together vouch for each other, and it is too high.")),
        "c": Option(
            Text("总是 1，因为 BERT 看得到答案。", "Always 1, because BERT sees the answer."),
            Text("被问的字已经遮住了，BERT 看不到它；看得到的是其余九个。",
                 "The character asked for is hidden; BERT sees the other nine.")),
        "d": Option(
            Text("困惑度的倒数。", "The inverse of the perplexity."),
            Text("困惑度是概率的 −1/T 次方，先要有一个概率。",
                 "Perplexity is a probability to the power −1/T: it takes a probability first.")),
    },
    right="b",
    hints=(
        Text("写出两个字的句子：p(x₁|x₂) p(x₂|x₁) 与 p(x₁) p(x₂|x₁) 差在哪里？",
             "Write it for two characters: how does p(x₁|x₂) p(x₂|x₁) differ from p(x₁) p(x₂|x₁)?"),
        Text("设两个字总是相同，各种字同样可能，共 V 种：两个乘积各是多少？",
             "Let the two always be equal, V characters equally likely: what are the two products?"),
        Text("把它对所有句子加起来，等于 1 吗？", "Summed over all sentences, does it give 1?"),
    ),
)
