"""Predict: the best of many coin flips, on the test set that chose it."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "200 个“模型”对每道是非题都抛硬币作答。我们在 100 道题的测试集上选出得分最高的一个。"
        "它在这个测试集上的正确率大约是多少？",
        "200 “models” answer every yes-or-no question by tossing a coin. On a test set of 100 questions we choose the "
        "one that scores highest. About how many of these questions did it get right?"),
    options={
        "a": Option(Text("50%：都是抛硬币。", "50%: they all toss coins."),
                    Text("这是随便拿一个模型的期望。我们拿的是 200 个里运气最好的。",
                         "That is what to expect of any one model. We took the luckiest of 200.")),
        "b": Option(Text("52% 左右：略高于一半。", "About 52%: a little over one half."),
                    Text("100 道题的标准差是 5 个百分点；200 个里最大的，比均值高出大约 2.7 个标准差。",
                         "With 100 questions the standard deviation is 5 points; the largest of 200 lies about 2.7 of "
                         "them above the mean.")),
        "c": Option(Text("63% 左右。", "About 63%."),
                    Text("50% 加上约 2.7 个标准差（每个 5 个百分点）。换一批新题，它又回到 50%。",
                         "50% and about 2.7 standard deviations of 5 points each. On fresh questions it is back at "
                         "50%.")),
        "d": Option(Text("90% 以上：总有一个全对的。", "Above 90%: one of them must get everything right."),
                    Text("全对的概率是 2 的 −100 次方，200 个远远不够。",
                         "To get all of them right has probability 2 to the minus 100; 200 tries are far too few.")),
    },
    happens="c",
)
