"""Open: new handwriting, or the training set again?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "生成的手写数字看起来很好。怎样判断生成器是学会了写字，而不是记住了训练图像？"
        "设计一个实验，并说明什么结果会推翻我们的结论。",
        "The generated digits look good. How can we tell whether the generator learned to write or "
        "memorised the training images? Design an experiment, and say which result would overturn your "
        "conclusion."),
    rubric=(
        Text("为每个生成样本找出训练集中的最近邻，并把两者并排展示。",
             "For each generated sample its nearest neighbour in the training set, shown side by side."),
        Text("给出基线：真实的测试图像到训练集的最近邻距离。只有与它比较，生成样本的距离才有意义。",
             "A floor: the nearest-neighbour distance of real test images to the training set; without it "
             "the samples' distances mean nothing."),
        Text("说明距离在哪个空间里计算：平移一个像素就会改变像素距离，分类器的特征空间更合适。",
             "The space in which distance is measured: a shift of one pixel changes pixel distance, so the "
             "feature space of a classifier serves better."),
        Text("检查潜空间的插值：记忆会表现为在两幅训练图像之间突然跳变。",
             "Latent interpolation: memory shows as jumps from one training image to another."),
        Text("写出可以推翻结论的结果，例如大部分样本比真实测试图像更接近训练集。",
             "A result that would overturn the conclusion, such as most samples lying closer to the "
             "training set than real test images do."),
    ),
    hints=(
        Text("如果样本是抄来的，它与训练集里的什么东西很近？", "If a sample is a copy, what in the "
                                                               "training set is it close to?"),
        Text("多近算太近？找一组肯定没有被记住的真实图像来比较。",
             "How close is too close? Compare with real images that cannot have been memorised."),
        Text("再想想两个样本之间的路径上会看到什么。", "Think, too, of what the path between two samples "
                                                       "would show."),
    ),
)
