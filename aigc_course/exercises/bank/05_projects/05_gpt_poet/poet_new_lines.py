"""Debug: a check of novelty that cannot fail, because it compares lines with whole poems."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`new_lines(poems, known)` 应当给出新句的比例：`poems` 的全部诗句之中，没有在 `known` 的任何一首里作为一整句"
       "出现过的占多少（重复的句子各算一次）。下面的代码对整首照抄的诗也报告“新”。找出毛病并修好。",
    en="`new_lines(poems, known)` shall give the share of new lines: of all lines of `poems`, those that are no "
       "whole line of any poem in `known` (repeated ones count each time). The code below calls even a poem new "
       "that is copied in full. Find the faults and repair them.",
)


@sheet.blank
def blank(poems, known):
    lines = [line for poem in poems for line in poem.replace("。", "，").split("，")]
    return sum(line not in known for line in lines) / len(lines)


@sheet.reference
def new_lines(poems, known):
    seen = {line for poem in known for line in poem.replace("。", "，").split("，")}
    lines = [line for poem in poems for line in poem.replace("。", "，").split("，") if line]
    return sum(line not in seen for line in lines) / len(lines)


@sheet.also
def by_loop(poems, known):
    new = total = 0
    for poem in poems:
        for line in filter(None, poem.replace("。", "，").split("，")):
            total += 1
            new += all(line not in other.replace("。", "，").split("，") for other in known)
    return new / total


@sheet.also
def by_signs(poems, known):
    marked = "，" + "，".join(known).replace("。", "，") + "，"
    lines = "，".join(poems).replace("。", "，").split("，")
    new = [f"，{line}，" not in marked for line in lines if line]
    return sum(new) / len(new)


@sheet.mistake(
    zh="两边都拆成句了，可是末尾的标点后面多出一个空字符串，它也被当成一句。",
    en="Both are split, but an empty string follows the last sign and counts as a line.")
def empty_lines(poems, known):
    seen = {line for poem in known for line in poem.replace("。", "，").split("，")}
    lines = [line for poem in poems for line in poem.replace("。", "，").split("，")]
    return sum(line not in seen for line in lines) / len(lines)


@sheet.mistake(
    zh="比的是整首诗：改一个字就算新诗，抄来的句子却漏过去了。",
    en="Whole poems are compared: one changed character makes a poem new, and copied lines slip through.")
def whole_poems(poems, known):
    return sum(poem not in known for poem in poems) / len(poems)


@sheet.mistake(
    zh="给出的是旧句的比例。",
    en="This is the share of old lines.")
def old_lines(poems, known):
    return 1 - new_lines(poems, known)


@sheet.mistake(
    zh="重复的句子只算了一次：题目要求每次都算，模型反复写同一句旧诗才看得出来。",
    en="Repeated lines count once: they shall count each time, or a model that repeats one old line looks new.")
def distinct_only(poems, known):
    seen = {line for poem in known for line in poem.replace("。", "，").split("，")}
    lines = {line for poem in poems for line in poem.replace("。", "，").split("，") if line}
    return len(lines - seen) / len(lines)


@sheet.mistake(
    zh="在全文里找子串：旧句的一部分也被当成旧句。题目比的是整句。",
    en="This searches for substrings: a part of an old line counts as old. The question is about whole lines.")
def inside_a_line(poems, known):
    text = "\n".join(known)
    lines = [line for poem in poems for line in poem.replace("。", "，").split("，") if line]
    return sum(line not in text for line in lines) / len(lines)


@sheet.probe
def probe(answer):
    known = ["春眠不觉晓，处处闻啼鸟。", "白日依山尽，黄河入海流。"]
    cases = {
        Text("大半是抄来的", "mostly copied poems"): ["白日依山尽，明月照高楼。", "白日依山尽，处处闻啼鸟。"],
        Text("整首照抄的诗", "a poem copied in full"): ["春眠不觉晓，处处闻啼鸟。"],
        Text("一句只是旧句的一部分", "a line that is a part of an old one"): ["依山尽，高楼望大江。"],
    }
    for name, poems in cases.items():
        yield name, answer(list(poems), list(known))


EXERCISE = sheet.with_hints(
    Text("`line not in known` 里，`known` 是什么的列表？", "In `line not in known`, what is `known` a list of?"),
    Text("把 `known` 也拆成句，放进一个集合。", "Split `known` into lines as well, and put them into a set."),
    Text("`split` 在最后一个“。”之后还给出一个空字符串；用 `if line` 去掉。",
         "`split` yields an empty string after the last sign; drop it with `if line`."),
)
