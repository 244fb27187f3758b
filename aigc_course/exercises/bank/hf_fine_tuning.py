"""Open: was the fine-tuning worth it?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "你把一个通用的中文模型在 2,000 首自己收集的诗上微调了一遍，样本看上去“好多了”。"
        "设计一次评价，让一个怀疑的同事也能接受（或者推翻）“微调有用”这个结论。",
        "You have fine-tuned a general Chinese model on 2,000 poems of your own, and the samples look much better. "
        "Design an evaluation that would let a sceptical colleague accept, or overturn, the claim that it helped."),
    rubric=(
        Text("留出没有参加训练的诗（没有相同的诗句），在动手之前定好用什么量、什么差别算有用。",
             "Poems held out of training (sharing no lines), with the measure and the difference that counts fixed "
             "beforehand."),
        Text("微调前后用同样的提示、同样的生成设置，多个随机种子，报告均值与散布。",
             "The same prompts and generation settings before and after, several seeds, mean and spread."),
        Text("合适的对照：只靠提示（给几首例诗）、从头训练同样多步、更小的学习率或更少的数据。",
             "Fitting comparisons: prompting with a few poems, training from scratch for as many steps, a smaller rate "
             "or less data."),
        Text("代价：在原来的任务上损失上升了多少（遗忘），照抄训练诗的最长片段有多长。",
             "The price: how much the loss rose on the original task (forgetting), and the longest copy of a training "
             "poem."),
        Text("请人盲评：不知道哪一首来自哪个模型，至少两位评者，报告一致程度。",
             "Blind judgement by people who do not know which model wrote what, at least two of them, and their "
             "agreement."),
    ),
    hints=(
        Text("“好多了”是谁看的、看了几首、知道哪首是谁写的吗？",
             "Better in whose eyes, of how many poems, and did they know who wrote which?"),
        Text("微调会让什么变差？怎样量？", "What can fine-tuning make worse, and how would you measure it?"),
        Text("列出三类：数据的划分、对照组、代价。",
             "List three things: the split of the data, the comparisons, the price."),
    ),
)
