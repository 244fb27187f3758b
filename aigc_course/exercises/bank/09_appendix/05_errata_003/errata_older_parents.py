"""Fill in: edges of a family tree that run against time."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="`impossible(edges, year)`：`edges` 是若干对 `(来源, 后代)`，`year` 给出每种方法发表的年份。按原来的次序返回"
       "那些不可能成立的边：后代比来源**更早**发表。",
    en="`impossible(edges, year)`: `edges` is a list of pairs `(parent, child)`, `year` the year of each method. "
       "Return, in their order, the edges that cannot be: those whose child was published **before** its parent.",
)


@sheet.blank
def blank(edges, year):
    return ...


@sheet.reference
def impossible(edges, year):
    return [(parent, child) for parent, child in edges if year[child] < year[parent]]


@sheet.also
def by_loop(edges, year):
    found = []
    for parent, child in edges:
        if year[parent] > year[child]:
            found.append((parent, child))
    return found


@sheet.also
def by_filter(edges, year):
    return list(filter(lambda edge: year[edge[0]] - year[edge[1]] > 0, edges))


@sheet.mistake(
    zh="方向反了：后代比来源晚是正常的。",
    en="The wrong way round: a child later than its parent is as it should be.")
def reversed_time(edges, year):
    return [(parent, child) for parent, child in edges if year[child] > year[parent]]


@sheet.mistake(
    zh="同一年发表的并非不可能：题目只要**更早**的。",
    en="The same year is possible: only those published **before** are asked for.")
def same_year_too(edges, year):
    return [(parent, child) for parent, child in edges if year[child] <= year[parent]]


@sheet.mistake(
    zh="要返回整条边，不只是后代。",
    en="Return whole edges, not just the children.")
def children_only(edges, year):
    return [child for parent, child in edges if year[child] < year[parent]]


@sheet.mistake(
    zh="边的方向变了：先写来源，再写后代。",
    en="The edges were turned round: the parent comes first.")
def turned_round(edges, year):
    return [(child, parent) for parent, child in edges if year[child] < year[parent]]


@sheet.mistake(
    zh="只返回了第一条；不可能的边可以有好几条。",
    en="That is only the first; there can be several.")
def first_only(edges, year):
    return impossible(edges, year)[:1]


@sheet.probe
def probe(answer):
    year = {"RNN": 1990, "LSTM": 1997, "VAE": 2013, "GAN": 2014, "DCGAN": 2015, "GRU": 2014}
    family = [("GAN", "VAE"), ("GAN", "RNN"), ("GAN", "DCGAN"), ("RNN", "LSTM"), ("GAN", "GRU")]
    for edges in (family, [("RNN", "GRU")]):
        yield Text("不可能的边", "the impossible edges"), list(answer(edges, year))


EXERCISE = sheet.with_hints(
    Text("写出一条边何时不可能：比较两端的年份。", "When is an edge impossible? Compare the years at its ends."),
    Text("`year[child] < year[parent]`。", "`year[child] < year[parent]`."),
    Text("用列表推导式，保留整个 `(parent, child)`。", "A list comprehension that keeps the pair `(parent, child)`."),
)
