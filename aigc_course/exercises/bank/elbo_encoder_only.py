"""Explain: what a better encoder does to the likelihood."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个训练好的 VAE，冻结解码器，只继续训练编码器。留出数据上的 ELBO 从 −100 nat 升到 −97 nat。log p(x) "
        "怎样变化？",
        "The decoder of a trained VAE is frozen and only its encoder is trained further. On held-out data the ELBO "
        "rises from −100 to −97 nats. What happens to log p(x)?"),
    options={
        "a": Option(
            Text("也上升 3 nat：ELBO 是它的下界，下界升了，它也升。",
                 "It rises by 3 nats as well: the ELBO is its lower bound, and where the bound rises it must rise."),
            Text("下界升高并不推着上面的量升高：两者之间有差距，缩小的可能只是差距。",
                 "A rising lower bound does not push up what is above it: there is a gap between them, and it may be "
                 "the gap that shrinks.")),
        "b": Option(
            Text("不变：p(x) 只由先验与解码器决定，是 q 与后验之间的 KL 缩小了 3 nat。",
                 "Nothing: p(x) depends on the prior and the decoder only; the KL between q and the posterior shrank "
                 "by 3 nats."),
            Text("log p(x) = ELBO + KL(q‖p(z|x))：左边没有编码器，所以右边一升一降，和不变。",
                 "log p(x) = ELBO + KL(q‖p(z|x)): there is no encoder on the left, so one term on the right rises as "
                 "the other falls.")),
        "c": Option(
            Text("下降：KL 项变小，说明潜变量里的信息少了。",
                 "It falls: a smaller KL term means less information in the latent variables."),
            Text("变小的是 q 与**后验**之间的 KL，不是损失里 q 与先验之间的 KL；而 log p(x) 与编码器无关。",
                 "It is the KL between q and the **posterior** that shrank, not the one between q and the prior in the "
                 "loss; and log p(x) does not depend on the encoder.")),
        "d": Option(
            Text("无法知道：log p(x) 算不出来。", "It cannot be known: log p(x) cannot be computed."),
            Text("数值算不出来，变化却知道：p(x) = ∫ p(x|z) p(z) dz 里没有编码器，解码器又没有动。",
                 "Its value cannot be computed, but its change is known: no encoder occurs in p(x) = ∫ p(x|z) p(z) dz, "
                 "and the decoder did not move.")),
    },
    right="b",
    hints=(
        Text("写出 p(x) 的定义：里面有哪些网络？", "Write down the definition of p(x): which nets occur in it?"),
        Text("恒等式 log p(x) = ELBO + KL(q‖p(z|x)) 的三项里，哪些与编码器有关？",
             "Which of the three parts of log p(x) = ELBO + KL(q‖p(z|x)) depend on the encoder?"),
        Text("左边不变时，右边一项升了 3 nat，另一项只能怎样？",
             "If the left stands still and one part on the right rises by 3 nats, what can the other do?"),
    ),
)
