"""Debug: a decoder that is shown the answer, and a mean that counts padding."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

PAD = 0

sheet = Sheet(
    kind="debug",
    zh="`seq2seq_loss(net, source, target)` 的训练损失很快降到 0，自由生成却全是错的。修复它：返回每个真正的目标词"
       "元的平均交叉熵，单位是 nat。`net(source, inputs)` 给出 `inputs` 每个位置**之后**那个词元的 logit，形状 `(B, "
       "T, V)`；`target` 从 BOS 到 EOS，右边用 0 填充。",
    en="Trained with `seq2seq_loss(net, source, target)`, the loss soon reaches 0 but everything written freely is "
       "wrong. Repair it: return the mean cross-entropy, in nats, of the real target tokens. `net(source, inputs)` "
       "gives logits `(B, T, V)` for the token *after* each of `inputs`; `target` runs from BOS to EOS and is "
       "padded with 0 on the right.",
)


@sheet.blank
def blank(net, source, target):
    logits = net(source, target)
    each = F.cross_entropy(logits.flatten(0, 1), target.flatten(), reduction="none")
    return each.mean()


@sheet.reference
def seq2seq_loss(net, source, target):
    logits, wanted = net(source, target[:, :-1]), target[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=0)


@sheet.also
def by_mask(net, source, target):
    wanted = target[:, 1:]
    log_p = net(source, target[:, :-1]).log_softmax(-1).gather(2, wanted[..., None]).squeeze(2)
    real = wanted != PAD
    return -(log_p * real).sum() / real.sum()


@sheet.also
def chosen_first(net, source, target):
    wanted = target[:, 1:]
    return F.cross_entropy(net(source, target[:, :-1])[wanted != PAD], wanted[wanted != PAD])


@sheet.also
def all_inputs(net, source, target):
    logits, wanted = net(source, target)[:, :-1], target[:, 1:]
    return F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=PAD)


@sheet.mistake(
    zh="已经错开了一位，但填充也算进了平均：`ignore_index=0`，或者用掩码求和再除以真词元的个数。",
    en="It is shifted now, but padding counts in the mean: use `ignore_index=0`, or sum with a mask and divide by "
       "the number of real tokens.")
def padding_counted(net, source, target):
    logits, wanted = net(source, target[:, :-1]), target[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten())


@sheet.mistake(
    zh="填充处理好了，但没有错开：解码器在 t 处看到的正是 t 处要说的词元，照抄就行。",
    en="Padding is taken care of, but nothing is shifted: at t the decoder is shown the token it must say at t, and "
       "need only copy it.")
def not_shifted(net, source, target):
    return F.cross_entropy(net(source, target).flatten(0, 1), target.flatten(), ignore_index=PAD)


@sheet.mistake(
    zh="输入和目标都去掉了 BOS，两者仍是同一串：解码器还是在照抄。输入应当是 `target[:, :-1]`。",
    en="BOS was dropped from input and target alike, which leaves them equal: the decoder still copies. The input "
       "should be `target[:, :-1]`.")
def fed_with_the_answer(net, source, target):
    wanted = target[:, 1:]
    return F.cross_entropy(net(source, wanted).flatten(0, 1), wanted.flatten(), ignore_index=PAD)


@sheet.mistake(
    zh="错开的方向反了：这样是由后一个词元猜前一个。",
    en="Shifted the wrong way: this guesses each token from the one after it.")
def backwards(net, source, target):
    return F.cross_entropy(net(source, target[:, 1:]).flatten(0, 1), target[:, :-1].flatten(), ignore_index=PAD)


@sheet.mistake(
    zh="先对每句取平均再平均：短句的词元比长句的更重。应当对整个批次的词元一起取平均。",
    en="This averages within each sentence first, so that a token of a short sentence weighs more than one of a "
       "long sentence. Average over all the tokens of the batch.")
def mean_of_means(net, source, target):
    logits, wanted = net(source, target[:, :-1]), target[:, 1:]
    each = F.cross_entropy(logits.transpose(1, 2), wanted, ignore_index=PAD, reduction="none")
    return (each.sum(dim=1) / (wanted != PAD).sum(dim=1)).mean()


@sheet.mistake(
    zh="只求了和：损失会随批次的大小成倍变化。除以真词元的个数。",
    en="Only summed: the loss grows with the batch. Divide by the number of real tokens.")
def summed(net, source, target):
    logits, wanted = net(source, target[:, :-1]), target[:, 1:]
    return F.cross_entropy(logits.flatten(0, 1), wanted.flatten(), ignore_index=PAD, reduction="sum")


@sheet.mistake(
    zh="除数里还有填充的位置：除以真词元的个数，而不是全部位置数。",
    en="The divisor still counts padding: divide by the number of real tokens, not of positions.")
def divided_by_positions(net, source, target):
    return summed(net, source, target) / target[:, 1:].numel()


@sheet.probe
def probe(answer):
    random = torch.Generator().manual_seed(0)
    table = torch.randn(7, 7, generator=random).requires_grad_()
    source = torch.tensor([[4, 5, 2], [6, 2, 0], [4, 2, 0]])
    target = torch.tensor([[1, 5, 4, 6, 2], [1, 6, 2, 0, 0], [1, 2, 0, 0, 0]])

    def net(source, inputs):
        return table[inputs] + source.sum(dim=1)[:, None, None] * torch.arange(7) / 20

    loss = answer(net, source, target)
    yield Text("损失", "the loss"), loss
    through(loss).sum().backward()
    yield Text("梯度", "the gradient"), gradient(table)


EXERCISE = sheet.with_hints(
    Text("写出一句的输入和目标：BOS a b EOS。解码器看到 BOS 时应当说什么？",
         "Write out one sentence: BOS a b EOS. What should the decoder say on seeing BOS?"),
    Text("输入是 `target[:, :-1]`，目标是 `target[:, 1:]`。再看看填充有没有被算进平均。",
         "The input is `target[:, :-1]`, the target `target[:, 1:]`. Then see whether padding counts in the mean."),
    Text("`F.cross_entropy(..., ignore_index=0)` 的平均正好只除以真词元的个数。",
         "The mean of `F.cross_entropy(..., ignore_index=0)` divides by the number of real tokens alone."),
)
