"""Predict: float16 without loss scaling, and a loss that is a mean over very many small errors."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个网络学习生成很轻的声音（振幅千分之一），损失是十三万个采样点的均方误差。把单精度（fp32）换成半精度"
        "（fp16）的自动混合精度，别的什么都不改。会看到什么？",
        "A net learns to make very quiet sounds (amplitude 0.001); the loss is the mean square error of 130,000 "
        "samples. Single precision (fp32) is exchanged for automatic mixed precision in fp16, and nothing else. What "
        "do "
        "we see?"),
    options={
        "a": Option(Text("第一步就报错：fp16 放不下这么小的数。",
                         "An error at the first step: fp16 cannot hold such numbers."),
                    Text("浮点数下溢不报错：太小的数变成 0，程序接着跑。",
                         "Underflow of a floating-point number is no error: too small a number becomes 0, and the "
                         "program goes on.")),
        "b": Option(Text("损失变成 nan。", "The loss becomes nan."),
                    Text("nan 出现在太大的一头（inf − inf）。这里的问题在太小的一头。",
                         "nan comes from the large end (inf − inf); the trouble here is at the small one.")),
        "c": Option(Text("损失是个正常的数，却一步也不降。",
                         "The loss is an ordinary number, but it does not fall at all."),
                    Text("输出的梯度约为 1e-8，全部变成了 0，于是每个权重的梯度都是 0。没有一句提示："
                         "这就是它危险的地方。",
                         "The gradients of the output are some 1e-8 and all become 0, so that every weight's gradient "
                         "is 0. Nothing warns us, which makes it dangerous.")),
        "d": Option(Text("与 fp32 几乎一样，只是有些抖动。", "Almost the same as fp32, with some noise."),
                    Text("梯度还剩几位有效数字时是这样；一位都不剩时就不是了。",
                         "So it is while gradients keep a few digits; here none is left.")),
    },
    happens="c",
)
