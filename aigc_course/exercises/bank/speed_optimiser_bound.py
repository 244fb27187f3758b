"""Explain: which tricks help an optimiser step, which moves bytes and hardly computes."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一张卡的矩阵乘法在 bf16 下比 fp32 快 16 倍，内存带宽 2 TB/s。十亿参数的 AdamW 更新（全部状态是 fp32）"
        "怎样能明显变快？",
        "A card multiplies matrices 16 times as fast in bf16 as in fp32; its memory delivers 2 TB/s. What makes the "
        "AdamW "
        "update of a billion parameters, all states in fp32, much faster?"),
    options={
        "a": Option(Text("打开 bf16 的自动混合精度：快 16 倍。",
                         "Automatic mixed precision in bf16: 16 times as fast."),
                    Text("自动混合精度只管前向里的矩阵乘法；更新在它之外，也没有矩阵乘法。",
                         "Autocast is about the matrix products of the forward pass; the update is outside, and has "
                         "none.")),
        "b": Option(Text("合并的更新（`fused=True`）：每个数只读一次、写一次。",
                         "A fused update, which reads and writes every number once."),
                    Text("每个参数约十几次运算，却要搬 28 个字节：受带宽限制。分开的十来个核各搬一遍，"
                         "合并之后只搬一遍。",
                         "A dozen operations on 28 bytes for each parameter: bandwidth is the limit. A dozen separate "
                         "kernels move them many times, a fused one once.")),
        "c": Option(Text("把批量加倍。", "A batch twice as large."),
                    Text("更新的代价与批量无关：一步还是更新一次。它只是被摊到更多样本上。",
                         "An update costs the same for every batch; it is only shared by more examples.")),
        "d": Option(Text("打开 TF32。", "TF32."),
                    Text("TF32 也只用于矩阵乘法和卷积。", "TF32, too, is for matrix products and convolutions alone.")),
    },
    right="b",
    hints=(
        Text("AdamW 更新一个参数：几次乘加？读写几个数？",
             "AdamW and one parameter: how many multiplications, how many numbers read and written?"),
        Text("算术强度 = 运算数 ÷ 字节数。这里不到 1，屋顶图的哪一侧？",
             "Arithmetic intensity = operations ÷ bytes. Here it is below 1: on which side of the roofline?"),
        Text("受带宽限制的一步，只有少搬字节才会变快。", "What bandwidth limits gets faster only by moving fewer "
                                     "bytes."),
    ),
)
