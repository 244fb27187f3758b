"""Predict: what the softmax of unscaled dot products looks like in many dimensions."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个查询与 16 个键，每个向量有 1,024 个独立的分量，均值 0，方差 1。点积**不缩放**，直接取 softmax。"
        "16 个权重里最大的那个，平均有多大？",
        "One query and 16 keys, every vector with 1,024 independent features of mean 0 and variance 1. The dot "
        "products go **unscaled** into a softmax. How large is the largest of the 16 weights, on average?"),
    options={
        "a": Option(Text("大约 0.06：随机的键都差不多，谁也不突出。",
                         "About 0.06: random keys are all alike, none stands out."),
                    Text("方向上确实都差不多，但分数是 1,024 项之和，标准差 32；softmax 看的是分数之差的指数。",
                         "Their directions are alike, but a score sums 1,024 terms, with standard deviation 32, and "
                         "softmax takes the exponential of differences of scores.")),
        "b": Option(Text("大约 0.25。", "About 0.25."),
                    Text("这是除以 √d 之后的结果：那时分数的标准差是 1，与维数无关。",
                         "That is what one gets after dividing by √d, when the scores' standard deviation is 1, "
                         "whatever the dimension.")),
        "c": Option(Text("0.95 以上：几乎独热。", "Over 0.95: almost one-hot."),
                    Text("分数的标准差是 √1024 = 32，最大的两个分数相差往往有十几，指数之比就是几十万。",
                         "The scores' standard deviation is √1024 = 32; the two largest often differ by more than ten, "
                         "and their exponentials by a factor of many thousands.")),
    },
    happens="c",
)
