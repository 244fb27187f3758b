"""Explain: which part of a VAE holds the distribution of the data."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "两个 VAE 的解码器与先验完全相同，编码器不同。它们给出的数据分布 p(x) 一样吗？",
        "Two VAEs have the same decoder and the same prior, and different encoders. Is their distribution p(x) of the "
        "data the same?"),
    options={
        "a": Option(Text("不一样：编码器的任务是学习数据的概率分布。",
                         "No: the encoder's task is to learn the distribution of the data."),
                    Text("这是文档的说法。p(x) 的积分里只有先验与解码器，编码器没有出现。",
                         "So says the document. The integral for p(x) holds prior and decoder; no encoder occurs.")),
        "b": Option(Text("一样：p(x) = ∫ p(x|z) p(z) dz，与编码器无关。",
                         "Yes: p(x) = ∫ p(x|z) p(z) dz, whatever the encoder."),
                    Text("编码器只影响下界有多紧，以及训练走到哪里。",
                         "The encoder decides how tight the bound is, and where training goes.")),
        "c": Option(Text("不一样：编码器不同，KL 就不同，p(x) 也就不同。",
                         "No: another encoder has another KL, and hence another p(x)."),
                    Text("变的是下界 ELBO，不是 log p(x)。", "What changes is the bound, the ELBO, not log p(x).")),
        "d": Option(Text("只在编码器等于真后验时才一样。", "Only if the encoder is the true posterior."),
                    Text("那是下界取等号的条件。", "That is when the bound is tight.")),
    },
    right="b",
    hints=(
        Text("写出 p(x)，看看里面有哪几个网络。", "Write p(x) down and see which nets occur."),
        Text("从模型里采样时，编码器出场了吗？", "Does sampling from the model use the encoder?"),
        Text("区分两样东西：log p(x) 和它的下界。", "Tell two things apart: log p(x) and its bound."),
    ),
)
