"""Fill in: is one thing a kind of another, in a graph of concepts?"""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="`contains(edges, whole, part)`：`edges` 是若干对 `(整体, 部分)`，没有环。返回 True 或 False：沿着边走一步或"
       "几步，能不能从 `whole` 走到 `part`？",
    en="`contains(edges, whole, part)`: `edges` is a list of pairs `(whole, part)` without cycles. Return True or "
       "False: does some path of one or more edges lead from `whole` to `part`?",
)


@sheet.blank
def blank(edges, whole, part):
    return ...


@sheet.reference
def contains(edges, whole, part):
    inside = {child for parent, child in edges if parent == whole}
    return part in inside or any(contains(edges, child, part) for child in inside)


@sheet.also
def by_growing(edges, whole, part):
    found = {whole}
    for _ in edges:
        found |= {child for parent, child in edges if parent in found}
    return part in found - {whole}


@sheet.also
def by_climbing(edges, whole, part):
    above = {parent for parent, child in edges if child == part}
    return whole in above or any(by_climbing(edges, whole, parent) for parent in above)


@sheet.mistake(
    zh="只看了直接的边；深度学习也在 AI 里，隔着机器学习。",
    en="Only direct edges: deep learning is inside AI as well, by way of machine learning.")
def direct_only(edges, whole, part):
    return (whole, part) in edges


@sheet.mistake(
    zh="方向反了：边由整体指向部分。",
    en="The wrong way: edges lead from whole to part.")
def wrong_way(edges, whole, part):
    return contains(edges, part, whole)


@sheet.mistake(
    zh="包含是有方向的：深度学习不包含 AI。",
    en="Containing has a direction: deep learning does not contain AI.")
def either_way(edges, whole, part):
    return contains(edges, whole, part) or contains(edges, part, whole)


@sheet.mistake(
    zh="只走了两步；路可以更长。",
    en="Two steps are not enough: paths can be longer.")
def two_steps(edges, whole, part):
    inside = {child for parent, child in edges if parent == whole}
    return part in inside | {child for parent, child in edges if parent in inside}


@sheet.probe
def probe(answer):
    edges = [("AI", "ML"), ("ML", "DL"), ("DL", "CNN"), ("AI", "NLP"), ("CNN", "DCGAN")]
    for whole, part in (("AI", "ML"), ("AI", "DL"), ("AI", "DCGAN"), ("DL", "NLP"), ("DL", "AI"), ("NLP", "AI")):
        yield Text(f"{whole} 包含 {part}？", f"does {whole} contain {part}?"), answer(edges, whole, part)


EXERCISE = sheet.with_hints(
    Text("先找 `whole` 的直接部分。", "First find the direct parts of `whole`."),
    Text("每个直接部分又有自己的部分：递归，或者一直加到不再变多。",
         "Each of them has parts of its own: recurse, or keep adding until nothing is new."),
    Text("`part in inside or any(contains(edges, child, part) for child in inside)`。",
         "`part in inside or any(contains(edges, child, part) for child in inside)`."),
)
