"""Debug: drawing from counts by inverting the cumulative distribution."""

from itertools import accumulate

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`draw(counts, u)` 按次数抽一个字母：`counts` 是字母到次数的字典（按其顺序排列），`u` 是 [0, 1) 里均匀的随机"
       "数。把 [0, 1) 按比例切成小段，`u` 落在哪一段（含左端，不含右端），就抽哪个字母。可是下面的 `draw` 抽出来的"
       "比例不对：`{'b': 2, 'c': 1, 'd': 1}` 里的 c 从来抽不到。找出原因并修复。",
    en="`draw(counts, u)` draws a letter in proportion to its count: `counts` maps letters to counts, in its own "
       "order; `u` is a uniform random number in [0, 1). Cut [0, 1) into pieces in proportion; the letter is that "
       "of the piece in which `u` lies (its left end included, its right end not). But the proportions that `draw` "
       "gives are wrong: it never draws c from `{'b': 2, 'c': 1, 'd': 1}`. Find out why and repair it.",
)


@sheet.blank
def blank(counts, u):
    total = sum(counts.values())
    for letter, count in counts.items():
        if u < count / total:
            return letter
    return letter


@sheet.reference
def draw(counts, u):
    total, reached = sum(counts.values()), 0
    for letter, count in counts.items():
        reached += count
        if u * total < reached:
            return letter
    return letter


@sheet.also
def by_accumulate(counts, u):
    limits = list(accumulate(counts.values()))
    return next(letter for letter, limit in zip(counts, limits, strict=True) if u * limits[-1] < limit)


@sheet.also
def by_repeating(counts, u):
    urn = [letter for letter, count in counts.items() for _ in range(count)]
    return urn[int(u * len(urn))]


@sheet.mistake(
    zh="总是最常见的那个：这是贪心，不是抽样，`u` 没有用上。",
    en="Always the most frequent one: that is greedy and no sampling; `u` is not used.")
def the_most_frequent(counts, u):
    return max(counts, key=counts.get)


@sheet.mistake(
    zh="每个字母机会相同：段的长度应当与次数成比例。",
    en="All letters are equally likely: the pieces must be as long as the counts say.")
def all_alike(counts, u):
    return list(counts)[int(u * len(counts))]


@sheet.mistake(
    zh="段的次序反了：按字典的顺序，从 0 开始切。",
    en="The pieces are in reverse order: cut from 0 on, in the order of the dictionary.")
def from_the_end(counts, u):
    return draw(dict(reversed(counts.items())), u)


@sheet.mistake(
    zh="先按次数排了序；题目要字典自己的顺序。",
    en="They were sorted by count first; the dictionary's own order is asked for.")
def sorted_first(counts, u):
    return draw(dict(sorted(counts.items(), key=lambda item: -item[1])), u)


@sheet.mistake(
    zh="正好落在分界上时，应当属于右边的一段：用 `<`，不用 `<=`。",
    en="Exactly at a boundary, the piece on the right is meant: compare with `<`, not `<=`.")
def limit_included(counts, u):
    total, reached = sum(counts.values()), 0
    for letter, count in counts.items():
        reached += count
        if u * total <= reached:
            return letter
    return letter


@sheet.probe
def probe(answer):
    # Every u and every boundary is an exact binary fraction: which side it is on hangs on no rounding.
    for zh, en, counts in (("`{'b': 2, 'c': 1, 'd': 1}`", "`{'b': 2, 'c': 1, 'd': 1}`", {"b": 2, "c": 1, "d": 1}),
                           ("`{'x': 1, 'y': 4, 'z': 3}`", "`{'x': 1, 'y': 4, 'z': 3}`", {"x": 1, "y": 4, "z": 3}),
                           ("只有一个字母", "a single letter", {"q": 5})):
        drawn = "".join(answer(dict(counts), i / 16) for i in range(16))
        yield Text(f"{zh} 在 u = 0, 1/16, …, 15/16 时抽到的", f"what {en} gives for u = 0, 1/16, …, 15/16"), drawn


EXERCISE = sheet.with_hints(
    Text("第二段不是从 0 开始的。它的右端在哪里？", "The second piece does not begin at 0. Where does it end?"),
    Text("右端是到此为止的次数之和除以总数：边走边累加。",
         "It ends at the sum of the counts so far over the total: add up as you go."),
    Text("`reached += count`，然后比较 `u * total < reached`。",
         "`reached += count`, then compare `u * total < reached`."),
)
