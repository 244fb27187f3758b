"""Explain: a KL of almost nothing in every dimension."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个解码器很强的变分自编码器训练完后，20 个潜变量维度的 KL 都不到 0.01 nat（对数据取平均），"
        "重建的图像与输入无关。这说明什么，应当怎么办？",
        "A VAE with a powerful decoder has been trained. The KL of each of its 20 latent dimensions, "
        "averaged over the data, is below 0.01 nats, and the reconstructions have nothing to do with the "
        "input. What does this mean, and what should be done?"),
    options={
        "a": Option(
            Text("编码器完美地匹配了先验分布，这正是训练的目标：不用做任何事。",
                 "The encoder matches the prior perfectly, which is what training aims at: nothing need be "
                 "done."),
            Text("应当接近先验分布的是所有 q(z|x) 的平均，而不是每一个 q(z|x)。每一个都等于先验分布时，"
                 "z 里没有留下关于 x 的任何信息。",
                 "It is the average of all q(z|x) that should be close to the prior, not each one of them. "
                 "When each equals the prior, z says nothing about x.")),
        "b": Option(
            Text("潜变量的维数不够，信息放不下：把 20 维增加到 200 维。",
                 "There are too few latent dimensions for the information: go from 20 to 200."),
            Text("现有的 20 维几乎都是空的，并没有放满。新增的维度面对同样的损失，也会空着。",
                 "The 20 there are all but empty, not full. Further dimensions face the same loss and stay "
                 "empty too.")),
        "c": Option(
            Text("q(z|x) 对每个 x 都几乎等于先验分布，解码器不看 z。让 KL 的权重从 0 逐渐升到 1，"
                 "或者给每一维留出不受罚的 nat 数，或者换一个较弱的解码器。",
                 "q(z|x) is almost the prior for every x, and the decoder ignores z. Let the weight of the "
                 "KL rise gradually from 0 to 1, or leave each dimension some nats free of charge, or use a "
                 "weaker decoder."),
            Text("这就是后验坍塌。KL 的平均值是 z 与 x 的互信息的上界，它接近 0，z 就没有携带信息。"
                 "前两种办法叫作预热（warm-up）与自由比特（free bits），"
                 "使 z 携带信息在训练初期或少量时不受罚；较弱的解码器则离不开 z。",
                 "This is posterior collapse. The average KL is an upper bound on the mutual information of "
                 "z and x: near 0, z carries nothing. The first two remedies are called warm-up and free "
                 "bits: carrying information in z costs nothing at first, or for small amounts of it; a "
                 "weaker decoder cannot do without z.")),
        "d": Option(
            Text("编码器过拟合了：把 KL 的权重 β 调到 1 以上，加强正则化。",
                 "The encoder overfits: raise the weight β of the KL above 1 for more regularisation."),
            Text("恰好相反：KL 已经接近 0，更大的 β 只会让 z 携带信息变得更贵。",
                 "The opposite: the KL is near 0 already, and a larger β only makes it dearer for z to carry "
                 "information.")),
        "e": Option(
            Text("采样的噪声淹没了信号：训练时不采样，直接把均值交给解码器。",
                 "The noise of sampling drowns the signal: do not sample in training but hand the decoder "
                 "the mean."),
            Text("这样损失就不再是 −ELBO，解码器也从没见过带噪声的 z。"
                 "均值可以不受限制地把信息藏进极小的差别里，KL 不再度量 z 携带了多少。",
                 "Then the loss is no longer −ELBO, and the decoder never meets a z with noise. The mean can "
                 "hide any amount of information in tiny differences, so that the KL no longer measures what "
                 "z carries.")),
    },
    right="c",
    hints=(
        Text("KL(q(z|x) ‖ p(z)) 等于 0 时，q(z|x) 是什么？它还依赖 x 吗？",
             "If KL(q(z|x) ‖ p(z)) is 0, what is q(z|x)? Does it still depend on x?"),
        Text("如果 z 不含关于 x 的信息，解码器能做的最好的事是什么？重建为什么会与输入无关？",
             "If z holds nothing about x, what is the best the decoder can do? Why would the reconstruction "
             "not depend on the input?"),
        Text("对每个办法都问一句：它让 z 携带信息变得更便宜，还是更贵？",
             "Ask of every remedy: does it make it cheaper or dearer for z to carry information?"),
    ),
)
