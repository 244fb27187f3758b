"""Fill-in: how much of a test set of translations is in the training set?"""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `leaked(training, test)`：两个列表里都是（源句，目标句）。返回 `test` 中泄漏的句对所占的比例，0 到 1："
       "一个句对的源句**或**目标句在训练集的同一侧出现过，就算泄漏。",
    en="Complete `leaked(training, test)`: both are lists of (source, target). Return the share, 0 to 1, of the "
       "pairs in `test` that leak: a pair leaks when its source *or* its target occurs on the same side of "
       "training.",
)


@sheet.blank
def blank(training, test):
    return ...


@sheet.reference
def leaked(training, test):
    sources, targets = {a for a, _ in training}, {b for _, b in training}
    found = [a in sources or b in targets for a, b in test]
    return sum(found) / len(found)


@sheet.also
def by_loop(training, test):
    known, count = {(side, pair[side]) for pair in training for side in (0, 1)}, 0
    for pair in test:
        count += any((side, pair[side]) in known for side in (0, 1))
    return count / len(test)


@sheet.also
def what_is_clean(training, test):
    sources, targets = map(set, zip(*training, strict=True))
    return 1 - len([1 for a, b in test if a not in sources and b not in targets]) / len(test)


@sheet.mistake(
    zh="这里只找完全相同的句对。同一个英文句子配着另一种译文，训练时也已经见过题目了。",
    en="This looks for identical pairs alone. An English sentence with another translation has been seen as well: "
       "the question is known.")
def whole_pairs_only(training, test):
    return sum(pair in training for pair in test) / len(test)


@sheet.mistake(
    zh="只查了源句。目标句在训练集里，模型就已经学会了写它。",
    en="Only sources are looked up. A target that is in training has been learnt as an answer.")
def sources_only(training, test):
    sources = {a for a, _ in training}
    return sum(a in sources for a, _ in test) / len(test)


@sheet.mistake(
    zh="只查了目标句。源句在训练集里，题目就已经见过了。",
    en="Only targets are looked up. A source that is in training is a question seen before.")
def targets_only(training, test):
    targets = {b for _, b in training}
    return sum(b in targets for _, b in test) / len(test)


@sheet.mistake(
    zh="要求两侧都出现才算：有一侧出现就够泄漏了，应当用“或”。",
    en="This asks for both sides; one is enough for a leak. Use *or*.")
def both_sides(training, test):
    sources, targets = {a for a, _ in training}, {b for _, b in training}
    return sum(a in sources and b in targets for a, b in test) / len(test)


@sheet.mistake(
    zh="分母不对：问的是测试集中泄漏的比例，应当除以测试集的大小。",
    en="The wrong denominator: it is a share of the test set, so divide by its size.")
def over_training(training, test):
    sources, targets = {a for a, _ in training}, {b for _, b in training}
    return sum(a in sources or b in targets for a, b in test) / len(training)


@sheet.mistake(
    zh="这是个数，不是比例：除以测试集的大小。",
    en="This is a count, not a share: divide by the size of the test set.")
def counted(training, test):
    return leaked(training, test) * len(test)


@sheet.mistake(
    zh="方向反了：这里数的是训练集中有多少出现在测试集里。",
    en="The wrong way round: this counts how much of training is in the test set.")
def other_way_round(training, test):
    return leaked(test, training)


@sheet.mistake(
    zh="先去掉了测试集中重复的句对：比例应当按测试集原样来数，因为分数也是这样算的。",
    en="Repeated test pairs were merged first: count them as they are, since that is how scores are computed.")
def distinct(training, test):
    sources, targets = {a for a, _ in training}, {b for _, b in training}
    found = {(a, b): a in sources or b in targets for a, b in test}
    return sum(found.values()) / len(found)


@sheet.probe
def probe(answer):
    training = [("Hi.", "嗨。"), ("Hi.", "你好。"), ("Hi.", "喂喂。"), ("Run!", "跑！"), ("I see.", "我明白了。"),
                ("Go.", "走。"), ("Wait.", "等等。"), ("Stop.", "停。"), ("Thanks.", "谢谢。"), ("Good.", "好。")]
    test = [("Hi.", "您好。"), ("Hello.", "你好。"), ("Sit.", "坐。"), ("Run!", "跑！"), ("Sit.", "坐。"),
            ("Hey.", "喂。"), ("跑！", "Run!"), ("Hi.", "走。"), ("I see.", "我懂了。")]
    yield Text("泄漏的比例", "the share that leaks"), answer(list(training), list(test))
    yield Text("干净的测试集的比例", "the share of a clean test set"), answer(list(training), [("No.", "不。")])


EXERCISE = sheet.with_hints(
    Text("先把训练集的源句和目标句各做成一个集合。",
         "First make a set of training's sources and one of its targets."),
    Text("对每个测试句对问：源句在第一个集合里，或者目标句在第二个集合里吗？",
         "Ask of every test pair: is its source in the first set, or its target in the second?"),
    Text("`sum(a in sources or b in targets for a, b in test) / len(test)`。",
         "`sum(a in sources or b in targets for a, b in test) / len(test)`."),
)
