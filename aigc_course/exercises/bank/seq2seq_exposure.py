"""Explain: nearly every token right when fed with the truth, most sequences wrong when not."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "一个模型在留出的句子上，以真值为输入时每个词元的准确率是 97%；让它自己写 30 个词元的句子，"
        "全对的却只有 20%，而且错误多在后半句。哪一种说法最恰当？",
        "On held-out sentences a model gets 97 % of the tokens right when it is fed with the truth. Left to write "
        "sentences of 30 tokens itself, only 20 % are wholly right, and the mistakes crowd in the second half. Which "
        "account is best?"),
    options={
        "a": Option(
            Text("过拟合：训练集上的准确率一定高得多。",
                 "Overfitting: it must be far more accurate on the training set."),
            Text("97% 也是在留出的句子上测的。两个数的差别不在数据，而在解码器的输入。",
                 "The 97 % were measured on held-out sentences as well. The two numbers differ not in the data but in "
                 "what the decoder is fed.")),
        "b": Option(
            Text("正好符合独立的错误：0.97 的 30 次方约为 40%，其余是巧合。",
                 "Independent mistakes explain it: 0.97 to the power of 30 is about 40 %, the rest is chance."),
            Text("独立的错误确实已经把 97% 变成 40%，这是要先算的；但它不能解释 20%，"
                 "也不能解释错误为什么集中在后半句。",
                 "Independent mistakes do turn 97 % into 40 %, which one should work out first; but they explain "
                 "neither the 20 % nor why the mistakes crowd in the second half.")),
        "c": Option(
            Text("暴露偏差：训练时解码器的输入总是对的，自己写时一个错误会成为后面的输入，而它从没见过这样的输入。",
                 "Exposure bias: in training the decoder's input was always right; when it writes, a mistake becomes "
                 "input to all that follows, and it never met such input."),
            Text("0.97³⁰ ≈ 40% 是错误互不相干时的期望；实测更低，而且越往后越差，说明一个错误会引来下一个。"
                 "按位置比较两种准确率就能看到。",
                 "0.97³⁰ ≈ 40 % is what unrelated mistakes would give; the measured share is lower and falls with the "
                 "position, so one mistake brings the next. Comparing the two accuracies by position shows it.")),
        "d": Option(
            Text("贪心搜索的错：束搜索一定能把 20% 提高到 97%。",
                 "Greedy search is to blame: a beam search is sure to raise the 20 % to 97 %."),
            Text("束搜索能找到概率更高的句子，但前缀里有错时，模型给出的概率本身就不可靠。"
                 "97% 又是每个词元的，不是每句的。",
                 "A beam finds likelier sentences, but after a mistake the model's probabilities themselves cannot be "
                 "relied on. Besides, 97 % is per token, not per sentence.")),
    },
    right="c",
    hints=(
        Text("先算一算：如果错误互不相干，30 个词元全对的概率是多少？",
             "First work out: if mistakes were unrelated, how likely would 30 right tokens be?"),
        Text("两种测量中，解码器在第 20 步看到的前 19 个词元从哪里来？",
             "In each of the two measurements, where do the 19 tokens come from that the decoder sees at step 20?"),
        Text("训练时它见过含有自己错误的前缀吗？", "In training, did it ever see a prefix with a mistake of its own?"),
    ),
)
