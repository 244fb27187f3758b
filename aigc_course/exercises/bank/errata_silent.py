"""Explain: which faults of a script raise no error."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "文档 003 的脚本有六处错误：变量名里有空格（在注释里）、没有导入 numpy、文件名不合 Keras 3 的规定、"
        "训练被注释掉、判别器没有冻结、sigmoid 的输出又做 (x+1)/2。逐一修好前三处，脚本不再报错之后，该怎么办？",
        "The script of document 003 has six faults: a space in a name (in a comment), numpy not imported, a file "
        "name that "
        "Keras 3 refuses, training commented out, D not frozen, and (x+1)/2 applied to a sigmoid's output. Once the "
        "first three are mended and nothing complains any more, what next?"),
    options={
        "a": Option(Text("没有报错就是好了，可以看图。", "No error means that it works: look at the pictures."),
                    Text("后三处都不报错，而且图也看不出最后一处：`imshow` 会自动拉伸。",
                         "The last three are silent, and pictures hide the last of them: `imshow` stretches its "
                         "range.")),
        "b": Option(Text("看损失：生成器的损失很小，说明训练成功。",
                         "Look at the losses: a small loss of the generator means success."),
                    Text("判别器没有冻结时，生成器的损失正是这样变小的：是判别器被教成了“假的是真的”。",
                         "With D not frozen that is just how it gets small: D has been taught that fakes are real.")),
        "c": Option(
            Text("写断言：训练前后生成器的权重要变，生成器的一步里判别器的权重不许变，像素要落在应有的范围里。",
                 "Write assertions: training must change G's weights, G's step must not change D's, and pixels must "
                 "lie "
                 "in their range."),
            Text("安静的错误只有断言看得见，每一条对准一处。",
                 "Only assertions see silent faults, one for each.")),
        "d": Option(Text("多训练几轮，错误的影响会变小。", "Train longer, and the faults will matter less."),
                    Text("没有训练，或者判别器学反了，多少轮都没有用。",
                         "Without training, or with D taught the wrong way, no number of rounds helps.")),
    },
    right="c",
    hints=(
        Text("六处里哪几处会抛出异常？", "Which of the six raise an exception?"),
        Text("剩下的三处，各会改变什么可以测量的量？", "What can be measured that each of the others changes?"),
        Text("权重、权重、像素的范围。", "Weights, weights, and the range of pixels."),
    ),
)
