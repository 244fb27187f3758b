"""Open: why variational inference uses KL(q || p) and not the other direction."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "ELBO 的差距是 KL(q‖p(z|x))。为什么不去缩小另一个方向的 KL(p(z|x)‖q)？两种做法学到的 q 有什么不同？"
        "设计一个能算出来的小例子，让不同之处看得见。",
        "The gap of the ELBO is KL(q‖p(z|x)). Why do we not reduce the other direction, KL(p(z|x)‖q)? How would the q "
        "that each of them learns differ? Design a small example, one that can be computed, that shows the "
        "difference."),
    rubric=(
        Text("期望取自谁：KL(q‖p) 的期望取自 q，可以抽样；另一个方向要从真正的后验抽样，那正是我们没有的。",
             "Under whom: the expectation of KL(q‖p) is under q, which can be sampled; the other needs samples of the "
             "true posterior, and those are what we do not have."),
        Text("未知的常数：KL(q‖p(z|x)) 里的 log p(x) 与 q 无关，可以略去，于是只剩 ELBO。",
             "The unknown constant: log p(x) in KL(q‖p(z|x)) does not depend on q and drops out, which leaves the "
             "ELBO."),
        Text("学到的 q 不同：KL(q‖p) 避开后验小的地方，宁可守住一个峰、方差偏小；另一个方向要覆盖全部，方差偏大。",
             "The q differ: KL(q‖p) avoids places where the posterior is small, keeps to one peak and is too narrow; "
             "the other covers everything and is too wide."),
        Text("例子要能算：例如双峰的后验与一个高斯 q，或相关的高斯与各维独立的 q（方差 1/Λ 对 Σ），"
             "给出两个方向的最优 q。",
             "An example that can be computed, such as a posterior with two peaks and a Gaussian q, or a correlated "
             "Gaussian and an independent q (variances 1/Λ against Σ), with the best q of each direction."),
        Text("提到折中的办法，例如重要性加权的界、wake-sleep，或更丰富的 q。",
             "A way between, such as the importance-weighted bound, wake–sleep, or a richer q."),
    ),
    hints=(
        Text("把两个方向都写成期望：各需要从哪个分布抽样？",
             "Write both directions as expectations: which distribution must each of them sample from?"),
        Text("q 在后验为零的地方有概率，代价是多少？后验在 q 为零的地方有概率呢？",
             "What does it cost if q has probability where the posterior has none? And the other way round?"),
        Text("在格点上画一个双峰的密度，用数值方法各求一个最好的高斯。",
             "Draw a density with two peaks on a grid and find the best Gaussian for each direction numerically."),
    ),
)
