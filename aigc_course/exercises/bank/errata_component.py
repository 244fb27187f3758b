"""Open: check a sentence of the kind “X is at the core of Y”."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "文章里常有“X 是 Y 的核心组件”这样的话。挑一句，写出你怎样核实它。",
        "Articles like to say that “X is a core component of Y”. Take such a sentence and write down how you would "
        "check "
        "it."),
    rubric=(
        Text("写明 Y 的版本：同一个名字前后可能是不同的模型。",
             "Name the version of Y: one name may stand for several models."),
        Text("找 Y 的原论文或公开的代码，列出它的部件。", "Find Y's paper or published code and list its parts."),
        Text("区分训练时用的与生成时用的。", "Tell what is used in training from what is used in generating."),
        Text("说明怎样才算“核心”：去掉它还能不能工作。", "Say what “core” is to mean: does Y work without it?"),
        Text("承认说对了的一半。", "Grant the half that is right."),
    ),
    hints=(
        Text("Y 有几个版本？", "How many versions of Y are there?"),
        Text("代码里的类有哪些参数？", "Which parameters does the class in the code have?"),
        Text("去掉 X，Y 还剩什么？", "Without X, what is left of Y?"),
    ),
)
