"""Open: design a proof that would fail if the claim were right."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "从你读过的一篇技术文章里挑一句可疑的话，设计一个实验来检验它：假如这句话是对的，你的检验必须失败。",
        "Take a doubtful sentence from a technical article that you have read and design an experiment to test it: if "
        "the sentence is right, your test has to fail."),
    rubric=(
        Text("把这句话变成一个预言：它说会测到什么数、什么形状或哪个方向。",
             "The sentence becomes a prediction: which number, shape or direction it says will be measured."),
        Text("写明测量怎样做，用什么数据，几个随机种子。",
             "How it is measured, on what data, with how many seeds."),
        Text("给出容差，并说明它从哪里来，例如种子之间的波动。",
             "A tolerance, and where it comes from, such as the spread between seeds."),
        Text("说明假如原句是对的，检验会在哪一步失败。",
             "At which step the test fails if the sentence is right."),
        Text("查过第一手的文献，并写明是哪一篇、哪一节。",
             "A primary source was looked up, and is named with its section."),
    ),
    hints=(
        Text("“效果好”“速度快”还不是预言：跟什么比，好多少？",
             "“Good” and “fast” are no predictions yet: compared with what, and by how much?"),
        Text("如果无论怎样都会通过，检验就什么也没有说。",
             "A test that passes whatever happens says nothing."),
        Text("`refute` 要两样东西：原话预言的，和你测到的。",
             "`refute` wants two things: what the sentence predicts and what you measured."),
    ),
)
