"""Explain: why a header makes rhyme learnable for a model that writes from left to right."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "同一个 GPT、同样的训练步数，在每首诗前面加一个写明韵部的题头，押韵的比例就大大提高。最主要的原因是什么？",
        "One GPT, the same number of steps; with a header before each poem that names its rhyme group, far more of "
        "its poems rhyme. What is the main reason?"),
    options={
        "a": Option(
            Text("题头增加了参数。", "The header adds parameters."),
            Text("只多了十几个词元的嵌入，而且都是本来就有的字。",
                 "A dozen tokens more, most of which were in the vocabulary anyway.")),
        "b": Option(
            Text("写第二、四句的韵脚时，韵部就在上文同一个位置，直接可查；没有题头，要从第二句的末字推出它的韵部，"
                 "再找同韵的字。",
                 "When lines 2 and 4 end, the rhyme group stands in the context, always in one place, to be looked up; "
                 "without it the model must work out the group from the end of line 2, and then find its equal."),
            Text("两步变成了一步，而且每首诗的两个韵脚都在教同一件事：这个题头之后，这个位置，是这些字。"
                 "题头的代价要算进比特数里。",
                 "Two steps become one, and both ends of every poem teach the same: after this header, in this place, "
                 "these characters. Its cost belongs in the bits.")),
        "c": Option(
            Text("模型从题头知道了汉字的读音。", "The header tells the model how characters sound."),
            Text("题头只是一个符号；读音从来没有给过。它学到的是“这个符号之后，韵脚用过哪些字”。",
                 "The header is a mere sign; no sound is ever given. What is learnt is which characters ended lines "
                 "after that sign.")),
        "d": Option(
            Text("有题头时模型可以看到后文。", "With a header the model sees what comes later."),
            Text("注意力仍是因果的：没有泄漏。只不过写的人把一个决定提前写了出来。",
                 "Attention is causal as before; nothing leaks. A decision was merely written down earlier.")),
    },
    right="b",
    hints=(
        Text("写第四句最后一个字时，模型需要知道什么？它在哪里？",
             "What must the model know when it writes the last character of line 4, and where is it?"),
        Text("没有题头时，这个信息要几步才能得到？", "Without a header, how many steps away is that information?"),
        Text("题头写的是符号还是读音？", "Is a header a sign or a sound?"),
    ),
)
