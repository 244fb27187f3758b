"""Open: an answer that names its evidence."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "朋友问你：“AI 写的东西可靠吗？”请用不超过五句话回答，每个论断都指到一个数（课程里量过的，或你知道出处的），"
        "并至少说出一件没有证据、因而你不回答的事。",
        "A friend asks: “Is what AI writes reliable?” Answer in at most five sentences. Point every statement at a "
        "number (one measured in this course, or one whose source you know), and name at least one thing that you "
        "leave unanswered because there is no evidence."),
    rubric=(
        Text("先问清“可靠”指什么：忠实于数据、合乎形式、合乎事实，是三件事。",
             "First says what “reliable” means: faithful to data, right in form, true to the facts are three things."),
        Text("每个论断都有数，数有基线和出处。", "Every statement has a number, with its baseline and its source."),
        Text("分清模型：模板的忠实可以证明，语言模型的只能抽查。",
             "Tells models apart: a template's faithfulness can be proven, a language model's only be sampled."),
        Text("明说没有证据的部分，而不是用语气补上。",
             "Says plainly where evidence is missing instead of covering it with a confident tone."),
    ),
    hints=(
        Text("`02/03` 有一个可以证明的忠实，`05/03` 有一个量出来的不忠实。",
             "`02/03` has faithfulness that is proven, `05/03` has its lack, measured."),
        Text("课程的小模型的数，能推广到大模型吗？",
             "Do the numbers of this course's small models carry over to large ones?"),
        Text("“我不知道，因为没有量过”也是回答。", "“I do not know, for it was not measured” is an answer, too."),
    ),
)
