"""Open: the optimal discriminator when real samples are shown twice as often."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "判别器的每一批里，真样本的个数是假样本的两倍，损失对所有样本取平均。"
        "推导这时的最优判别器，以及代回去之后的值；生成器的最优解变了吗？用一个离散的例子核对。",
        "Each batch of the discriminator holds twice as many real samples as fakes, and its loss is averaged over all "
        "of them. Derive the optimal discriminator and the value that it attains. Has the generator's optimum changed? "
        "Check it on a discrete example."),
    rubric=(
        Text("逐个样本求导：2/3 · p / d = 1/3 · q / (1 − d)，得 D* = 2p / (2p + q)。",
             "Differentiate per sample: 2/3 · p / d = 1/3 · q / (1 − d), hence D* = 2p / (2p + q)."),
        Text("指出它仍是贝叶斯公式，只是先验从 1:1 变成了 2:1；logit 多出一个常数 log 2。",
             "It is still Bayes' rule, with a prior of 2:1 instead of 1:1; the logit gains the constant log 2."),
        Text("代回去得到加权的 JSD 减去 2:1 的熵：2/3 · KL(p‖m) + 1/3 · KL(q‖m) − H(2/3)，m = 2/3 · p + 1/3 · q。",
             "Put back, it is a weighted JSD minus the entropy of 2:1: 2/3 · KL(p‖m) + 1/3 · KL(q‖m) − H(2/3), where "
             "m = 2/3 · p + 1/3 · q."),
        Text("最优解仍是 p_g = p_data；但那里 D* = 2/3 而不是 1/2，值是 −H(2/3) ≈ −0.637。",
             "The optimum is still p_g = p_data, but there D* = 2/3, not 1/2, and the value is −H(2/3) ≈ −0.637."),
        Text("给出数值核对：例如对许多随机的判别器，没有一个的值更大；或者在 p = q 处确认 −0.637。",
             "A numerical check: for instance that no random discriminator does better, or that p = q gives −0.637."),
    ),
    hints=(
        Text("把 V 写成每个样本的和，给两项各乘上它在批里的比例。",
             "Write V as a sum over samples and weigh its two parts with their shares of the batch."),
        Text("硬币的例子里，把 750 : 250 换成 1500 : 500，再数一遍。",
             "In the example of the coins, make it 1500 : 500 instead of 750 : 250 and count again."),
        Text("熵 H(2/3) = −2/3 · log(2/3) − 1/3 · log(1/3)。",
             "The entropy is H(2/3) = −2/3 · log(2/3) − 1/3 · log(1/3)."),
    ),
)
