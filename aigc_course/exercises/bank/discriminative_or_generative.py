"""Explain: what a classifier lacks that a generative model has."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个分类器读数字的准确率是 99%。能不能用它来画一个新的 7？哪条理由是对的？",
        "A classifier reads 99 % of all digits. Can it be used to draw a new 7? Which of these reasons is right?"),
    options={
        "a": Option(
            Text("能：既然它认得 7，它就知道 7 是什么样子；把输出的 7 喂回去就行。",
                 "Yes: whoever can tell a 7 knows what a 7 looks like; just feed the 7 back into it."),
            Text("它只学到怎样把 7 与别的数字分开。沿着它的梯度去“画”，多半得到它很有把握而人看不懂的噪声。",
                 "It has only learnt what separates a 7 from the other digits. Whoever “draws” along its gradient "
                 "mostly gets noise of which it is very sure and people are not.")),
        "b": Option(
            Text("不能：它学的是 p(y|x)，没有说哪些 x 常见；有无穷多种 p(x) 与它相容。",
                 "No: it has learnt p(y|x), which does not say which x are common; infinitely many p(x) agree with "
                 "it."),
            Text("抽样要 p(x) 或 p(x|y)。判别模型恰恰不去学它，这也是它容易训练的原因。",
                 "Sampling needs p(x) or p(x|y). A discriminative model does not learn it, which is also why it is "
                 "easier to train.")),
        "c": Option(
            Text("不能：99% 还不够准，准确率到 100% 才画得出来。",
                 "No: 99 % is not enough; it takes an accuracy of 100 % to draw."),
            Text("准确率再高也没有 p(x)：分对每一幅图，仍然不知道下一幅图是什么样子。",
                 "However high the accuracy, there is no p(x): to sort every image rightly is not to know what the "
                 "next one looks like.")),
        "d": Option(
            Text("不能：画图必须用 GAN，分类器用的是交叉熵。",
                 "No: drawing takes a GAN, and classifiers use cross-entropy."),
            Text("结论没错，理由错了：自回归模型用的正是交叉熵，VAE 也不是 GAN，它们都能生成。",
                 "The conclusion stands, the reason does not: autoregressive models use just that cross-entropy, and a "
                 "VAE is no GAN; both generate.")),
    },
    right="b",
    hints=(
        Text("抽样需要哪一个概率？", "Which probability does sampling need?"),
        Text("贝叶斯公式：p(x|y) ∝ p(y|x) p(x)。缺的是哪一项？",
             "Bayes: p(x|y) ∝ p(y|x) p(x). Which factor is missing?"),
        Text("一幅全是噪声的图，分类器也会给出某个 y。",
             "The classifier gives some y for an image of pure noise, too."),
    ),
)
