"""Predict: when a text sampled from a model of a language was first printed."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "从一个由数据估计出来的语言模型里抽样，并把抽出来的文字印成铅字：这件事最早发生在什么时候？",
        "Someone samples from a model of a language whose probabilities were estimated from data, and has the result "
        "printed. When did this first happen?"),
    options={
        "a": Option(
            Text("1948 年，Shannon 的论文。", "In 1948, in a paper by Shannon."),
            Text("论文的第 3 节印出了从字母与词的统计里抽样得到的句子，一阶比一阶更像英文。"
                 "抽样是用书和随机数表手工做的。",
                 "Section 3 of the paper prints sentences sampled from statistics of letters and of words, each order "
                 "closer to English than the one before. The sampling was done by hand, with books and tables of "
                 "random numbers.")),
        "b": Option(
            Text("1966 年，聊天程序 ELIZA。", "In 1966, with the chat program ELIZA."),
            Text("ELIZA 的句子是手写的模板，没有从数据里估计任何概率，而且晚了十八年。",
                 "The sentences of ELIZA are templates written by hand: no probability was estimated from data; and it "
                 "came eighteen years later.")),
        "c": Option(
            Text("上世纪 90 年代，循环神经网络出现之后。", "In the 1990s, after recurrent neural networks appeared."),
            Text("神经网络并不是必需的：数一数哪个字母跟在哪个字母后面，就已经是一个可以抽样的模型。",
                 "No neural network is needed: counting which letter follows which already gives a model that can be "
                 "sampled.")),
        "d": Option(
            Text("2014 年，GAN 提出之后。", "In 2014, after GANs were proposed."),
            Text("GAN 生成的是图像，而且离散的文字恰恰是它最不拿手的：词元不可微，梯度传不回去。",
                 "GANs make images, and discrete text is just what they are worst at: a token is not differentiable, "
                 "so no gradient comes back through it.")),
    },
    happens="a",
)
