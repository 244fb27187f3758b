"""Debug: weights that were loaded without an error and never arrived."""

import torch
from torch import nn

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="权重载入了，没有报错，模型却像没有训练过。`torch.compile(net)` 返回的模块给每个名字加上 `_orig_mod.`，而下"
       "面的代码用 `strict=False` 把“对不上的名字”统统放过。修复 `load(net, state)`：无论整个网络、其中几层，还是什"
       "么都没有编译过，权重都要进到 `net` 里；名字或张量真的对不上时，必须报错（`RuntimeError`）。",
    en="The weights were loaded without an error, and yet the model behaves untrained. The module that "
       "`torch.compile(net)` returns puts `_orig_mod.` into every name, and the code below lets every name that "
       "does not fit pass, by `strict=False`. Repair `load(net, state)`: whether the whole net, some layers or "
       "nothing was compiled, the weights shall end up in `net`; and names or tensors that really do not fit must "
       "be an error (`RuntimeError`).",
)


@sheet.blank
def blank(net, state):
    net.load_state_dict(state, strict=False)


@sheet.reference
def load(net, state):
    net.load_state_dict({name.replace("_orig_mod.", ""): tensor for name, tensor in state.items()})


@sheet.also
def part_by_part(net, state):
    plain = {}
    for name, tensor in state.items():
        plain[".".join(part for part in name.split(".") if part != "_orig_mod")] = tensor
    net.load_state_dict(plain, strict=True)


@sheet.also
def by_looking_them_up(net, state):
    found = {name.replace("_orig_mod.", ""): tensor for name, tensor in state.items()}
    if found.keys() != net.state_dict().keys():
        raise RuntimeError(f"these do not fit: {sorted(found.keys() ^ net.state_dict().keys())}")
    with torch.no_grad():
        for name, tensor in net.state_dict().items():
            tensor.copy_(found[name])


@sheet.mistake(
    zh="现在会报错了，这很好；但编译过的网络的权重也应当能载入：把名字改回来。",
    en="It is an error now, which is good; but weights of a compiled net should load: turn the names back.")
def only_strict(net, state):
    net.load_state_dict(state)


@sheet.mistake(
    zh="名字改对了，但 `strict=False` 还在：少了一个张量时仍然一声不响。",
    en="The names are right, but `strict=False` is still there: a missing tensor passes in silence.")
def renamed_but_lenient(net, state):
    net.load_state_dict({name.replace("_orig_mod.", ""): tensor for name, tensor in state.items()}, strict=False)


@sheet.mistake(
    zh="只去掉了开头的 `_orig_mod.`：单独编译一层时，它在名字的中间。",
    en="Only an `_orig_mod.` in front is taken off: where one layer was compiled, it stands in the middle.")
def only_in_front(net, state):
    net.load_state_dict({name.removeprefix("_orig_mod."): tensor for name, tensor in state.items()})


@sheet.mistake(
    zh="不管有没有都切掉十个字符：没有编译过的网络，名字就被切坏了。",
    en="Ten characters are cut off in any case, which spoils the names of a net that was not compiled.")
def cut_blindly(net, state):
    net.load_state_dict({name[len("_orig_mod."):]: tensor for name, tensor in state.items()})


def build(seed):
    generator = torch.Generator().manual_seed(seed)
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return net


@sheet.probe
def probe(answer):
    trained = build(1).state_dict()
    cases = {
        Text("整个网络编译过", "the whole net was compiled"):
            {f"_orig_mod.{name}": one for name, one in trained.items()},
        Text("没有编译过", "nothing was compiled"): trained,
        Text("只编译了一层", "one layer was compiled"):
            {name.replace("1.", "1._orig_mod."): one for name, one in trained.items()},
        Text("少了一个张量", "a tensor is missing"): {name: one for name, one in trained.items() if name != "1.bias"},
    }
    for label, state in cases.items():
        net = build(2)
        try:
            answer(net, dict(state))
            end = "loaded"
        except RuntimeError:
            end = "refused"
        yield Text(f"{label.zh}：结果", f"{label.en}: how it ends"), end
        if end == "loaded":
            yield (Text(f"{label.zh}：网络里的权重", f"{label.en}: the weights in the net"),
                   torch.cat([one.detach().flatten() for one in net.parameters()]))


EXERCISE = sheet.with_hints(
    Text("打印 `state` 与 `net.state_dict()` 的名字，比一比。",
         "Print the names in `state` and in `net.state_dict()` and compare."),
    Text("先把名字改对，再让 `load_state_dict` 严格检查。",
         "Put the names right first, then let `load_state_dict` be strict."),
    Text('`name.replace("_orig_mod.", "")`；`strict` 用默认值。',
         '`name.replace("_orig_mod.", "")`; leave `strict` at its default.'),
)
