"""Explain: why the saturating loss hardly moves the generator at first."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "训练刚开始，判别器很有把握地拒绝生成样本：logit l = −8，D = σ(l) ≈ 0.0003。"
        "用饱和损失 log(1 − D) 训练生成器时，它为什么几乎不动？",
        "Early in training the discriminator rejects generated samples with confidence: logit l = −8, "
        "D = σ(l) ≈ 0.0003. Why does the saturating loss log(1 − D) hardly move the generator?"),
    options={
        "a": Option(
            Text("因为损失的值 log(1 − D) ≈ 0，而值为零的损失没有梯度。",
                 "Because the loss log(1 − D) is about 0, and a loss of value zero has no gradient."),
            Text("梯度由斜率决定，与值无关：给损失加上 100，梯度不会改变。要看的是对 l 的导数。",
                 "A gradient is a slope and does not depend on the value: adding 100 to the loss changes "
                 "nothing. Look at the derivative with respect to l.")),
        "b": Option(
            Text("因为它对 l 的导数是 −σ(l)，在 l = −8 处约为 −0.0003；而 −log D 的导数是 σ(l) − 1，约为 "
                 "−1。",
                 "Because its derivative with respect to l is −σ(l), about −0.0003 at l = −8; that of −log "
                 "D is σ(l) − 1, about −1."),
            Text("两种损失把 l 推向同一个方向，但在生成器落后的地方，饱和损失的推力小了约三千倍。",
                 "Both push l the same way, but where the generator is behind, the saturating push is some "
                 "three thousand times weaker.")),
        "c": Option(
            Text("因为饱和损失的最优解不同：它不要求生成分布等于数据分布。",
                 "Because its optimum is another: it does not ask the generated distribution to equal the "
                 "data's."),
            Text("在同一个判别器面前，两种损失都在 D(G(z)) 最大时最小。不同的是途中的梯度，而不是要 "
                 "D(G(z)) 往哪里走。",
                 "Against one discriminator both are smallest where D(G(z)) is largest. What differs is "
                 "the gradient on the way, not where D(G(z)) is asked to go.")),
        "d": Option(
            Text("因为 log(1 − D) 的梯度太大，优化器把它裁剪掉了。",
                 "Because the gradient of log(1 − D) is so large that the optimiser clips it."),
            Text("恰好相反：在 l = −8 处梯度约为 0.0003。它变大（趋于 1）是在 D(G(z)) 接近 1 的时候。",
                 "The opposite: at l = −8 the gradient is about 0.0003. It grows, towards 1, where D(G(z)) "
                 "is near 1.")),
    },
    right="b",
    hints=(
        Text("把两种损失都写成 l 的函数，再求导。", "Write both losses as functions of l and differentiate."),
        Text("log(1 − σ(l)) = −softplus(l)，而 softplus 的导数是 σ。",
             "log(1 − σ(l)) = −softplus(l), and the derivative of softplus is σ."),
        Text("代入 l = −8：σ(−8) ≈ 0.000335。", "Put in l = −8: σ(−8) ≈ 0.000335."),
    ),
)
