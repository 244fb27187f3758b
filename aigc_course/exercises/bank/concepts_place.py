"""Open: place a system of one's own day in the graph of concepts."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "选一个你用过的系统（翻译、相册里的人脸分组、下棋程序、输入法、扫地机器人……）。它解决哪个领域的问题？"
        "用的是规则、计数还是网络？哪些部分是判别的，哪些是生成的？给图 1 添上两条边，并说明是哪一种边；"
        "怎样的证据会让你删掉它们？",
        "Take a system that you have used: a translator, faces grouped in a photo album, a chess program, a keyboard, "
        "a robot that vacuums. In which field is its problem? Does it work with rules, counts or networks? Which parts "
        "are discriminative, which generative? Add two edges to figure 1 and say of which kind they are. What evidence "
        "would make you remove them?"),
    rubric=(
        Text("领域（要解决什么）与方法（怎样解决）分开来说。",
             "Keeps the field (what is to be solved) apart from the method (how)."),
        Text("两条边各有明确的种类与方向：包含、使用或由来。",
             "Both edges have a definite kind and direction: contains, uses, or descends from."),
        Text("判别与生成按学的是 p(y|x) 还是 p(x) 来分，不按产品的名字来分。",
             "Tells discriminative from generative by what is learnt, p(y|x) or p(x), not by a product's name."),
        Text("说得出可以推翻它的证据（论文、模型卡、实验），不知道内部时承认不知道。",
             "Names evidence that could refute it (a paper, a model card, an experiment), and admits what is unknown "
             "about the inside."),
    ),
    hints=(
        Text("先写一句：输入是什么，输出是什么。", "Begin with one sentence: what goes in, what comes out."),
        Text("一个产品往往由几个模型拼成，分别给它们找位置。",
             "A product is often made of several models: place them one by one."),
        Text("“包含”的意思是“每一个都是”：每个 X 都是 Y 吗？",
             "“Contains” means “each is one”: is every X a Y?"),
    ),
)
