"""Open: the losses stand still; is the game over?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "判别器与生成器的损失都不再变化了。训练完成了吗？说明我们会看什么、测什么，才能回答这个问题。",
        "The losses of discriminator and generator no longer change. Is training done? Say what you would "
        "look at and measure in order to answer."),
    rubric=(
        Text("说明损失是相对于对手的：损失不变可能是均衡，可能是双方一起变强，也可能是模式坍塌。",
             "A loss is relative to the opponent: a constant one may mean balance, both improving "
             "together, or mode collapse."),
        Text("提到均衡的标志：D 在真实样本与生成样本上都接近 1/2，判别器损失接近 2 log 2 ≈ 1.386。",
             "The sign of balance: D is near 1/2 on real and generated samples, the discriminator's loss "
             "near 2 log 2 ≈ 1.386."),
        Text("指出这个标志不充分：能力太弱的判别器也会给出 1/2。",
             "Why that sign is not sufficient: a discriminator that is too weak says 1/2 as well."),
        Text("至少提出一个不依赖这个判别器的度量，例如覆盖的模式数或高质量样本的比例，"
             "并与真实数据之间的基线比较。",
             "At least one measure that does not depend on this discriminator, such as modes covered or "
             "the share of high-quality samples, compared with real data against real data."),
        Text("在多个时刻、用多个随机种子观察样本，以发现循环与坍塌。",
             "Samples at several moments and from several seeds, to notice cycling and collapse."),
    ),
    hints=(
        Text("如果对手换了一个更弱的，同样的损失还意味着同样的质量吗？",
             "If the opponent were a weaker one, would the same loss mean the same quality?"),
        Text("八个高斯中只覆盖了三个时，损失会是什么样？",
             "What would the losses look like with three of eight Gaussians covered?"),
        Text("列出两种量：依赖判别器的，和不依赖它的。",
             "List two sorts of quantity: those that depend on the discriminator, and those that do not."),
    ),
)
