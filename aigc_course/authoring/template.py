"""The anatomy of a notebook, to begin from; see "A notebook" in CONTRIBUTING.md."""

import nbformat

from aigc_course.authoring.form import to_blocks, to_text

# (cell id, type, Chinese, English); code is the same in both editions.
ANATOMY = [
    ("title", "markdown", "# 标题\n\n一句话：读完这一课，我们能做到什么。", "# Title\n\nOne sentence: what this lesson makes us able to do."),
    ("box", "markdown",
     "> **需要** 前置课程\n>\n> **学完能** 一；二；三\n>\n> **代价** 单核时间与内存见页首\n>\n> **数据** 名称、来源、许可",
     "> **Needs** earlier lessons\n>\n> **Afterwards** one; two; three\n>\n> **Costs** time on one core and memory: "
     "see the top of the page\n>\n> **Data** name, source, licence"),
    ("imports", "code", "import torch\n\nfrom aigc_course.authoring import record\n"
     "from aigc_course.exercises import check, hint, predict, predicted", ""),
    ("predict-md", "markdown", "## 先猜一猜\n\n运行之前，我们先写下自己的猜测。", "## Predict\n\nBefore anything runs, we write down our guess."),
    ("predict", "code", 'predict("NAME-predict", None)', ""),
    ("smallest-md", "markdown", "## 最小的例子\n\n能用纸笔核对的数。", "## The smallest instance\n\nNumbers one can check by hand."),
    ("smallest", "code", "x = torch.arange(3.0)\nassert x.sum() == 3\nx", ""),
    ("module-md", "markdown", "## 从循环到模块", "## From a loop to a module"),
    ("parity-md", "markdown", "## 与参考库对照\n\n同样的权重，同样的值，同样的梯度。", "## Parity\n\nThe same weights, the same values, the same gradients."),
    ("training-md", "markdown", "## 训练", "## Training"),
    ("break-md", "markdown", "## 弄坏它\n\n一个有名字的症状，以及修复。", "## Break it\n\nA symptom with a name, and its repair."),
    ("widget-md", "markdown", "## 动手调一调", "## Turn the knobs"),
    ("predicted", "code", 'predicted("NAME-predict")', ""),
    ("exercises-md", "markdown", "## 练习\n\n`check` 说明答案对不对，`hint` 每次多给一条提示。",
     "## Exercises\n\n`check` tells whether an answer is right, `hint` gives one more hint at each call."),
    ("summary-md", "markdown", "## 小结\n\n- 要点\n\n**符号** · **公式** · **参考文献** · **下一课**",
     "## Summary\n\n- A point\n\n**Symbols** · **Equations** · **References** · **Next lesson**"),
]


def chinese(suffix: str) -> str:
    """The anatomy as a Chinese draft in the format that `suffix` names."""
    return to_text(_notebook(2), suffix)


def english() -> str:
    """The anatomy as an English draft."""
    return to_blocks(_notebook(2), _notebook(3))


def _notebook(column: int):
    nb = nbformat.v4.new_notebook()
    for row in ANATOMY:
        make = nbformat.v4.new_markdown_cell if row[1] == "markdown" else nbformat.v4.new_code_cell
        nb.cells.append(make(row[2] if row[1] == "code" else row[column], id=row[0]))
    return nb
