"""Explain: why log-densities of two spaces cannot be compared."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个混合模型在 50 维 PCA 空间里的留出似然是每张图像 −36 nat，一个 VAE 在 784 个像素上的下界是 −100 nat。"
        "有人说：混合模型好得多。为什么不能这样说？",
        "On held-out images a mixture has −36 nats per image in a 50-dimensional PCA space, and a VAE has a bound of "
        "−100 nats on 784 pixels. Somebody concludes that the mixture is much better. Why does that not follow?"),
    options={
        "a": Option(
            Text("因为下界总比真实的似然低；换成真实的似然，VAE 就会超过混合模型。",
                 "Because a bound is always below the true likelihood; with the true one the VAE would overtake the "
                 "mixture."),
            Text("下界确实偏低，但即使知道精确的值，两个数仍然不可比：它们是不同变量的密度。",
                 "A bound is indeed low, but even exact values could not be compared: they are densities of different "
                 "variables.")),
        "b": Option(
            Text("因为两个数是不同变量的密度：PCA 丢掉了余下的方差，没有为它付出一个 nat；换一个单位，密度也会变，"
                 "把坐标都乘以 10，对数密度就减少 50·ln 10 ≈ 115 nat。",
                 "Because they are densities of different variables: PCA discards the remaining variance and pays no "
                 "nat for it, and a density depends on the unit as well: multiply all coordinates by 10, and the "
                 "log-density falls by 50·ln 10 ≈ 115 nats."),
            Text("密度要连同它的空间一起说。只在同一个空间、同样的图像上，才能比较对数密度。",
                 "A density means something together with its space. Log-densities compare only in one space and on "
                 "the same images.")),
        "c": Option(
            Text("因为要除以维数：−36/50 = −0.72，−100/784 = −0.13，所以其实是 VAE 更好。",
                 "Because one must divide by the dimensions: −36/50 = −0.72 and −100/784 = −0.13, so the VAE is "
                 "better."),
            Text("除以维数改变不了空间：PCA 坐标与像素的单位不同，丢掉的方差也没有算进去。",
                 "Dividing does not change the space: PCA coordinates and pixels have different units, and what PCA "
                 "discards is still not paid for.")),
        "d": Option(
            Text("因为对数密度不能是负的，两个数都算错了。",
                 "Because log-densities cannot be negative; both numbers are wrong."),
            Text("对数密度可正可负：密度大于 1 时为正，小于 1 时为负。",
                 "They can be either: positive where the density exceeds 1, negative where it is below.")),
    },
    right="b",
    hints=(
        Text("密度的单位是什么？把厘米换成毫米，密度会变吗？",
             "What is the unit of a density? Does it change from centimetres to millimetres?"),
        Text("若 y = 10x（50 维），log p(y) = log p(x) − 50·ln 10。",
             "With y = 10x in 50 dimensions, log p(y) = log p(x) − 50·ln 10."),
        Text("再想：从 784 个数到 50 个数，丢掉的部分由谁来付账？",
             "And going from 784 numbers to 50: who pays for what was discarded?"),
    ),
)
