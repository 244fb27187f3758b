"""Predict: many small updates of a weight that is kept in half precision."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "为了省一半内存，有人把权重本身也存成半精度（fp16）。"
        "一个权重是 1.0，训练 1,000 步，每步加 0.0001。最后它是多少？",
        "To save half the memory, somebody keeps the weights themselves in half precision (fp16). A weight is 1.0; "
        "each of 1,000 training steps adds 0.0001. What is it in the end?"),
    options={
        "a": Option(
            Text("1.1，与单精度一样。", "1.1, as in single precision."),
            Text("在 1 附近，相邻的两个 fp16 数相差约 0.00098，0.0001 还不到一半。",
                 "Near 1, neighbouring fp16 numbers are some 0.00098 apart, and 0.0001 is less than half of that.")),
        "b": Option(
            Text("1.0，一点也没有变。", "1.0: it has not moved at all."),
            Text("每次相加都被舍入回 1.0：一千次更新全部丢失。所以混合精度训练总是另存一份单精度的权重。",
                 "Every sum is rounded back to 1.0, and all thousand updates are lost. Mixed-precision training "
                 "therefore keeps a copy of the weights in single precision.")),
        "c": Option(
            Text("大约 1.05：舍入误差有正有负，丢掉一半。", "About 1.05: rounding goes both ways and loses one half."),
            Text("舍入误差在这里不是随机的：每一步都从 1.0 出发，每一步都舍入到同一个数。",
                 "Rounding is not random here: every step starts from 1.0 and is rounded to the same number.")),
        "d": Option(
            Text("nan：半精度溢出了。", "nan: half precision has overflowed."),
            Text("fp16 能表示到 65,504，这里离溢出很远；问题出在太小的一头。",
                 "fp16 reaches 65,504, far from here; the trouble is at the small end.")),
    },
    happens="b",
)
