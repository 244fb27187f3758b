"""Fill-in: one merge of byte-pair encoding."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `merge(parts, pair)`：`parts` 是一个词的词元列表，`pair` 是两个词元的元组。从左到右，把每一处相邻的 "
       "`pair` 合成一个词元，返回新的列表；已经用掉的词元不能再用。",
    en="Complete `merge(parts, pair)`: `parts` is a list with the tokens of a word, `pair` a tuple of two tokens. "
       "From left to right, join every place where `pair` stands into one token and return the new list; a token "
       "that was used up is not used again.",
)


@sheet.blank
def blank(parts, pair):
    return ...


@sheet.reference
def merge(parts, pair):
    joined, i = [], 0
    while i < len(parts):
        if tuple(parts[i:i + 2]) == pair:
            joined.append(parts[i] + parts[i + 1])
            i += 2                                             # both are used up: the next pair starts after them
        else:
            joined.append(parts[i])
            i += 1
    return joined


@sheet.also
def onto_a_stack(parts, pair):
    joined, open_ = [], False                                  # open_: the last token is not made by this merge
    for part in parts:
        if open_ and (joined[-1], part) == pair:
            joined[-1] += part
            open_ = False
        else:
            joined.append(part)
            open_ = True
    return joined


@sheet.also
def by_recursion(parts, pair):
    if len(parts) < 2:
        return list(parts)
    if (parts[0], parts[1]) == tuple(pair):
        return [parts[0] + parts[1], *by_recursion(parts[2:], pair)]
    return [parts[0], *by_recursion(parts[1:], pair)]


@sheet.mistake(
    zh="同一个词元用了两次：`a a a` 合并一次得到 `aa a`，而不是 `aa aa`。合并之后，下标要前进 2。",
    en="A token was used twice: merging `a a a` gives `aa a`, not `aa aa`. After a merge the index moves by 2.")
def overlapping(parts, pair):
    joined = []
    for i in range(len(parts)):
        if tuple(parts[i:i + 2]) == pair:
            joined.append(parts[i] + parts[i + 1])
        elif i == 0 or tuple(parts[i - 1:i + 1]) != pair:
            joined.append(parts[i])
    return joined


@sheet.mistake(
    zh="合并之后，右边那个词元还留在列表里：文字变长了。",
    en="After the merge its right token stays in the list: the text has grown.")
def second_kept(parts, pair):
    return [parts[i] + parts[i + 1] if tuple(parts[i:i + 2]) == pair else parts[i] for i in range(len(parts))]


@sheet.mistake(
    zh="最后一个词元丢了：没有右邻的词元也要放进结果。",
    en="The last token is lost: a token without a right neighbour belongs to the result, too.")
def last_lost(parts, pair):
    joined, i = [], 0
    while i < len(parts) - 1:
        both = (parts[i], parts[i + 1]) == pair
        joined.append(parts[i] + parts[i + 1] if both else parts[i])
        i += 2 if both else 1
    return joined


@sheet.mistake(
    zh="只合并了第一处。训练时统计的是所有出现的次数，所以每一处都要合并。",
    en="Only the first place was merged. Training counted all occurrences, so all of them are merged.")
def first_only(parts, pair):
    for i in range(len(parts) - 1):
        if (parts[i], parts[i + 1]) == pair:
            return [*parts[:i], parts[i] + parts[i + 1], *parts[i + 2:]]
    return list(parts)


@sheet.mistake(
    zh="顺序也算：`(l, o)` 只合并左边是 l、右边是 o 的地方，`o l` 不动。",
    en="Order counts: `(l, o)` joins an l on the left with an o on its right; `o l` stays.")
def either_order(parts, pair):
    joined, i = [], 0
    while i < len(parts):
        both = sorted(parts[i:i + 2]) == sorted(pair)
        joined.append(parts[i] + parts[i + 1] if both else parts[i])
        i += 2 if both else 1
    return joined


@sheet.mistake(
    zh="连成字符串再替换，就分不清词元的边界了：`xl o` 里的 l 是 `xl` 的一部分，不是词元 `l`。",
    en="Replacing within one string loses the borders of tokens: the l of `xl o` is part of `xl`, not the token "
       "`l`.")
def again_and_again(parts, pair):
    return " ".join(parts).replace(" ".join(pair), "".join(pair)).split(" ")


@sheet.probe
def probe(answer):
    for parts, pair in (("l o w e r l o w", ("l", "o")), ("lo w lo w", ("lo", "w")), ("a a a a a", ("a", "a")),
                        ("o l o l l o", ("l", "o")), ("x lo w", ("l", "o")), ("xl o l o", ("l", "o")),
                        ("a", ("a", "b"))):
        found = answer(parts.split(), pair)
        yield Text(f"把 {pair} 合并进 {parts}", f"{pair} merged in {parts}"), " ".join(found)


EXERCISE = sheet.with_hints(
    Text("用一个下标 `i` 从左走到右，每一步看 `parts[i]` 和 `parts[i + 1]`。",
         "Walk from left to right with an index `i` and look at `parts[i]` and `parts[i + 1]`."),
    Text("正好是这一对，就放进合成的词元，`i` 加 2；否则放进 `parts[i]`，`i` 加 1。",
         "If they are the pair, append the joined token and add 2 to `i`; else append `parts[i]` and add 1."),
    Text("`tuple(parts[i:i + 2]) == pair` 在列表末尾也不会越界。",
         "`tuple(parts[i:i + 2]) == pair` is safe at the end of the list as well."),
)
