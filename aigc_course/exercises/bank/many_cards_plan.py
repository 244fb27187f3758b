"""Open: how to train a net that fits on no single card, on the cards there are."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "实验室有两台机器，各 8 张 80 GB 的卡，机器之间是 100 Gb/s 的网络。要训练一个 70 亿参数的 GPT。"
        "写一份方案：用哪个分片阶段，每卡多少词元，先测什么，出了什么情况就改主意？",
        "A laboratory has two machines of 8 cards with 80 GB each, and a network of 100 Gb/s between them. A GPT of 7 "
        "billion parameters is to be trained. Write a plan: which stage of sharding, how many tokens per card, what to "
        "measure first, and what would make you change your mind?"),
    rubric=(
        Text("算了状态：16 字节 × 70 亿 = 112 GB，一张卡放不下；16 张卡上第 1 到 3 阶段各是多少，还给激活留了多少。",
             "The state: 16 bytes × 7 billion = 112 GB, too much for a card; what the stages 1 to 3 come to on 16 "
             "cards, and what is left for activations."),
        Text("算了通信：每步的字节数、机器之间的时间，与计算时间相比能不能藏住；第 3 阶段多一半字节值不值。",
             "The communication: bytes per step, time between the machines, whether computing hides it, and whether "
             "half as many bytes again are worth stage 3."),
        Text("说了每卡词元数与梯度累积、激活检查点怎样互换，以及整批有多大、学习率怎样跟着变。",
             "How tokens per card, accumulation and activation checkpointing trade for one another, how large the "
             "whole batch is, and what becomes of the learning rate."),
        Text("先测一张卡、再一台机器、再两台：每次报告步时、效率与峰值内存；对照一个进程核对损失。",
             "One card is measured first, then a machine, then two: step time, efficiency and peak memory each time, "
             "and losses compared with those of one process."),
        Text("想到了会坏什么：进程被杀后从检查点继续，数据不重不漏，权重不漂移，谁来写文件。",
             "What can go wrong: going on from a checkpoint after a killed process, data neither repeated nor lost, "
             "weights that do not drift, and who writes files."),
    ),
    hints=(
        Text("先算内存：状态放得下吗？", "Memory first: does the state fit?"),
        Text("再算时间：把滑块拨到 16 张卡、7 B、100 Gb/s。",
             "Then time: set the sliders to 16 cards, 7 B, 100 Gb/s."),
        Text("最后想：这个算术里哪个数最不可靠？先测那一个。",
             "Then ask which number of this arithmetic is the least reliable, and measure that one first."),
    ),
)
