"""Open: which kind of layer for which kind of sequence."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "三件事：给一秒 16 kHz 的声音去噪；续写二十几个字的诗；在十万字的小说里回答“第一章里那封信是谁写的”。"
        "循环、膨胀卷积、自注意力，各选哪一种？用路径的长度、运算与内存说明理由，再说怎样检验自己的选择。",
        "Three tasks: remove noise from one second of sound at 16 kHz; continue a poem of some twenty characters; "
        "answer who wrote the letter of chapter one in a novel of a hundred thousand characters. Recurrence, dilated "
        "convolution or self-attention: which for which? Argue with path lengths, operations and memory, and say how "
        "you would test your choice."),
    rubric=(
        Text("每件事都说出依赖有多远，并与路径长度相比：梯度要走几步。",
             "For each task the reach of its dependencies, against the path length: the steps a gradient has to go."),
        Text("算出运算与内存：T = 16,000 或 100,000 时 T² 是多少；诗的 T 很小，哪一种都行。",
             "Operations and memory in numbers: T² at T = 16,000 or 100,000; for the poem T is small and any will do."),
        Text("流式或逐个生成时的代价：循环的状态大小固定，注意力的缓存随 T 增长，卷积只需感受野那么长。",
             "The cost when streaming or generating: a recurrent state of fixed size, a cache that grows with T, a "
             "convolution that needs its receptive field only."),
        Text("不把“能传到”当作“能学到”：谱半径、遗忘门的初值、位置编码、训练的长度都有影响。",
             "What can reach is not yet learnt: spectral radius, initial forget gates, positions and the length in "
             "training all matter."),
        Text("检验：同样的 CPU 时间与数据，改变依赖的距离，画出正确率随距离的曲线，多个随机种子。",
             "The test: equal CPU time and data, accuracy against the distance of the dependency, several seeds."),
    ),
    hints=(
        Text("先问：答案最远依赖多少步以前？", "Ask first: how many steps back does the answer depend on?"),
        Text("把那张“走几步”的表填上具体的 T。", "Fill the table of path lengths with the actual T."),
        Text("还要考虑数据量：有没有足够的例子让它学会看那么远？",
             "Consider the data, too: are there examples enough to learn to look that far?"),
    ),
)
