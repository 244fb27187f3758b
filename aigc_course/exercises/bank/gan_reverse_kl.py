"""Explain: why the divergence behind the non-saturating loss forgives missing modes."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "真实的分布由两个一样高、相距很远的峰组成；生成器完美地覆盖其中一个，完全漏掉另一个。"
        "KL(p_g‖p_data) 等于多少？",
        "The real distribution has two equally high peaks far apart. The generator covers one of them perfectly and "
        "misses the other altogether. What is KL(p_g‖p_data)?"),
    options={
        "a": Option(
            Text("无穷大：漏掉的峰里，p_data 除以 p_g 没有上界。",
                 "Infinite: in the missed peak p_data divided by p_g has no bound."),
            Text("那是另一个方向 KL(p_data‖p_g)，最大似然缩小的就是它，所以它不允许漏掉任何一个峰。",
                 "That is the other direction, KL(p_data‖p_g). Maximum likelihood reduces that one, and so it cannot "
                 "afford to miss a peak.")),
        "b": Option(
            Text("log 2 ≈ 0.69：期望取自 p_g，在它覆盖的峰里 p_g / p_data = 2；漏掉的峰不出现在期望里。",
                 "log 2 ≈ 0.69: the expectation is under p_g, where p_g / p_data = 2; the missed peak does not occur "
                 "in it."),
            Text("漏掉一半数据只需付 0.69 nat，而在没有数据的地方生成样本要付出很大的代价："
                 "所以缩小这个方向的 KL，宁可少覆盖，也不乱画。",
                 "Missing half of the data costs a mere 0.69 nats, while a sample where there is no data costs a lot. "
                 "So whoever reduces this direction rather covers less than draws nonsense.")),
        "c": Option(
            Text("0：被覆盖的峰里两个密度完全相同。", "0: in the covered peak the two densities are the same."),
            Text("形状相同，高度不同：p_g 的全部概率都在一个峰里，所以那里的 p_g 是 p_data 的两倍。",
                 "They have the same shape but not the same height: all of p_g is in one peak, so that there it is "
                 "twice p_data.")),
        "d": Option(
            Text("−log 2：p_data 在那里只有 p_g 的一半，对数是负的。",
                 "−log 2: there p_data is half of p_g, whose logarithm is negative."),
            Text("KL 从不为负。分子是期望所取的那个分布：log(p_g / p_data) = log 2。",
                 "A KL divergence is never negative. The numerator is the distribution of the expectation: "
                 "log(p_g / p_data) = log 2.")),
    },
    right="b",
    hints=(
        Text("写出定义：KL(p_g‖p_data) 是 log(p_g / p_data) 的期望。期望取自哪一个分布？",
             "Write down the definition: the expectation of log(p_g / p_data). Under which distribution?"),
        Text("样本取自 p_g 时，我们会看到漏掉的那个峰吗？", "Do samples of p_g ever fall into the missed peak?"),
        Text("在被覆盖的峰里，两个密度的比值是多少？每个分布的总概率都是 1。",
             "What is the ratio of the two densities in the covered peak? Each distribution has a total of 1."),
    ),
)
