"""Predict: which nets carry a bit over a lag."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "先给网络看一个 0 或 1，再给 59 个空白，最后问它那个数是几。普通 RNN 与 LSTM 大小相同，"
        "用同样的方法训练同样的轮数，LSTM 的遗忘门一开始是打开的。谁能学会？",
        "A net is shown a 0 or a 1, then 59 blanks, and is asked for the number at the end. A plain RNN and an LSTM of "
        "the same size are trained alike for as many rounds; the LSTM's forget gates begin open. Which will learn it?"),
    options={
        "a": Option(Text("两者都能：隐藏状态有几十个数，记一个比特绰绰有余。",
                         "Both: a hidden state of dozens of numbers has room for one bit."),
                    Text("装得下与学得会是两回事：一开始，那个比特对 60 步以后的输出几乎没有影响，梯度也就几乎是 0。",
                         "Room is not the question: at first the bit hardly moves what comes out 60 steps later, so "
                         "that the gradient is next to 0.")),
        "b": Option(Text("只有 LSTM。", "Only the LSTM."),
                    Text("打开的遗忘门让记忆几乎原样地留着，梯度也几乎原样地传回去。",
                         "Open forget gates hand the memory on almost as it is, and the gradient back likewise.")),
        "c": Option(Text("两者都不能：60 步太长了。", "Neither: 60 steps are too many."),
                    Text("对普通 RNN 是这样。LSTM 的记忆是加法，不是一次次相乘。",
                         "True of the plain RNN. The LSTM's memory is added to, not multiplied over and over.")),
    },
    happens="b",
)
