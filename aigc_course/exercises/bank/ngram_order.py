"""Predict: longer contexts with add-one smoothing."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "我们在 1,600 首绝句上训练字符的 n-gram 模型，每个次数加 1 做平滑，再算 200 首留出的诗的困惑度（越低越好）。"
        "阶 n 从 1 加到 5，也就是上文从 0 个字加到 4 个字，留出的诗的困惑度会怎样变化？",
        "We train character n-gram models on 1,600 quatrains, smoothed by adding 1 to every count, and measure the "
        "perplexity of 200 held-out poems (lower is better). As the order n goes from 1 to 5, that is, the context "
        "from 0 to 4 characters, what happens to the perplexity of the held-out poems?"),
    options={
        "a": Option(
            Text("一直下降：看到的上文越长，预测越准。",
                 "It falls all the way: the longer the context, the better the prediction."),
            Text("训练用的诗确实越来越好预测。可是长的上文在新的诗里多半没有出现过，加 1 之后就接近乱猜。",
                 "The training poems do get easier. But in new poems most long contexts were never seen, and with 1 "
                 "added the prediction is close to blind guessing.")),
        "b": Option(
            Text("先降后升：2 阶最好，之后越来越差。",
                 "It falls, then rises: order 2 is best, and then it gets worse and worse."),
            Text("两个字的组合常常重复，四五个字的很少重复。加 1 平滑把大部分概率给了从未见过的字；"
                 "更好的办法是退回到较短的上文，这一课的 Kneser–Ney 就是这样做的。",
                 "Pairs of characters recur often, groups of four or five hardly ever. Adding 1 gives most of the "
                 "probability to characters never seen there; it is better to fall back on shorter contexts, as "
                 "Kneser–Ney does in this lesson.")),
        "c": Option(
            Text("一直上升：训练的诗太少，上文只会添乱。",
                 "It rises all the way: there are so few poems that context only confuses."),
            Text("一个字的上文非常有用：困惑度从约 200 降到约 66。",
                 "One character of context helps a lot: from about 200 to about 66.")),
        "d": Option(
            Text("变成无穷大：5 阶时总会遇到没见过的组合。",
                 "It becomes infinite: at order 5 some combination is always new."),
            Text("不平滑时是这样。加 1 之后没有概率是 0，困惑度总是有限的，只是很大。",
                 "Without smoothing, yes. With 1 added no probability is 0: the perplexity is finite, if large.")),
    },
    happens="b",
)
