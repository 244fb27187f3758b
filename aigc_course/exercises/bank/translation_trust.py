"""Open: would you let the date translator loose on a hospital's records?"""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "一家医院想用这个日期翻译模型把旧病历里的日期统一成 ISO 8601，它在留出的日子上全对率超过 99%。"
        "我们会同意吗？写出还要测量什么、怎样设防，以及有没有更好的办法。",
        "A hospital wants to unify the dates in its old records with this translator, which gets more than 99 % of "
        "held-out days right. Would you agree? Say what else to measure, which safeguards to build, and whether there "
        "is a better way."),
    rubric=(
        Text("99% 是在与训练同分布的数据上测的；先收集医院自己的日期样本，人工标注，再在上面测。",
             "The 99 % hold for data distributed as in training; collect a sample of the hospital's own dates, have it "
             "labelled by hand, and measure there."),
        Text("没见过的写法会得到格式正确的错误日期，错误是无声的；要按写法分组报告，而不是只报总的比例。",
             "Unknown ways of writing give wrong dates in perfect format, silently; report by pattern, not just a "
             "total."),
        Text("设防：按可信度拒绝，并测量拒绝率与漏网的错误；检查是不是合法日期、是否早于出生日或晚于今天；"
             "存疑的交给人，保留原文。",
             "Safeguards: refuse by confidence, measuring both refusals and errors that slip through; check "
             "that the day "
             "exists and lies between birth and today; hand doubtful ones to people and keep the original."),
        Text("3/4/2024 这类本身有歧义的输入，没有模型能凭它自己判断，需要地区等上下文。",
             "Inputs such as 3/4/2024 are ambiguous in themselves; no model can decide them without context "
             "such as the "
             "locale."),
        Text("写法有限且规则已知时，用 CLDR 的规则解析更合适：可证明、可拒绝、可维护；神经网络留给规则覆盖不到的。",
             "Where the patterns are few and known, parsing by CLDR's rules is better: provable, able to "
             "refuse, easy to "
             "maintain; leave to the net what rules do not cover."),
        Text("错误的代价不同：100 万个日期里的 0.1% 是一千份错误的病历。",
             "Errors have a price: 0.1 % of a million dates is a thousand wrong records."),
    ),
    hints=(
        Text("99% 是在什么样的数据上测的？医院的数据一样吗？",
             "On what data were the 99 % measured? Are the hospital's the same?"),
        Text("模型出错时，看得出来吗？", "When the model is wrong, does it show?"),
        Text("这个任务真的需要神经网络吗？", "Does this task need a neural net at all?"),
    ),
)
