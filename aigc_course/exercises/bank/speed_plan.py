"""Open: a model that is too large for the card."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "我们要在一张 24 GB 的卡上微调一个 15 亿参数的 GPT，序列长 2,048，有效批量 64。第一次运行就报内存不足。"
        "写出计划：先算什么、先量什么，按什么次序打开哪些办法，怎样证明结果没有被改坏？",
        "A GPT of 1.5 billion parameters is to be fine-tuned on one card of 24 GB, sequences of 2,048 tokens, an "
        "effective "
        "batch of 64. The first run is out of memory. Write a plan: what is worked out and what measured first, which "
        "tricks come in which order, and what proves that the result has not been harmed?"),
    rubric=(
        Text("先算：AdamW 的混合精度每个参数 16 字节，15 亿个就是 24 GB，还没有算激活：这样放不下。",
             "Arithmetic first: AdamW in mixed precision takes 16 bytes a parameter, 24 GB for 1.5 billion, before any "
             "activation: it does not fit."),
        Text("分清两类内存：与批量无关的（权重、梯度、优化器状态）和与批量成正比的（激活），两类的办法不同。",
             "Two kinds of memory: weights, gradients and optimiser states do not depend on the batch, activations do; "
             "each has tricks of its own."),
        Text("对激活：微批量 1 加梯度累积 64 次，梯度检查点，不存注意力矩阵的合并的核。",
             "For activations: micro-batches of 1 accumulated 64 times, gradient checkpointing, attention that does "
             "not "
             "store its matrix."),
        Text("对状态：只训练一小部分参数（LoRA 一类）、8 位的优化器状态、卸载到主机，或者换多张卡分片；"
             "各说出代价。",
             "For the states: train few parameters (such as LoRA), 8-bit optimiser states, offload to the host, or "
             "shard "
             "over several cards; with the price of each."),
        Text("一次只改一处，每改一处都量步时与峰值内存，记下数字；先看性能剖析再动手。",
             "One change at a time, with step time and peak memory written down for each; a profile before the first."),
        Text("证明：同一批数据、几步之内的损失与 fp32 对照；累积等于大批量；检查点前后梯度相同；"
             "验证集上的质量不降。",
             "Proof: the loss of a few steps on the same batches against fp32, accumulation equal to the large "
             "batch, the "
             "same gradients with checkpointing, and the quality on validation data."),
    ),
    hints=(
        Text("权重、梯度、两份动量，各几个字节？乘以 15 亿。",
             "Weights, gradients, two moments: how many bytes each? Times 1.5 billion."),
        Text("哪些内存随批量增长，哪些不？", "Which memory grows with the batch, and which does not?"),
        Text("每一步改动，写出“怎样知道它没有改坏结果”。",
             "For every change say how we know that it has not changed the result."),
    ),
)
