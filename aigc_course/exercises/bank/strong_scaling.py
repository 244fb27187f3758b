"""Explain: why a fixed batch on more and more cards stops getting faster."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一批固定是 1,024 条序列。从 16 张卡（每卡 64 条）增加到 1,024 张卡（每卡 1 条），网络不变，"
        "一步的时间起先与卡数成反比，后来几乎不再下降。为什么？",
        "A batch is 1,024 sequences, always. From 16 cards (64 sequences each) to 1,024 (one each), on the same "
        "network, the time of a step first falls as one over the number of cards, and then hardly at all. Why?"),
    options={
        "a": Option(
            Text("梯度随卡数变大，所以通信越来越慢。",
                 "The gradient grows with the number of cards, so that it takes longer and longer to send."),
            Text("梯度的大小由参数个数决定，与卡数无关；每张卡送出的也一直不到它的两倍。",
                 "A gradient is as large as the net has parameters, however many cards there are, and each card sends "
                 "less than twice that.")),
        "b": Option(
            Text("每张卡的计算量降到 1/64，要送的字节却几乎不变：通信不再藏得进反向传播。",
                 "Each card has 1/64 of the computing to do but as many bytes to send: communication no longer hides "
                 "in the backward pass."),
            Text("每步时间的下限是通信时间，约 2βS + 延迟，与批量无关。要继续变快，就得换更快的网络、更少的字节，"
                 "或者每卡多一点活。",
                 "A step cannot be shorter than its communication, about 2βS and latencies, whatever the batch. More "
                 "speed takes a faster network, fewer bytes, or more work for each card.")),
        "c": Option(
            Text("批量太小，梯度的噪声使训练变慢。",
                 "The batch is too small, and noisy gradients slow the training down."),
            Text("整批仍是 1,024 条，梯度与 16 张卡时相同；题目问的是一步的时间，不是要多少步。",
                 "The whole batch is still 1,024 sequences and its gradient the same as on 16 cards; the question is "
                 "how long a step takes, not how many there are.")),
        "d": Option(
            Text("Python 进程太多，0 号进程忙不过来。",
                 "There are too many Python processes for process 0 to look after."),
            Text("环里没有中心：每张卡只与邻居通信，0 号只多写一份日志。",
                 "A ring has no centre: every card talks to its neighbours, and process 0 merely writes the log.")),
    },
    right="b",
    hints=(
        Text("分别写出一步里“计算”与“通信”的时间，各含不含每卡的序列数？",
             "Write down the time for computing and for communication: which contains the sequences per card?"),
        Text("计算 6Ψ·词元数/速度；通信约 2βS。", "Computing takes 6Ψ · tokens / speed, communication about 2βS."),
        Text("一个随卡数下降，一个不变：总有交叉的一点。",
             "One falls with the number of cards, one stays: they must cross."),
    ),
)
