"""Explain: a language model whose loss is too good to be true."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "我们自己写的 GPT 在训练文本上的损失是每字 0.02 nat，在没见过的文本上也是 0.02 nat；"
        "同样大小的 LSTM 是 4.1 nat。让它接着一句话写，写出的却不成话。最可能的原因是哪一个？怎样证实？",
        "A GPT of our own has a loss of 0.02 nats per character on its training text, and 0.02 on text it never saw; "
        "an LSTM of the same size has 4.1. Asked to continue a line, it writes nonsense. What is the likeliest cause, "
        "and how to make sure?"),
    options={
        "a": Option(
            Text("过拟合：模型把训练文本背下来了；加 dropout 就好。",
                 "Overfitting: it learnt the training text by heart; dropout will help."),
            Text("背下来的文本在没见过的文本上没有用，那里的损失会高；而这里两边一样低。",
                 "What is learnt by heart does not help with text never seen, where the loss would be high; here both "
                 "are as low.")),
        "b": Option(
            Text("每个位置看得到它要猜的那个字：把位置 t 之后的一个字换掉，若 t 处的输出跟着变，掩码就漏了。",
                 "Each position sees the character that it must guess: change a character after position t; if the "
                 "output at t changes, the mask leaks."),
            Text("没见过的文本也能“猜”得这么准，只能是看到了答案；自己写的时候答案还不存在，于是什么也不会。",
                 "Such guesses on text never seen are only possible with the answer in view; when it writes by itself "
                 "there is no answer yet, and it can do nothing.")),
        "c": Option(
            Text("Transformer 就是比 LSTM 好这么多；写得不好是因为采样的温度太高。",
                 "Transformers are that much better than LSTMs; the writing suffers from too high a temperature."),
            Text("0.02 nat 意味着每个字平均有 98% 的把握。这样的模型，温度是 1 也几乎总是写出同一串正确的字。",
                 "0.02 nats means a mean confidence of 98 % in each character. At temperature 1, too, such a model "
                 "nearly always writes the right ones.")),
        "d": Option(
            Text("词表对错了：训练与生成用了不同的编号。",
                 "The vocabularies differ: training and writing number the characters in different ways."),
            Text("编号对错会让写出的字面目全非，但解释不了没见过的文本上不可能的低损失。",
                 "That would garble what is written, but cannot explain an impossibly low loss on text never seen.")),
    },
    right="b",
    hints=(
        Text("汉字的熵大约是多少 nat？0.02 可能吗？",
             "About how many nats is the entropy of a character? Can it be 0.02?"),
        Text("训练与留出的损失一样低，排除了哪一种解释？",
             "Which account is ruled out by training and held-out losses being equally low?"),
        Text("有什么是训练时看得到、生成时还不存在的？",
             "What is there in training that does not exist yet when writing?"),
    ),
)
