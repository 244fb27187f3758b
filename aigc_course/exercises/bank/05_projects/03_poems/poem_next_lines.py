"""Fill-in: the pairs from which a Seq2Seq learns to write the next line."""

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `next_lines(lines, before)`：由一首诗的各行（带标点的字符串）得到训练“写下一句”的句对 `[(source, "
       "target), …]`。从第二行起，每一行都作一次 target；source 是它前面紧挨着的 `before` 行，按原来的顺序连成一个"
       "字符串；前面不足 `before` 行时，有几行就用几行。",
    en="Complete `next_lines(lines, before)`: from the lines of a poem (strings, with their signs) make the pairs "
       "`[(source, target), …]` that teach to write the next line. Every line from the second on is a target once; "
       "its source is the `before` lines right before it, in their order, joined into one string; where there are "
       "fewer, take those there are.",
)


@sheet.blank
def blank(lines, before):
    return ...


@sheet.reference
def next_lines(lines, before):
    return [("".join(lines[max(i - before, 0):i]), lines[i]) for i in range(1, len(lines))]


@sheet.also
def step_by_step(lines, before):
    pairs = []
    for i, target in enumerate(lines):
        source = ""
        for j in range(i):
            if i - j <= before:
                source += lines[j]
        if source:
            pairs.append((source, target))
    return pairs


@sheet.also
def from_the_end(lines, before):
    return [("".join(lines[:i][-before:]), lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="答案写在了题目里：source 含有 target 那一行。模型只要照抄就能得满分，真正写诗时却没有东西可抄。",
    en="The answer is in the question: the source contains the target. A model need only copy, and has nothing to "
       "copy when it writes.")
def target_in_the_source(lines, before):
    return [("".join(lines[max(i - before, 0):i + 1]), lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="source 多取了一行：target 是第 i 行时，source 从第 i − before 行开始。",
    en="The source has one line too many: for target i it begins at line i − before.")
def one_line_too_many(lines, before):
    return [("".join(lines[max(i - before - 1, 0):i]), lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="没有用到 `before`：只取了前面的一行，第四句就看不到第二句的韵。",
    en="`before` is not used: with the last line alone, line 4 cannot see the rhyme of line 2.")
def only_the_last(lines, before):
    return [(lines[i - 1], lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="没有用到 `before`：前面的行全都取了，不止 `before` 行。",
    en="`before` is not used: all earlier lines are taken, not the last `before` of them.")
def everything_before(lines, before):
    return [("".join(lines[:i]), lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="诗的开头丢了：前面不足 `before` 行的句子也要作 target，有几行就用几行。",
    en="The beginnings are lost: a line with fewer than `before` lines before it is a target as well.")
def short_beginnings_lost(lines, before):
    return [("".join(lines[i - before:i]), lines[i]) for i in range(before, len(lines))]


@sheet.mistake(
    zh="第一行前面什么也没有，不能作 target：空的 source 教不会模型看上文。",
    en="Nothing stands before the first line, so it is no target: an empty source teaches nothing.")
def out_of_nothing(lines, before):
    return [("".join(lines[max(i - before, 0):i]), lines[i]) for i in range(len(lines))]


@sheet.mistake(
    zh="target 错了一行：它应当是 source 之后的那一行，这里给的是 source 的最后一行。",
    en="The target is off by one: it is the line after the source, and this is the source's last line.")
def the_same_line(lines, before):
    return [("".join(lines[max(i - before, 0):i]), lines[i - 1]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="下标 i − before 变成负数时，Python 从末尾数起，切片于是取错或取空。用 max(i − before, 0)。",
    en="Where i − before is negative, Python counts from the end, and the slice is wrong or empty. Use max(i − "
       "before, 0).")
def negative_start(lines, before):
    return [("".join(lines[i - before:i]), lines[i]) for i in range(1, len(lines))]


@sheet.mistake(
    zh="行的顺序反了：source 应当保持诗中原来的顺序。",
    en="The lines are in the wrong order: the source keeps the poem's own.")
def nearest_first(lines, before):
    return [("".join(reversed(lines[max(i - before, 0):i])), lines[i]) for i in range(1, len(lines))]


@sheet.probe
def probe(answer):
    for before in (1, 2, 3):
        for lines in (["甲，", "乙。", "丙，", "丁。"], ["a,", "b.", "c,", "d.", "e,", "f."]):
            listed = " | ".join(f"{source} → {target}" for source, target in answer(list(lines), before))
            yield Text(f"before = {before}、共 {len(lines)} 行时的句对",
                       f"the pairs of {len(lines)} lines with before = {before}"), listed


EXERCISE = sheet.with_hints(
    Text("一首绝句有四行，可以得到三个句对。先写出 before = 1 时的三对。",
         "A quatrain gives three pairs. Write down the three for before = 1 first."),
    Text("target 是 `lines[i]`，i 从 1 开始；source 是它前面的一段切片。",
         "The target is `lines[i]` with i from 1; the source is a slice before it."),
    Text('切片是 `lines[max(i - before, 0):i]`，再用 `"".join` 连起来。',
         'The slice is `lines[max(i - before, 0):i]`, joined by `"".join`.'),
)
