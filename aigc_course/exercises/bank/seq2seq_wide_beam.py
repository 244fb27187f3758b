"""Open: a wider beam finds likelier translations, and worse ones."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "我们把翻译模型的束宽从 5 加到 100，找到的译文 log p 更高，BLEU 却下降了，译文也变短了。"
        "解释这是怎么回事，并写出我们会做哪些测量来证实，以及怎样改。",
        "We widen a translator's beam from 5 to 100. The translations found have a higher log p, but BLEU falls and "
        "they get shorter. Explain, say which measurements would confirm it, and what to change."),
    rubric=(
        Text("log p 是各词元 log p 之和，每多一个词元只会更低，所以不做长度归一化时，短的假设占便宜；"
             "束越宽，越容易保留早早结束的假设。",
             "log p is a sum over tokens, and each further one can only lower it, so without length normalisation "
             "short hypotheses are favoured; the wider the beam, the more it keeps those that end early."),
        Text("指出搜索变好而结果变差，说明问题在模型的分布（或评分），不在搜索。",
             "Better search with worse results puts the blame on the model's distribution (or the score), not on the "
             "search."),
        Text("测量：输出与参考长度之比随束宽的变化，以及 BLEU 的简短惩罚与各阶精确率分别是多少。",
             "Measure the ratio of output to reference length against the beam, and BLEU's brevity penalty apart from "
             "its precisions."),
        Text("测量：模型给参考译文的 log p 与找到的译文相比；找到的更高就是模型的错，更低就是搜索的错。",
             "Measure log p of the reference against that of what was found: if the latter is higher the model is to "
             "blame, otherwise the search."),
        Text("改法：除以长度的 α 次方，α 与束宽在验证集而不是测试集上选；或者就用小的束。",
             "Change: divide by length to the power of α, choosing α and the beam on a validation set, not the test "
             "set; or simply use a small beam."),
    ),
    hints=(
        Text("没有归一化时，哪一个更高：一个词元的 log p，还是它再加上一个词元？",
             "Without normalisation, which is higher: log p of one token, or of it and another?"),
        Text("如果搜索变好反而更差，最优解本身是什么样的？",
             "If better search is worse, what does the optimum look like?"),
        Text("BLEU 由两部分组成：精确率与对过短译文的惩罚。分开看。",
             "BLEU has two parts, precisions and a penalty for brevity. Look at them apart."),
    ),
)
