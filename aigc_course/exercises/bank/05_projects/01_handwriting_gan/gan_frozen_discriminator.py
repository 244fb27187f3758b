"""Debug: the generator's turn also moves the discriminator, as in the Keras sample that this course corrects."""

import torch
import torch.nn.functional as F
from torch import nn

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`generator_turn(generator, discriminator, z, lr)` 用学习率 `lr` 对生成器做一步随机梯度下降，但它同时也更新"
       "了判别器，让判别器把生成样本认作真的。修复它：生成器的更新不变，判别器一个参数也不动，之后也仍然可以训练。",
    en="`generator_turn(generator, discriminator, z, lr)` makes one step of stochastic gradient descent at rate "
       "`lr` for the generator, but it moves the discriminator too, towards taking generated samples for real. "
       "Repair it: the generator's step stays, no parameter of the discriminator moves, and it can still be trained "
       "afterwards.",
)


@sheet.blank
def blank(generator, discriminator, z, lr):
    players = [*generator.parameters(), *discriminator.parameters()]
    optimizer = torch.optim.SGD(players, lr)
    optimizer.zero_grad()
    F.softplus(-discriminator(generator(z))).mean().backward()
    optimizer.step()


@sheet.reference
def generator_turn(generator, discriminator, z, lr):
    optimizer = torch.optim.SGD(generator.parameters(), lr)   # only the player whose turn it is
    optimizer.zero_grad()
    F.softplus(-discriminator(generator(z))).mean().backward()
    optimizer.step()


@sheet.also
def by_hand(generator, discriminator, z, lr):
    loss = -F.logsigmoid(discriminator(generator(z))).mean()
    parameters = list(generator.parameters())
    with torch.no_grad():
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter -= lr * gradient


@sheet.also
def frozen_for_this_turn(generator, discriminator, z, lr):
    discriminator.requires_grad_(False)
    optimizer = torch.optim.SGD(generator.parameters(), lr)
    optimizer.zero_grad()
    F.softplus(-discriminator(generator(z))).mean().backward()
    optimizer.step()
    discriminator.requires_grad_(True)


@sheet.mistake(
    zh="冻结之后没有解冻：下一次轮到判别器时，它什么也学不到。某些版本的 Keras 正是这样让判别器从未训练过。",
    en="Frozen and never thawed: the discriminator learns nothing when its turn comes. In some versions of Keras "
       "this is how a discriminator never trains at all.")
def frozen_for_good(generator, discriminator, z, lr):
    discriminator.requires_grad_(False)
    generator_turn(generator, discriminator, z, lr)


@sheet.mistake(
    zh="断开了生成样本，梯度就到不了生成器：它一步也没有走。`detach` 属于判别器的回合。",
    en="With the samples detached no gradient reaches the generator: it did not move. `detach` belongs in the "
       "discriminator's turn.")
def samples_detached(generator, discriminator, z, lr):
    optimizer = torch.optim.SGD(generator.parameters(), lr)
    optimizer.zero_grad()
    F.softplus(-discriminator(generator(z).detach())).mean().backward()
    optimizer.step()


@sheet.mistake(
    zh="优化器里是另一方的参数：判别器动了，生成器没有动。",
    en="The optimiser holds the other player's parameters: the discriminator moved, the generator did not.")
def only_the_discriminator(generator, discriminator, z, lr):
    optimizer = torch.optim.SGD(discriminator.parameters(), lr)
    optimizer.zero_grad()
    F.softplus(-discriminator(generator(z))).mean().backward()
    optimizer.step()


@sheet.mistake(
    zh="没有清零：上一回合留下的梯度加进了这一步。先调用 `zero_grad()`。",
    en="Not zeroed: gradients left over from an earlier turn were added to this step. Call `zero_grad()` first.")
def gradients_left_over(generator, discriminator, z, lr):
    optimizer = torch.optim.SGD(generator.parameters(), lr)
    F.softplus(-discriminator(generator(z))).mean().backward()
    optimizer.step()


@sheet.mistake(
    zh="损失变了：这是让 D(G(z)) 变小的损失。原来的非饱和损失 −log D(G(z)) 是对的，请保留。",
    en="The loss has changed: this one makes D(G(z)) smaller. The non-saturating −log D(G(z)) was right; keep it.")
def wrong_direction(generator, discriminator, z, lr):
    optimizer = torch.optim.SGD(generator.parameters(), lr)
    optimizer.zero_grad()
    F.softplus(discriminator(generator(z))).mean().backward()
    optimizer.step()


@sheet.probe
def probe(answer):
    torch.manual_seed(0)
    generator = nn.Linear(3, 2)
    discriminator = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 1))
    generator(torch.randn(6, 3)).sum().backward()   # something left over from an earlier turn
    before = _flat(generator), _flat(discriminator)
    answer(generator, discriminator, torch.randn(4, 3), 0.5)
    yield Text("生成器参数的变化", "the change of the generator's parameters"), _flat(generator) - before[0]
    yield Text("判别器参数的变化", "the change of the discriminator's parameters"), _flat(discriminator) - before[1]
    yield Text("判别器之后能否训练", "whether the discriminator can be trained afterwards"), float(
        all(parameter.requires_grad for parameter in discriminator.parameters()))


def _flat(net):
    return torch.cat([parameter.detach().flatten() for parameter in net.parameters()]).clone()


EXERCISE = sheet.with_hints(
    Text("`optimizer.step()` 更新的是谁？看它是用哪些参数建立的。",
         "Whom does `optimizer.step()` move? See which parameters it was made with."),
    Text("梯度必须穿过判别器才能到达生成器，但穿过并不等于更新。",
         "Gradients must pass through the discriminator to reach the generator, but passing is not updating."),
    Text("让优化器只拥有轮到的那一方的参数。",
         "Let the optimiser own the parameters of the player whose turn it is."),
)
