"""Predict: what the Jensen–Shannon divergence does as two distributions are moved apart."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text("两个同样窄的高斯起初重合。把其中一个越移越远，它们的 JSD（自然对数）怎样变化？",
              "Two equally narrow Gaussians lie on top of each other. One is moved further and further away. What "
              "does their JSD (natural logarithm) do?"),
    options={
        "a": Option(Text("一直增大，与距离成正比。", "It keeps growing, in proportion to the distance."),
                    Text("成正比的是瓦瑟斯坦距离；JSD 只问分不分得开，不问隔了多远。",
                         "That is the Wasserstein distance. The JSD only asks whether the two can be told apart, not "
                         "how far apart they are.")),
        "b": Option(Text("先增大，不再重叠之后停在 log 2 ≈ 0.69。",
                         "It grows at first and stays at log 2 ≈ 0.69 once they no longer overlap."),
                    Text("不重叠时，看一眼样本就知道是真是假，恰好是 1 比特，即 log 2；再远也没有更多可知道的。"
                         "停住的量没有梯度，这就是饱和。",
                         "Without overlap one look at a sample tells real from fake: exactly 1 bit, or log 2, and "
                         "there is no more to know further away. A quantity that stands still has no gradient: it is "
                         "saturated.")),
        "c": Option(Text("增大到无穷。", "It grows to infinity."),
                    Text("趋于无穷的是 KL：它除以另一个分布的密度。JSD 比较的是两者与它们的平均，平均处处至少有一半。",
                         "That is the KL divergence, which divides by the other's density. The JSD compares both with "
                         "their average, which is everywhere at least half of each.")),
        "d": Option(Text("先增大，再减小。", "It grows and then shrinks."),
                    Text("移得更远从不会让两个样本更难分辨。",
                         "Moving further away never makes two samples harder to tell apart.")),
    },
    happens="b",
)
