"""Predict: GAN and VAE on the same data, for the same time."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "同样的一万张手写数字、同样的 CPU 时间，训练一个条件 GAN 和一个条件 VAE，各用五个随机种子。"
        "会看到什么？",
        "A conditional GAN and a conditional VAE are trained on the same ten thousand handwritten digits for the same "
        "CPU time, with five random seeds each. What will we see?"),
    options={
        "a": Option(
            Text("VAE 处处更好：它直接最大化似然的下界，所以样本也更接近真实图像。",
                 "The VAE is better throughout: it maximises a bound of the likelihood directly, so its samples are "
                 "closer to real images too."),
            Text("似然高与样本好是两回事：像素相互独立的解码器拿不准时就取平均，似然不吃亏，"
                 "样本却是模糊的，距离随之变大。",
                 "A high likelihood and good samples are two things. Where it is unsure, a decoder with independent "
                 "pixels averages, which costs little likelihood but blurs the samples, and the distance grows.")),
        "b": Option(
            Text("GAN 的样本更清晰，距离更小；VAE 模糊，却能给没见过的图像打分、编码，GAN 两样都不会。",
                 "The GAN's samples are sharper and closer; the VAE's are blurred, but it can score and encode images "
                 "it has never seen, and the GAN can do neither."),
            Text("判别器一眼就能认出模糊，所以生成器不能取平均；但生成器没有编码器，也算不出任何图像的概率。",
                 "A discriminator recognises blur at once, so a generator must not average; but a generator has no "
                 "encoder and computes no image's probability.")),
        "c": Option(
            Text("GAN 的五个种子多半会失败，活下来的才清晰。",
                 "Most of the GAN's five seeds fail; those that survive are sharp."),
            Text("朴素的 GAN 确实常常失败（见 `03/01`），但选得好的优化器、批归一化、参数的滑动平均让它很稳。"
                 "失败要先下定义，再数。",
                 "Naive GANs do fail often (see `03/01`), but a well-chosen optimiser, batch normalisation and a "
                 "moving average make them steady. Define failure first, then count.")),
        "d": Option(
            Text("时间相同，参数也够，两者的差别会落在种子之间的波动里。",
                 "With equal time and enough parameters the difference drowns in the spread between seeds."),
            Text("差别来自目标函数，不来自运气：五个种子的区间完全不重叠。",
                 "The difference comes from the objective, not from luck: the ranges over five seeds do not overlap.")),
    },
    happens="b",
)
