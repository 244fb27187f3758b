"""Explain: why a VAE's samples are blurred where a GAN's are sharp."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "同样的数据，参数量相当，变分自编码器从先验分布生成的笔画边缘发灰、发虚，GAN 的却是清晰的。"
        "主要原因是什么？",
        "On the same data and with about as many parameters, the strokes that a VAE generates from the prior "
        "have grey, soft edges, while a GAN's are sharp. What is the main reason?"),
    options={
        "a": Option(
            Text("解码器的网络结构表达不出清晰的边缘。",
                 "The decoder's architecture cannot express sharp edges."),
            Text("同样的结构作 GAN 的生成器，边缘就是清晰的。不同的不是网络，而是损失。",
                 "The same architecture gives sharp edges as the generator of a GAN. It is the loss that "
                 "differs, not the network.")),
        "b": Option(
            Text("作图时 z 是随机抽取的，这些噪声直接加到了像素上。",
                 "The z of a picture is drawn at random, and this noise is added to the pixels."),
            Text("一幅图像只用一个 z，再由解码器确定地算出来，像素上没有加噪声。GAN 的 z 也是随机抽取的。",
                 "A picture uses one z, from which the decoder computes it deterministically; no noise is "
                 "added to pixels. A GAN's z is drawn at random as well.")),
        "c": Option(
            Text("变分自编码器训练得不够久：损失降到 0 时就会清晰。",
                 "The VAE was not trained for long enough: once its loss is 0 the samples are sharp."),
            Text("伯努利解码器的 −ELBO 不会降到 0：即使模型是完美的，它也不低于数据的熵，"
                 "而灰度像素的交叉熵本身就大于 0。久训练会清晰一些，但同一个 z 仍对应多种笔画。",
                 "With Bernoulli pixels −ELBO does not go to 0: even for a perfect model it is no less than "
                 "the entropy of the data, and the cross-entropy of grey pixels is above 0 by itself. Longer "
                 "training helps a little, but one z still stands for several strokes.")),
        "d": Option(
            Text("给定 z 时像素被当作相互独立，似然最高的输出是与这个 z 相容的所有图像的平均；"
                 "判别器则会拒绝这样的平均图像。",
                 "Given z the pixels are modelled as independent, and the likeliest output is the average of "
                 "all the images that go with this z; a discriminator rejects such averages."),
            Text("z 确定不了笔画的准确位置，每个像素就各自取平均，图中显示的正是这个平均 E[x|z]。"
                 "数据里的笔画没有这样宽的灰边，所以在判别器面前，选定一个位置比取平均好。",
                 "Where z does not settle the exact place of a stroke, each pixel takes its own average, and "
                 "E[x|z] is what we display. No stroke of the data has grey edges so wide, so that before a "
                 "discriminator it is better to pick one place than to average.")),
    },
    right="d",
    hints=(
        Text("设同一个 z 对应两幅图像，笔画只错开一个像素。哪一个输出使两者的平均交叉熵最小？",
             "Let one z stand for two images whose strokes are one pixel apart. Which output has the least "
             "cross-entropy on average over both?"),
        Text("对每个像素，伯努利似然最高的概率就是该像素的平均值。",
             "For each pixel the probability of highest Bernoulli likelihood is that pixel's average."),
        Text("再想一想：判别器看到这幅平均图像会怎么说？",
             "Now think what a discriminator would say to that average image."),
    ),
)
