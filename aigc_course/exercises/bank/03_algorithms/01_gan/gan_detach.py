"""Debug: the discriminator's loss sends gradients into the generator."""

import torch
import torch.nn.functional as F
from torch import nn

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug",
    zh="`discriminator_loss(generator, discriminator, real, z)` 的值是对的，但反向传播之后生成器也有了梯度。修复"
       "它：判别器的梯度不变，生成器得不到梯度，之后也仍然可以训练。",
    en="The value of `discriminator_loss(generator, discriminator, real, z)` is right, but after the backward pass "
       "the generator has gradients too. Repair it: the discriminator's gradients stay, the generator gets none and "
       "can still be trained afterwards.",
)


@sheet.blank
def blank(generator, discriminator, real, z):
    fake = generator(z)
    return F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()


@sheet.reference
def discriminator_loss(generator, discriminator, real, z):
    fake = generator(z).detach()   # in this turn the generator is the opponent, not the player
    return F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake)).mean()


@sheet.also
def without_graph(generator, discriminator, real, z):
    with torch.no_grad():
        fake = generator(z)
    return -F.logsigmoid(discriminator(real)).mean() - F.logsigmoid(-discriminator(fake)).mean()


@sheet.also
def by_cross_entropy(generator, discriminator, real, z):
    logits = torch.cat([discriminator(real), discriminator(generator(z).detach())])
    labels = torch.cat([torch.ones(len(real), 1), torch.zeros(len(z), 1)])
    each = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    return each[:len(real)].mean() + each[len(real):].mean()


@sheet.mistake(
    zh="断开的位置太靠后：切断 logits，判别器也就不能从生成样本中学习。应当断开的是生成样本本身。",
    en="The cut is too late: with the logits detached the discriminator learns nothing from generated samples "
       "either. Detach the samples.")
def logits_detached(generator, discriminator, real, z):
    fake_logits = discriminator(generator(z)).detach()
    return F.softplus(-discriminator(real)).mean() + F.softplus(fake_logits).mean()


@sheet.mistake(
    zh="`no_grad` 包住了全部计算，判别器也没有梯度了。只包住生成样本的那一行。",
    en="`no_grad` covers the whole computation, so that the discriminator gets no gradient. Cover only the line "
       "that makes the samples.")
def no_graph_at_all(generator, discriminator, real, z):
    with torch.no_grad():
        return discriminator_loss(generator, discriminator, real, z)


@sheet.mistake(
    zh="断开的是真实样本的 logits：判别器不再从真实样本学习，而生成器仍然得到梯度。",
    en="It is the logits of the real samples that are detached: the discriminator no longer learns from them, and "
       "the generator still gets gradients.")
def real_detached(generator, discriminator, real, z):
    fake = generator(z)
    real_logits = discriminator(real).detach()
    return F.softplus(-real_logits).mean() + F.softplus(discriminator(fake)).mean()


@sheet.mistake(
    zh="真假标签互换了：这样训练的判别器会把生成样本当成真的。",
    en="The labels are swapped: this trains the discriminator to take generated samples for real.")
def labels_swapped(generator, discriminator, real, z):
    fake = generator(z).detach()
    return F.softplus(discriminator(real)).mean() + F.softplus(-discriminator(fake)).mean()


@sheet.mistake(
    zh="梯度断对了，但损失只有一半：题目中的损失是两个平均值之和，请保持不变。",
    en="The cut is right, but the loss is half of what it was: it is the sum of two means; keep it.")
def averaged_together(generator, discriminator, real, z):
    return discriminator_loss(generator, discriminator, real, z) / 2


@sheet.mistake(
    zh="生成器被永久冻结了：轮到它时，它将无法更新。断开这一次的样本就够了。",
    en="This freezes the generator for good: when its turn comes it cannot move. It is enough to cut off these "
       "samples.")
def generator_frozen(generator, discriminator, real, z):
    generator.requires_grad_(False)
    return blank(generator, discriminator, real, z)


@sheet.probe
def probe(answer):
    torch.manual_seed(0)
    generator, discriminator = nn.Linear(3, 2), nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    loss = answer(generator, discriminator, torch.randn(5, 2), torch.randn(4, 3))
    yield Text("损失的值", "the loss"), loss
    through(loss).sum().backward()
    yield Text("判别器得到的梯度", "the gradient that the discriminator gets"), _gradient(discriminator)
    yield Text("生成器得到的梯度", "the gradient that the generator gets"), _gradient(generator)
    yield Text("生成器之后能否训练", "whether the generator can be trained afterwards"), float(
        all(p.requires_grad for p in generator.parameters()))


def _gradient(net):
    return torch.cat([gradient(p).flatten() for p in net.parameters()])


EXERCISE = sheet.with_hints(
    Text("沿着计算图往回走：梯度从哪一个变量流进生成器？",
         "Walk back along the graph: through which variable does the gradient enter the generator?"),
    Text("`tensor.detach()` 的值不变，但不再连着产生它的计算。",
         "`tensor.detach()` has the same value but no link to the computation that made it."),
    Text("只需改动产生 `fake` 的那一行。", "Only the line that makes `fake` needs to change."),
)
