"""Predict: what a net with frozen weights does with a task that it has never seen."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个小 GPT 在近两万个随机的“字母对字母”任务上训练过，每个序列一个任务。现在冻结全部权重，"
        "给它一个从没见过的任务："
        "先看 k 个例子，再回答一个问题，共有 8 种可能的答案。k 从 0 增加到 16，正确率会怎样？",
        "A small GPT was trained on thousands of random letter-to-letter tasks, one for each sequence. Now all "
        "weights are "
        "frozen, and it gets a task that it has never seen: k examples, then a question with 8 possible answers. "
        "What "
        "happens to its accuracy as k goes from 0 to 16?"),
    options={
        "a": Option(Text("始终约为 1/8：权重不变，就什么也学不到。",
                         "It stays near 1/8: without a change of weights nothing can be learnt."),
                    Text("权重没有变，但输入变了：例子就在上下文里，注意力可以去看它们。",
                         "The weights stay, but the input changes: the examples are in the context, where "
                         "attention can "
                         "look at them.")),
        "b": Option(Text("从约 1/8 开始，随 k 上升。", "It begins near 1/8 and rises with k."),
                    Text("训练教给它的不是某一个任务，而是怎样使用例子。这就是情境学习。",
                         "What training taught it is no single task but how to use examples: in-context learning.")),
        "c": Option(Text("k = 0 时就很高，因为它练过近两万个任务。",
                         "It is high even at k = 0, after thousands of tasks."),
                    Text("没有例子时，所有任务都同样可能，谁也无从知道答案。",
                         "Without an example all tasks are equally likely, and nobody can know the answer.")),
    },
    happens="b",
)
