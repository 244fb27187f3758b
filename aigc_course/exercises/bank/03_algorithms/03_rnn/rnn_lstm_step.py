"""Fill-in: one step of an LSTM, from its four gates."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    zh="补全 `lstm_step(gates, c)`：LSTM 的一步。`gates` 形状是 `(B, 4H)`，按 torch 的顺序 i、f、g、o 排列，还没有"
       "经过激活函数；`c` 是旧的记忆，形状 `(B, H)`。返回 `torch.stack([h, c])`：新的隐藏状态和新的记忆，形状 `(2, "
       "B, H)`。",
    en="Complete `lstm_step(gates, c)`, one step of an LSTM. `gates` has shape `(B, 4H)`, in torch's order i, f, g, "
       "o, before any activation; `c` is the old memory, `(B, H)`. Return `torch.stack([h, c])`, the new hidden "
       "state and the new memory, `(2, B, H)`.",
)


@sheet.blank
def blank(gates, c):
    return ...


@sheet.reference
def lstm_step(gates, c):
    i, f, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()   # what is kept, and what is written
    return torch.stack([o.sigmoid() * c.tanh(), c])


@sheet.also
def by_slices(gates, c):
    width = c.shape[-1]
    i = torch.sigmoid(gates[:, :width])
    f = torch.sigmoid(gates[:, width:2 * width])
    g = torch.tanh(gates[:, 2 * width:3 * width])
    o = torch.sigmoid(gates[:, 3 * width:])
    new = torch.addcmul(f * c, i, g)
    return torch.stack([o * torch.tanh(new), new])


@sheet.also
def by_torch(gates, c):
    cell = torch.nn.LSTMCell(gates.shape[1], c.shape[1], bias=False).to(gates)
    identity, nothing = torch.eye(gates.shape[1]).to(gates), torch.zeros_like(cell.weight_hh)
    weights = {"weight_ih": identity, "weight_hh": nothing}
    return torch.stack(torch.func.functional_call(cell, weights, (gates, (torch.zeros_like(c), c))))


@sheet.mistake(
    zh="输入门和遗忘门互换了：torch 的顺序是 i、f、g、o，旧的记忆乘以 f。",
    en="The input and the forget gate are exchanged: torch's order is i, f, g, o, and it is f that multiplies the "
       "old memory.")
def input_and_forget_exchanged(gates, c):
    f, i, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return torch.stack([o.sigmoid() * c.tanh(), c])


@sheet.mistake(
    zh="候选值 g 用的是 tanh，不是 sigmoid：否则写进记忆的数永远是正的，记忆只增不减。",
    en="The candidate g goes through tanh, not through a sigmoid, or only positive numbers could ever be written.")
def candidate_by_sigmoid(gates, c):
    i, f, g, o = gates.sigmoid().chunk(4, dim=-1)
    c = f * c + i * g
    return torch.stack([o * c.tanh(), c])


@sheet.mistake(
    zh="记忆 c 本身不经过 tanh：正因为它一步步只做加法，梯度才传得远。只有输出 h 用 tanh(c)。",
    en="The memory c itself is never squashed: because it is only added to, gradients reach far back. Only the "
       "output h takes tanh(c).")
def memory_squashed(gates, c):
    h, c = lstm_step(gates, c)
    return torch.stack([h, c.tanh()])


@sheet.mistake(
    zh="h 少了一个 tanh：h = o ⊙ tanh(c)。c 没有上界，h 应当有。",
    en="h lacks its tanh: h = o ⊙ tanh(c). c has no bound, h does.")
def output_not_squashed(gates, c):
    _, c = lstm_step(gates, c)
    return torch.stack([gates.chunk(4, dim=-1)[3].sigmoid() * c, c])


@sheet.mistake(
    zh="h 用了旧的 c：输出门看到的应当是这一步更新之后的记忆。",
    en="h was made of the old c: the output gate shows the memory as it is after this step.")
def old_memory_shown(gates, c):
    _, new = lstm_step(gates, c)
    return torch.stack([gates.chunk(4, dim=-1)[3].sigmoid() * c.tanh(), new])


@sheet.mistake(
    zh="没有用到遗忘门：1997 年的原文确实没有它（Gers 等 2000 年加上），但题目里有 f。",
    en="The forget gate is not used. The paper of 1997 had none (Gers et al. added it in 2000), but this cell has "
       "an f.")
def nothing_forgotten(gates, c):
    i, f, g, o = gates.chunk(4, dim=-1)
    c = c + i.sigmoid() * g.tanh()
    return torch.stack([o.sigmoid() * c.tanh(), c])


@sheet.mistake(
    zh="这里把输入门写成了 1 − f，这是 GRU 的做法；LSTM 的输入门 i 是独立的。",
    en="The input gate became 1 − f, which is what a GRU does; an LSTM has an i of its own.")
def coupled_gates(gates, c):
    i, f, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + (1 - f.sigmoid()) * g.tanh()
    return torch.stack([o.sigmoid() * c.tanh(), c])


@sheet.mistake(
    zh="两个返回值互换了：先 h，后 c。",
    en="The two results are exchanged: h first, then c.")
def pair_exchanged(gates, c):
    return lstm_step(gates, c).flip(0)


@sheet.probe
def probe(answer):
    draw = torch.Generator().manual_seed(0)
    gates = torch.randn(3, 8, generator=draw).mul(2).requires_grad_()
    c = torch.randn(3, 2, generator=draw).mul(2).requires_grad_()
    state = answer(gates, c)
    yield Text("h 与新的 c 的值", "the values of h and of the new c"), state
    through(state).sum().backward()
    for name, leaf in (("gates", gates), ("c", c)):
        yield Text(f"对 {name} 的梯度", f"the gradient with respect to {name}"), gradient(leaf)


EXERCISE = sheet.with_hints(
    Text("先把 `gates` 沿最后一维切成四份，再给每一份配上激活函数：三个 sigmoid，一个 tanh。",
         "Cut `gates` into four along its last axis, then give each its activation: three sigmoids, one tanh."),
    Text("新的记忆 = 遗忘门 × 旧的记忆 + 输入门 × 候选值。",
         "New memory = forget gate × old memory + input gate × candidate."),
    Text("`c = f.sigmoid() * c + i.sigmoid() * g.tanh()`，然后 h = σ(o) ⊙ tanh(c)。",
         "`c = f.sigmoid() * c + i.sigmoid() * g.tanh()`, and then h = σ(o) ⊙ tanh(c)."),
)
