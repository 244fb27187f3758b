"""Predict: repeating the token before, with positions added before attention, after it, or not at all."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "三个一层的小网络学同一件事：在每个位置说出**前一个**词元，共 6 种词元。它们只有一处不同："
        "位置编码加在注意力之前（词嵌入上）、加在注意力的输出上，或者不加。训练之后，各自答对多少？",
        "Three small nets of one layer learn the same thing: at every position, say the token **before**, of 6 kinds. "
        "They differ in one thing: positions are added before attention (to the embeddings), to attention's output, "
        "or not at all. How often will each be right?"),
    options={
        "a": Option(
            Text("三个都接近 100%：注意力看得到所有词元，自然知道前一个是谁。",
                 "Nearly always, all three: attention sees every token, so it knows which came before."),
            Text("它看得到所有词元，却是作为一个集合：没有位置，“前一个”无从说起。",
                 "It sees them all, but as a set: without positions there is no “before”.")),
        "b": Option(
            Text("前两个接近 100%，不加的那个只比乱猜好一点：加在哪里都一样，反正网络都看得到位置。",
                 "The first two nearly always, the one without hardly better than chance: it does not matter where "
                 "positions are added, since the net sees them either way."),
            Text("加在后面，网络确实知道自己在第几个位置，但决定看谁的是注意力，而注意力已经看完了。",
                 "Added afterwards, the net does know its own place; but it is attention that decides where to look, "
                 "and attention has looked already.")),
        "c": Option(
            Text("只有加在注意力之前的那个接近 100%；另两个差不多，都只比乱猜好一点。",
                 "Only the one with positions before attention; the other two are about the same, hardly better than "
                 "chance."),
            Text("打分的时候要用位置，所以它必须在注意力之前就在那里。",
                 "Positions are needed when scores are made, so they must be there before attention.")),
        "d": Option(
            Text("三个都只会乱猜：一层太浅。", "Chance, all three: one layer is too shallow."),
            Text("一层就够：查询由自己的位置算出，去找位置小 1 的键。",
                 "One layer is enough: a query made from its own place looks for the key whose place is one less.")),
    },
    happens="c",
)
