"""Open: what a sixteen times longer context costs."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一个宽 4,096、32 层、32 个头的 GPT，上下文要从 2,048 个词元加到 32,768 个。运算、训练时的内存、生成时的内存"
        "各变成多少倍？哪些改动能省，省的是什么？先算，再说要测量什么来确认。",
        "A GPT of width 4,096 with 32 layers and 32 heads is to read 32,768 tokens instead of 2,048. By which factors "
        "do operations, memory in training and memory in generation grow? Which changes save something, and what "
        "exactly? Calculate first, then say what you would measure to confirm it."),
    rubric=(
        Text("每层的运算 24TC² + 4T²C：T = 2,048 时注意力只占 8%，T = 32,768 时占 57%；总量约为 34 倍，不是 256 倍。",
             "Operations of a layer, 24TC² + 4T²C: attention is 8% of them at T = 2,048 and 57% at 32,768; in all "
             "about 34 times as many, not 256 (a causal kernel halves the second term)."),
        Text("权重矩阵每层每头 T² 个数：照公式存下来要 256 倍；融合内核不存，只剩与 T 成正比的部分，16 倍。",
             "The weights are T² numbers per layer and head: 256 times as much where they are kept; a fused kernel "
             "does not keep them, which leaves the part proportional to T, 16 times."),
        Text("生成时的键值缓存 2·层数·T·C 个数：16 倍；给出它的字节数（每个数 16 位时约 17 GB）。",
             "The cache of keys and values in generation, 2 · layers · T · C numbers: 16 times; with its bytes (about "
             "17 GB in 16 bits)."),
        Text("每种改动省什么：融合内核省内存不省运算；滑动窗口省运算但看不远；分组的键值头省缓存。",
             "What each change saves: a fused kernel memory, not operations; a sliding window operations, at the price "
             "of sight; shared key and value heads the cache."),
        Text("要测量：数运算与存下的数，量实际的峰值内存与时间；并检查模型在长上下文上是否真的有用。",
             "To be measured: operations and kept numbers, actual peak memory and time, and whether the model makes "
             "any use of the longer context."),
    ),
    hints=(
        Text("把一层的运算写成 T 的二次式，两项在 T = 6C 处相等。",
             "Write a layer's operations as a quadratic in T; the two terms are equal at T = 6C."),
        Text("分开算：必须算的，必须存的，生成每个词元时必须读的。",
             "Keep apart what must be computed, what must be kept, and what must be read for every new token."),
        Text("哪些量随 T² 增长，哪些随 T 增长？", "Which of them grow with T², and which with T?"),
    ),
)
