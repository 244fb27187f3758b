"""Predict: what one pixel of shift does to a multilayer perceptron and to a small convolutional network."""

from aigc_course.exercises.kinds import Option, Prediction, Text

EXERCISE = Prediction(
    task=Text(
        "两个网络各有约五千个参数，都在没有移动过的数字上训练，测试准确率都在 90% 以上。"
        "现在把每幅测试图像（12×12，数字在中间）向右移**两个像素**，不重新训练。会怎样？",
        "Two networks with about five thousand parameters each have been trained on digits that were never shifted; "
        "both read more than 90 % of the test set. Now every test image (12×12, the digit in the middle) is shifted "
        "to the right by **two pixels**, without training again. What happens?"),
    options={
        "a": Option(
            Text("两个都几乎不变：两个像素，人也看不出来。",
                 "Hardly anything, for both: nobody would notice two pixels."),
            Text("对多层感知机来说，每个像素是一个单独的输入；移动之后，几乎每个输入都换了意思。",
                 "To a multilayer perceptron every pixel is an input of its own, and after the shift nearly all of "
                 "them mean something else.")),
        "b": Option(
            Text("多层感知机差不多变成乱猜，卷积网络只差一点。",
                 "The multilayer perceptron is close to guessing; the convolutional network loses little."),
            Text("卷积在每个位置用同一组权重，图移动，特征图也跟着移动；最后的最大池化不问位置。",
                 "A convolution has the same weights everywhere, so its feature maps move along with the image, and "
                 "the last maximum does not ask where.")),
        "c": Option(
            Text("两个都变成乱猜：训练集里没有移动过的数字。",
                 "Both end up guessing: no digit of the training set was shifted."),
            Text("没见过不等于不会：对卷积网络来说，移动过的数字与原来的几乎是同一个输入。",
                 "Not seen does not mean not able: to the convolutional network a shifted digit is nearly the same "
                 "input.")),
        "d": Option(
            Text("卷积网络差得更多：它的池化丢掉了位置。",
                 "The convolutional network suffers more: its pooling throws positions away."),
            Text("正是因为不看位置，位置变了它才不受影响。",
                 "It is just because it does not look at positions that a change of position does it no harm.")),
    },
    happens="b",
)
