"""Predict: what a model that sees only the line before cannot keep."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "一个 Seq2Seq 只看上一句来写下一句，这样写完一首七言绝句。训练充分之后，哪一条规则它几乎没有办法守住？",
        "A Seq2Seq sees nothing but the line before when it writes the next, and so completes a quatrain of seven "
        "characters. However well it is trained, which rule has it hardly any way to keep?"),
    options={
        "a": Option(
            Text("每句七个字：循环网络不会数数。",
                 "Seven characters to a line: a recurrent net cannot count."),
            Text("上一句也是七个字，而且训练中每个目标都是七个字加一个标点：数到八并不难。",
                 "The line before has seven as well, and so has every target in training: counting to eight is easy.")),
        "b": Option(
            Text("对：两句之间平仄相对，因为规则里有“平”和“仄”，而它只看到字。",
                 "The opposition of tones within a couplet: the rule speaks of tones, and the model sees characters."),
            Text("哪些字在同样的位置上出现，已经说明了它们的平仄；规律就在相邻的两句之间，它都看得到。",
                 "Where characters stand tells their tones, and the rule binds two neighbouring lines, both of which "
                 "it sees.")),
        "c": Option(
            Text("第二句与第四句押韵。",
                 "The rhyme of lines 2 and 4."),
            Text("写第四句时只看得到第三句，第二句的韵已经不在眼前。训练再久也补不上没有给它的信息。",
                 "When it writes line 4 it sees line 3 alone, and the rhyme of line 2 is out of sight. No training "
                 "makes up for information that is not given.")),
        "d": Option(
            Text("第三、四句对仗。",
                 "The parallelism of lines 3 and 4."),
            Text("对仗只关系到第三句与第四句，而第三句正是它看到的那一句。",
                 "Parallelism concerns lines 3 and 4 alone, and line 3 is just what it sees.")),
    },
    happens="c",
)
