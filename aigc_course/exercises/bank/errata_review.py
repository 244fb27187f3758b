"""Open: how to review a training script that somebody else wrote."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "别人交给你一份没有见过的 GAN 训练脚本，运行不报错。列出你要做的检查，说明每一项能发现什么。",
        "You are handed a GAN training script that you have never seen, and it runs without errors. List the checks "
        "that "
        "you would make, and what each would find."),
    rubric=(
        Text("训练前后比较两个网络的权重：没有更新的一方会露出来。",
             "Compare the weights of both nets before and after: the one that never moves is found out."),
        Text("单独走一步，检查另一方的权重没有变。", "Take one step of one net and see that the other has not moved."),
        Text("断言数据与生成器输出的范围相同，显示时固定范围。",
             "Assert that data and generator share a range, and fix the range when showing."),
        Text("用与判别器无关的度量比较样本，附上真实数据之间的基线与未训练时的值。",
             "Compare samples by a measure that does not depend on D, with real against real and untrained as "
             "baselines."),
        Text("固定种子，并换几个种子重复；写明库的版本。", "Fix the seed, repeat with others, and state the versions."),
    ),
    hints=(
        Text("先想：哪些错误不会报错？", "Begin with this: which faults raise no error?"),
        Text("权重、梯度、范围、度量、种子，各想一项。",
             "One check each for weights, gradients, ranges, measures, seeds."),
        Text("每一项都要说明：如果没有错，会看到什么。", "For each, say what you would see if all were well."),
    ),
)
