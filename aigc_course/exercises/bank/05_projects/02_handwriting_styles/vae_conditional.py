"""Debug: a conditional decoder that never sees the class."""

import torch
import torch.nn.functional as F
from torch import nn

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`decode(decoder, z, labels, classes)` 应当把潜变量 `z`（形状 `(B, Z)`）和类别 `labels`（形状 `(B,)`，整数）"
       "的独热向量拼接成 `(B, Z + classes)`，z 在前，交给解码器。它运行时不报错，可是换了类别，图像却一点也不变。找"
       "出原因并修复。",
    en="`decode(decoder, z, labels, classes)` should join the latent vectors `z` (shape `(B, Z)`) and the one-hot "
       "vectors of the classes `labels` (shape `(B,)`, integers) to `(B, Z + classes)`, z first, and hand them to "
       "the decoder. It runs without error, but another class gives exactly the same image. Find out why and repair "
       "it.",
)


@sheet.blank
def blank(decoder, z, labels, classes):
    one_hot = torch.zeros(len(labels), classes)
    one_hot.scatter(1, labels[:, None], 1.0)
    return decoder(torch.cat([z, one_hot], dim=1))


@sheet.reference
def decode(decoder, z, labels, classes):
    one_hot = torch.zeros(len(labels), classes)
    one_hot.scatter_(1, labels[:, None], 1.0)   # in place: `scatter` without `_` leaves one_hot all zeros
    return decoder(torch.cat([z, one_hot], dim=1))


@sheet.also
def by_one_hot(decoder, z, labels, classes):
    return decoder(torch.cat([z, F.one_hot(labels, classes).to(z.dtype)], dim=1))


@sheet.also
def by_identity(decoder, z, labels, classes):
    return decoder(torch.hstack([z, torch.eye(classes)[labels]]))


@sheet.also
def by_comparison(decoder, z, labels, classes):
    one_hot = (labels[:, None] == torch.arange(classes)).float()
    return decoder(torch.cat((z, one_hot), -1))


@sheet.mistake(
    zh="类别起作用了，但拼接的顺序反了：解码器的前 Z 列权重属于 z，后面的才属于类别。",
    en="The class matters now, but the order is reversed: the decoder's first Z columns belong to z, the others to "
       "the class.")
def class_first(decoder, z, labels, classes):
    return decoder(torch.cat([torch.eye(classes)[labels], z], dim=1))


@sheet.mistake(
    zh="轴反了：`one_hot[labels] = 1` 把整行设成 1，而且选的是第几个样本，不是第几个类别。每一行只应在自己的类别那"
       "一列为 1。",
    en="The wrong axis: `one_hot[labels] = 1` fills whole rows, and picks them by example, not by class. Each row "
       "should hold a single 1, in the column of its class.")
def wrong_axis(decoder, z, labels, classes):
    one_hot = torch.zeros(len(labels), classes)
    one_hot[labels] = 1.0
    return decoder(torch.cat([z, one_hot], dim=1))


@sheet.mistake(
    zh="`one_hot[:, labels] = 1` 对每一行都设置了批次里出现的全部类别。行和列要成对选取。",
    en="`one_hot[:, labels] = 1` sets, in every row, all the classes of the batch. Rows and columns have to be "
       "picked in pairs.")
def every_class_at_once(decoder, z, labels, classes):
    one_hot = torch.zeros(len(labels), classes)
    one_hot[:, labels] = 1.0
    return decoder(torch.cat([z, one_hot], dim=1))


@sheet.mistake(
    zh="没有给出类别的个数，`one_hot` 就用批次里最大的类别来决定宽度：批次里恰好缺少最后一类时会出错。把 `classes` "
       "传给它。",
    en="Not told how many classes there are, `one_hot` takes its width from the largest class in the batch, and "
       "fails on a batch without the last one. Hand it `classes`.")
def classes_counted_in_the_batch(decoder, z, labels, classes):
    return decoder(torch.cat([z, F.one_hot(labels)], dim=1))


@sheet.mistake(
    zh="这里把类别当成了数值：3 并不是 1 的三倍。独热向量让每个类别有自己的一列权重。",
    en="This uses the class as a quantity, but a 3 is not three times a 1. A one-hot vector gives each class a "
       "column of weights of its own.")
def class_as_a_number(decoder, z, labels, classes):
    return decoder(torch.cat([z, labels[:, None].float().expand(-1, classes)], dim=1))


@sheet.mistake(
    zh="位置对了，写进去的却是类别的编号：应当写 1。类别 0 现在仍然什么也没有。",
    en="The place is right, but the number of the class was written there; it should be 1. Class 0 still has "
       "nothing at all.")
def scaled_by_the_number(decoder, z, labels, classes):
    one_hot = F.one_hot(labels, classes) * labels[:, None]
    return decoder(torch.cat([z, one_hot], dim=1))


@sheet.mistake(
    zh="整个批次都用了第一个样本的类别：每个样本要用自己的类别。",
    en="The whole batch gets the class of its first example; each has its own.")
def first_class_for_all(decoder, z, labels, classes):
    return decoder(torch.cat([z, torch.eye(classes)[labels[:1]].expand(len(z), -1)], dim=1))


@sheet.mistake(
    zh="类别起作用了，但 z 被清零：每个类别只剩下一种写法。",
    en="The class matters now, but z is zero: every class is left with one way of writing it.")
def latent_left_out(decoder, z, labels, classes):
    return decoder(torch.cat([torch.zeros_like(z), torch.eye(classes)[labels]], dim=1))


@sheet.mistake(
    zh="值是对的，但 z 断开了：梯度到不了编码器。",
    en="The values are right, but z is detached: no gradient reaches the encoder.")
def latent_cut_off(decoder, z, labels, classes):
    return decode(decoder, z.detach(), labels, classes)


@sheet.mistake(
    zh="值是对的，但梯度断了：不要使用 `detach` 或 `no_grad`，否则解码器和编码器都学不到东西。",
    en="The values are right but the gradient is cut: with `detach` or `no_grad` neither decoder nor encoder "
       "learns.")
def cut_off(decoder, z, labels, classes):
    return decode(decoder, z, labels, classes).detach()


@sheet.probe
def probe(answer):
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(3 + 4, 8), nn.Tanh(), nn.Linear(8, 6))
    one_z, five = torch.randn(1, 3).repeat(4, 1), torch.randn(5, 3)
    for what, z, labels in (
            (Text("同一个 z、四个类别的 logits", "the logits of one z in four classes"), one_z, [2, 0, 3, 1]),
            (Text("五个 z 的 logits", "the logits of five z"), five, [1, 1, 2, 0, 2])):
        z.requires_grad_()
        decoder.zero_grad()
        logits = answer(decoder, z, torch.tensor(labels), 4)
        yield what, logits
        (through(logits) * torch.arange(1.0, 7.0)).sum().backward()
        for name, leaf in ((Text(" z ", "z"), z), (Text("第一层权重", "the first "
                                                                 "weights"), decoder[0].weight)):
            yield Text(f"对{name.zh}的梯度", f"the gradient with respect to {name.en}"), (
                gradient(leaf).clone())


EXERCISE = sheet.with_hints(
    Text("打印 `one_hot.sum(dim=1)`：每一行应当是多少，实际是多少？",
         "Print `one_hot.sum(dim=1)`: what should each row give, and what does it give?"),
    Text("PyTorch 中名称以 `_` 结尾的方法才会改变张量本身，其余的返回一个新的张量。",
         "In PyTorch only methods whose names end in `_` change a tensor; the others return a new one."),
    Text("使用 `scatter_`，或者用 `torch.nn.functional.one_hot(labels, classes)` 再转成浮点数。",
         "Use `scatter_`, or `torch.nn.functional.one_hot(labels, classes)` turned into floats."),
)
