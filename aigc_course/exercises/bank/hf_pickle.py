"""Explain: why weights come as safetensors."""

from aigc_course.exercises.kinds import Choice, Option, Text

EXERCISE = Choice(
    task=Text(
        "同事从论坛下载了 `pytorch_model.bin`（一个 pickle），说：“里面不过是权重，读进来看看再说；"
        "要是不放心，换成 model.safetensors 就绝对安全了。”哪一种说法最恰当？",
        "A colleague has downloaded a `pytorch_model.bin` (a pickle) from a forum and says: it is nothing but weights, "
        "let us read it and see; and whoever worries takes model.safetensors, which is absolutely safe. Which account "
        "is best?"),
    options={
        "a": Option(
            Text("两种格式装的是同样的数，风险也就一样。", "Both formats hold the same numbers, and so the same risk."),
            Text("数可以一样，读法不一样：pickle 是一串指令，safetensors 是一段 JSON 加上原始的数。",
                 "The numbers may be the same, reading them is not: a pickle is a list of instructions, safetensors a "
                 "piece of JSON and raw numbers.")),
        "b": Option(
            Text("读 pickle 就可能执行写文件的人的任意代码，“先读进来看看”已经太晚；"
                 "safetensors 读的时候不执行任何东西，但它不保证权重本身是善意的。",
                 "Reading a pickle may run any code of whoever wrote it, so that to read it and see is too late; "
                 "safetensors run nothing when read, but do not vouch for the weights."),
            Text("对。格式只管“读”这一步；模型会说什么、是不是你要的那一个，要靠来源、校验和与自己的测试。",
                 "Yes. The format settles the reading alone; what the model says, and whether it is the one you want, "
                 "is a matter of its source, its checksum and your own tests.")),
        "c": Option(
            Text("safetensors 是加密并签过名的，所以安全。", "Safetensors are encrypted and signed, hence safe."),
            Text("既没有加密也没有签名：用文本编辑器就能看到它的头。它安全，是因为里面没有可以执行的东西。",
                 "They are neither: any editor shows the header. They are safe to read since nothing in them can be "
                 "executed.")),
        "d": Option(
            Text("只要不调用模型就没有事：代码在 forward 里才会运行。",
                 "Nothing happens before the model is called: code runs in forward."),
            Text("pickle 的指令在 load 的时候就执行，那时还没有模型，更没有 forward。",
                 "The instructions of a pickle are carried out by load, when there is no model yet and no forward.")),
    },
    right="b",
    hints=(
        Text("回到本课读 pickle 的那一格：是哪一行让那个函数运行的？",
             "Go back to the cell that reads a pickle: which line made the function run?"),
        Text("safetensors 文件的开头是什么？里面有没有函数名？",
             "What does a safetensors file begin with, and is there the name of a function in it?"),
        Text("“读的时候安全”与“模型可以信任”是不是一回事？",
             "Is safe to read the same as fit to be trusted?"),
    ),
)
