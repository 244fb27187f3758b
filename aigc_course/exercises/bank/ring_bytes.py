"""Predict: what each card sends when a ring of a thousand cards adds up a gradient."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "每张卡上有一份 1 GB 的梯度，要让每张卡都得到它们的和。卡排成一个环，只与邻居通信。"
        "卡从 8 张增加到 1,024 张，每张卡要送出的字节数怎样变化？",
        "Every card holds a gradient of 1 GB, and every card shall have the sum of them all. The cards stand in a ring "
        "and talk to their neighbours only. From 8 cards to 1,024, how does the number of bytes that each card sends "
        "change?"),
    options={
        "a": Option(Text("增加到 128 倍：卡多了 128 倍。", "It grows 128-fold, as the number of cards does."),
                    Text("把整份梯度沿环传一圈才会这样。把它切成 n 块，每次只传一块，就不必。",
                         "So it would if whole gradients went round the ring. Cut into n chunks, one of which travels "
                         "at a time, they need not.")),
        "b": Option(Text("几乎不变：从 1.75 GB 到不足 2 GB。", "Hardly: from 1.75 GB to just under 2 GB."),
                    Text("每张卡送出 2(n−1) 块，每块 1/n GB，合计 2(n−1)/n GB，永远不到 2 GB。",
                         "Each card sends 2(n−1) chunks of 1/n GB, together 2(n−1)/n GB: never 2 GB.")),
        "c": Option(Text("减少到 1/128：活由更多的卡分担。", "It falls to 1/128: more cards share the work."),
                    Text("每一块确实小了 128 倍，但每张卡要送的块数也多了约 128 倍。",
                         "Each chunk is 128 times smaller indeed, but a card also sends some 128 times as many.")),
        "d": Option(Text("增加 7 GB 左右：每翻一番多送一次。", "It grows by about 7 GB: once more for each doubling."),
                    Text("用一棵树来传整份梯度会这样，次数是 log₂ n；环的字节数更少，消息更多。",
                         "So it is with a tree that passes whole gradients, log₂ n times. A ring needs fewer bytes, in "
                         "more messages.")),
    },
    happens="b",
)
