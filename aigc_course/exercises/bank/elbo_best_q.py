"""Predict: which guess about the box makes the bound highest."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text("甲箱九成红球，乙箱两成；摸到一个红球。我们猜它来自甲箱的概率是 q，界是 E_q log p(x, z) − E_q log q(z)。"
              "q 取多少时界最高？",
              "Box A holds nine red balls in ten, box B two in ten; a red ball was drawn. We guess that it came from "
              "box A with probability q, and the bound is E_q log p(x, z) − E_q log q(z). Which q makes it highest?"),
    options={
        "a": Option(Text("1/2：先验，与 KL 项的中心一致。", "1/2: the prior, the centre of the KL term."),
                    Text("这样 KL 项是 0，重建项却要为乙箱付出太多：红球从乙箱里很难摸到。",
                         "That makes the KL term 0, but the reconstruction pays too much for box B, where red balls "
                         "are rare.")),
        "b": Option(Text("9/11 ≈ 0.82：后验。", "9/11 ≈ 0.82: the posterior."),
                    Text("界与 log p(x) 的差距是 q 与后验之间的 KL，只有 q 等于后验时才是零。",
                         "The gap below log p(x) is the KL between q and the posterior, zero only where the two are "
                         "equal.")),
        "c": Option(Text("1：甲箱更可能，就该全押甲箱。", "1: box A is more likely, so stake everything on it."),
                    Text("这样重建项最小，但 KL 项（没有熵了）付出 log 2，超过重建省下的。",
                         "That makes the reconstruction smallest, but the KL term, with no entropy left, costs log 2, "
                         "more than the reconstruction saves.")),
        "d": Option(Text("0.9：红球在甲箱里的比例。", "0.9: the share of red balls in box A."),
                    Text("那是似然 p(x|z)，不是后验；还要用乙箱的可能性来归一。",
                         "That is the likelihood p(x|z) and not the posterior, which is normalised with box B as "
                         "well.")),
    },
    happens="b",
)
