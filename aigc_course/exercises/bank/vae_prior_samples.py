"""Predict: codes drawn from N(0, I), decoded by a plain autoencoder and by a VAE."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "普通自编码器和变分自编码器用同样的网络结构、同样的手写数字训练，前者的重建误差更小。"
        "现在从 N(0, I) 抽取 z，分别交给两个解码器，会看到什么？",
        "A plain autoencoder and a VAE of the same architecture are trained on the same handwritten digits; "
        "the plain one reconstructs better. Now z is drawn from N(0, I) and handed to both decoders. What "
        "will we see?"),
    options={
        "a": Option(
            Text("自编码器的样本更像数字：它的重建误差更小。",
                 "The autoencoder's samples look more like digits: it reconstructs better."),
            Text("重建误差只说明解码器在编码到达的地方做得多好；从 N(0, I) 抽取的 z 大多不在那些地方。",
                 "The error of reconstruction tells how good the decoder is where codes are; z drawn from "
                 "N(0, I) is mostly somewhere else.")),
        "b": Option(
            Text("变分自编码器的样本像是手写的笔画，有些模糊，许多能认出是哪个数字；"
                 "自编码器的大多是发灰的碎片。",
                 "The VAE's samples look like handwriting, somewhat blurred, and many can be read as digits; "
                 "most of the autoencoder's are grey fragments."),
            Text("KL 让编码占满先验分布所在的地方，采样的噪声又让解码器在每个编码的周围也见过输入；"
                 "普通自编码器的损失对编码落在哪里没有任何要求。",
                 "The KL makes the codes fill the region of the prior, and the noise of sampling shows the "
                 "decoder the surroundings of each code; nothing in the plain autoencoder's loss says where "
                 "codes should lie.")),
        "c": Option(
            Text("两者差不多：解码器都是连续函数，z 又都取自 N(0, I)。",
                 "Both look alike: both decoders are continuous functions, and z comes from N(0, I) for "
                 "both."),
            Text("连续只保证相近的 z 给出相近的图像，不保证离所有编码都很远的 z 给出可信的图像。",
                 "Continuity says that close z give close images, not that a z far from every code gives a "
                 "credible one.")),
        "d": Option(
            Text("自编码器给出训练图像的原样复制，变分自编码器给出噪声。",
                 "The autoencoder gives exact copies of training images, the VAE gives noise."),
            Text("要得到训练图像，z 得正好落在它的编码上；随机的 z 几乎不会。变分自编码器的采样噪声在 z 上，"
                 "不在像素上。",
                 "For a training image z would have to hit its code, which a random z hardly ever does. A "
                 "VAE's noise is in z, not in the pixels.")),
    },
    happens="b",
)
