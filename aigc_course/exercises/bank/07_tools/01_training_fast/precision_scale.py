"""Fill-in: the rule by which a loss scale falls after an overflow and grows after many good steps."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `next_scale(scale, good, finite, interval)`：一步之后新的损失缩放比例，与连续的好步数。梯度里有 inf 或 "
       "nan（`finite` 为假）：比例减半，重新数。否则数加一；连续数到 `interval`：比例加倍，重新数。返回 `(scale, "
       "good)`。",
    en="Complete `next_scale(scale, good, finite, interval)`: the loss scale after a step, and the number of good "
       "steps in a row. If a gradient holds inf or nan (`finite` is false), halve the scale and begin to count "
       "anew. Otherwise count one more; at `interval` in a row double the scale and begin anew. Return `(scale, "
       "good)`.",
)


@sheet.blank
def blank(scale, good, finite, interval):
    return ...


@sheet.reference
def next_scale(scale, good, finite, interval):
    if not finite:
        return scale / 2, 0
    if good + 1 == interval:
        return scale * 2, 0
    return scale, good + 1


@sheet.also
def by_remainder(scale, good, finite, interval):
    good = (good + 1) % interval if finite else 0
    return scale * (0.5 if not finite else 2.0 if good == 0 else 1.0), good


@sheet.also
def in_two_steps(scale, good, finite, interval):
    good = good + 1 if finite else 0
    scale = scale if finite else scale * 0.5
    if good >= interval:
        scale, good = scale * 2, 0
    return scale, good


@sheet.mistake(
    zh="溢出之后计数没有归零：要的是**连续**的好步。",
    en="The count goes on after an overflow; the good steps have to be in a row.")
def counts_on_after_an_overflow(scale, good, finite, interval):
    if not finite:
        return scale / 2, good
    return (scale * 2, 0) if good + 1 == interval else (scale, good + 1)


@sheet.mistake(
    zh="每一步都加倍，几步之后就又溢出：大半的步会被跳过。等数到 `interval` 再加倍。",
    en="Doubled at every step, it overflows again within a few, and many steps are skipped. Double at `interval`.")
def grows_at_every_step(scale, good, finite, interval):
    return (scale * 2, good + 1) if finite else (scale / 2, 0)


@sheet.mistake(
    zh="加倍之后计数没有归零，于是从此每一步都加倍。",
    en="The count does not begin anew after doubling, so that every later step doubles, too.")
def never_starts_again(scale, good, finite, interval):
    if not finite:
        return scale / 2, 0
    return (scale * 2 if good + 1 >= interval else scale), good + 1


@sheet.mistake(
    zh="晚了一步：这一步本身也算好步，先加一再比较。",
    en="One step late: this step counts, too. Add one, then compare.")
def one_too_late(scale, good, finite, interval):
    if not finite:
        return scale / 2, 0
    return (scale * 2, 0) if good == interval else (scale, good + 1)


@sheet.probe
def probe(answer):
    for interval, story in ((3, [True] * 8), (3, [True, True, False, True, True, True, False]), (1, [True, False]),
                            (5, [False, False, True, True])):
        scale, good = 1024.0, 0
        for step, finite in enumerate(story, 1):
            scale, good = answer(scale, good, finite, interval)
            what = f"interval {interval}, {''.join('.x'[not f] for f in story[:step])}"
            yield Text(f"步骤 {what}（x 是溢出）之后的比例", f"the scale after the steps {what} (x overflows)"), scale
            yield Text(f"步骤 {what}（x 是溢出）之后的计数", f"the count after the steps {what} (x overflows)"), good


EXERCISE = sheet.with_hints(
    Text("三种情形：溢出；好步，数还没满；好步，数满了。每种返回什么？",
         "Three cases: an overflow; a good step before the count is full; a good step that fills it. What does "
         "each return?"),
    Text("“满”是指把这一步也算进去：`good + 1 == interval`。",
         "Full means with this step counted: `good + 1 == interval`."),
    Text("溢出：`(scale / 2, 0)`；满了：`(scale * 2, 0)`；否则：`(scale, good + 1)`。",
         "Overflow: `(scale / 2, 0)`; full: `(scale * 2, 0)`; otherwise `(scale, good + 1)`."),
)
