"""Fill in: the probability of a repeat."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="`repeat_probability(draws, support)`：从 `support` 种等可能的图里独立地抽 `draws` 张，至少有两张相同的概"
       "率。",
    en="`repeat_probability(draws, support)`: the probability that of `draws` independent pictures, each one of "
       "`support` kinds that are equally likely, at least two are the same.",
)


@sheet.blank
def blank(draws, support):
    return ...


@sheet.reference
def repeat_probability(draws, support):
    distinct = 1.0
    for i in range(draws):
        distinct *= 1 - i / support
    return 1 - distinct


@sheet.also
def by_recursion(draws, support):
    if draws <= 1:
        return 0.0
    before = by_recursion(draws - 1, support)
    return before + (1 - before) * (draws - 1) / support


@sheet.also
def by_counting(draws, support):
    ways = 1
    for i in range(draws):
        ways *= support - i
    return 1 - ways / support**draws


@sheet.mistake(
    zh="这是下一张重复的概率，不是任意两张。",
    en="That is for one more draw, not for any two.")
def share(draws, support):
    return draws / support


@sheet.mistake(
    zh="只数了与第一张相同的；任意两张相同都算。",
    en="That counts repeats of the first only; any two count.")
def repeats_the_first(draws, support):
    return 1 - (1 - 1 / support) ** (draws - 1)


@sheet.mistake(
    zh="这是全不相同的概率，用 1 减去它。",
    en="That is for all distinct: take it from 1.")
def all_distinct(draws, support):
    return 1 - repeat_probability(draws, support)


@sheet.mistake(
    zh="多乘了一项：第一张不会与任何一张相同。",
    en="One factor too many: the first repeats nothing.")
def one_too_many(draws, support):
    return repeat_probability(draws + 1, support)


@sheet.mistake(
    zh="这是相同的对数的期望，可以大于 1。",
    en="That is the expected number of equal pairs, which can exceed 1.")
def expected_pairs(draws, support):
    return draws * (draws - 1) / (2 * support)


@sheet.probe
def probe(answer):
    yield Text("20 次，100 种", "20 draws of 100"), answer(20, 100)
    yield Text("3 次，5 种", "3 draws of 5"), answer(3, 5)


EXERCISE = sheet.with_hints(
    Text("先求全不相同的概率。", "First find the probability that all are distinct."),
    Text("第 i+1 张要避开前 i 张：1 − i/support。", "Draw i+1 must avoid the first i: 1 − i/support."),
    Text("把 i = 0 … draws − 1 的这些因子乘起来，再用 1 减。",
         "Multiply these factors for i = 0 … draws − 1 and subtract from 1."),
)
