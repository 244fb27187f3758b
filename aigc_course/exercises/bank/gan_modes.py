"""Predict: how many of the eight Gaussians a vanilla GAN finds."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text("八个高斯排成一圈。最简单的 GAN 用五个不同的随机种子各训练一次，结果会怎样？",
              "Eight Gaussians lie on a ring. The simplest GAN is trained once with each of five random "
              "seeds. What will happen?"),
    options={
        "a": Option(Text("每次都覆盖全部八个模式。", "All eight modes are covered each time."),
                    Text("最优的生成器确实会这样，但交替的梯度步骤未必走得到那里。",
                         "The optimal generator would, but alternating gradient steps need not get there.")),
        "b": Option(Text("至少有一次会漏掉一些模式。", "Some modes are missing at least once."),
                    Text("这就是模式坍塌：对生成器来说，把样本都送到当前判别器最相信的地方就够了，"
                         "没有一项损失要求它覆盖其余的模式。",
                         "This is mode collapse: it suffices for the generator to send samples where the "
                         "present discriminator is most credulous; no term of its loss asks it to cover "
                         "the rest.")),
        "c": Option(Text("每次都只得到一个点。", "It ends in a single point each time."),
                    Text("完全坍塌到一个点是可能的，但少见：判别器会学会拒绝那个点，样本随即移走。",
                         "A collapse to one point is possible but rare: the discriminator learns to reject "
                         "the point, and the samples move on.")),
    },
    happens="b",
)
