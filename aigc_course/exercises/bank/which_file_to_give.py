"""Open: what to hand to whom."""

from aigc_course.exercises.kinds import Open, Text

EXERCISE = Open(
    task=Text(
        "你训练好了一个会画数字的模型。三个人来要：甲想接着训练；乙要把它放进一个没有你的代码的网站；"
        "丙是审稿人，要核对你论文里的数。分别给他们哪些文件？各写一条你会怎样检验“给对了”。",
        "You have trained a model that draws digits. Three people ask for it: A wants to train it further, B wants to "
        "put it on a web site that has none of your code, C is a reviewer who wants to check the numbers in your "
        "paper. Which files does each get, and how would you test, in each case, that they are the right ones?"),
    rubric=(
        Text("甲：检查点（网络、优化器、移动平均、随机数状态、步数）与配置、代码的版本；检验：接着训练与不中断逐位相同。",
             "A: the checkpoint (nets, optimisers, averages, random streams, step) with settings and version of the "
             "code; test: going on is bit for bit what an uninterrupted run would have been."),
        Text("乙：导出的程序，声明了可变的批；检验：另一个进程、没有你的代码、几种批的大小、值在误差内相同。",
             "B: the exported program, its batch declared to vary; test: another process without your code, several "
             "sizes of batch, values equal within a tolerance."),
        Text("丙：safetensors 格式的权重、代码、配置、种子、数据的来源与校验和、日志；检验：在干净的环境里重算一个数。",
             "C: weights (safetensors), code, settings, seed, source and checksum of the data, the log; test: work out "
             "one number again in a clean environment."),
        Text("说明为什么不给 pickle，以及导出的文件也依赖 torch 的版本，所以代码与权重要一起存档。",
             "Say why no pickle is given, and that an exported file depends on the version of torch, so that code and "
             "weights are archived as well."),
    ),
    hints=(
        Text("先问每个人拿到之后要做的第一件事是什么。", "Ask first what each of them will do first with it."),
        Text("本课比较大小的那张图里的每个文件，少了什么就做不成那件事？",
             "Take each file in the figure of sizes: what could not be done without it?"),
        Text("检验要在另一个进程里做；在自己的笔记本里总是“能跑”的。",
             "Test in another process; in your own notebook everything always runs."),
    ),
)
