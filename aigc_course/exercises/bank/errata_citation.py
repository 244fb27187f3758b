"""Open: how to check a reference."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一篇文章的参考文献里有一条你没有读过。写出你核对它的步骤，以及在什么情况下你会不引用它。",
        "The references of an article hold one that you have not read. Write down how you would check it, and when you "
        "would leave it out."),
    rubric=(
        Text("先找到原文本身（出版社、arXiv、作者主页），不靠转引。",
             "Find the work itself (publisher, arXiv, the author's page), not somebody's mention of it."),
        Text("逐项核对：题目、作者及次序、年份、出处、编号。",
             "Compare title, authors and their order, year, venue and identifier one by one."),
        Text("确认原文真的说了这句话，并记下章节或公式号。",
             "See that it does say what it is cited for, and note the section or equation."),
        Text("说明找不到时怎么办：不引用，或写明未能核实。",
             "What to do if it is not found: leave it out, or say that it could not be checked."),
        Text("提到编造的迹象：同一题目每次作者、年份都不同，只在转引里出现。",
             "Name a mark of invention: one title with other authors and years each time, in mentions only."),
    ),
    hints=(
        Text("题目存在，不等于这位作者写过它。", "That a title exists does not mean that this author wrote it."),
        Text("arXiv 的编号里有年月。", "An arXiv number holds year and month."),
        Text("找不到，也是一个要写下来的结果。", "Not to find it is a result too, to be written down."),
    ),
)
