"""Predict: a batch padded on the right, its mask right."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "两个长短不一的提示放在同一批里，短的在**右边**用 PAD 补齐，注意力掩码写得完全正确（补齐处是 0）。"
        "贪心生成时，短提示的续写与它单独生成时相比会怎样？",
        "Two prompts of unequal length share a batch; the short one is filled up with PAD on the **right**, and the "
        "attention mask is right (0 where it is filled up). How does the greedy continuation of the short prompt "
        "compare with the one it gets alone?"),
    options={
        "a": Option(Text("一样：掩码让谁也看不到 PAD。", "The same: the mask hides the padding from everybody."),
                    Text("掩码只管“谁看得到谁”。下一个词元却是从最后一个位置的输出读出来的，而那个位置放的是 PAD。",
                         "The mask settles who sees whom. But the next token is read off the last position, and what "
                         "stands there is padding.")),
        "b": Option(Text("不一样：第一个新词元是从 PAD 的位置读出来的。",
                         "Another one: the first new token is read off a position that holds padding."),
                    Text("模型从来没有学过 PAD 后面接什么；那一步错了，后面每一步都接着错的写。"
                         "在左边补齐，最后一个位置才总是真正的词元。",
                         "What follows padding was never learnt; one wrong token, and all others go on from it. "
                         "Filled up on the left, the last position always holds a real token.")),
        "c": Option(Text("报错：语言模型不能处理补齐过的批次。",
                         "An error: a language model cannot take a padded batch."),
                    Text("不会报错，transformers 至多在标准错误里警告一句；这正是它危险的地方。",
                         "There is none; at most transformers warns on standard error, which is what makes it "
                         "dangerous.")),
    },
    happens="b",
)
