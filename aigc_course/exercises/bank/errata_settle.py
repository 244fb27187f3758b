"""Open: settle a contradiction between two sources."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "两份资料互相矛盾，例如一份说“学习率越小越好”，一份说“越大越快”。说明你怎样裁决，怎样写进自己的文章。",
        "Two sources contradict each other; one says “the smaller the learning rate the better”, the other “the "
        "larger the "
        "faster”. Say how you would settle it and what you would write."),
    rubric=(
        Text("先看两句话说的是不是同一件事：条件、任务、量的单位。",
             "First see whether both speak of the same thing: conditions, task, units."),
        Text("写出两句话各自预言的结果，找一个结果不同的实验。",
             "Write down what each predicts, and find an experiment on which they differ."),
        Text("几个随机种子，同样的计算量，选择用验证数据。",
             "Several seeds, equal computation, and choices made on validation data."),
        Text("查原始文献，不用第三份转述来裁决。", "Go to the primary sources, not to a third account."),
        Text("写下一种说法，并说明它在什么条件下成立。", "Write one version, and the conditions under which it holds."),
    ),
    hints=(
        Text("两句话也可能都对：在不同的条件下。", "Both may be right, under different conditions."),
        Text("找出一个它们预言不同的量。", "Find a quantity about which they predict different things."),
        Text("你写下的那句话，别人怎样才能反驳？", "How could somebody refute what you write?"),
    ),
)
