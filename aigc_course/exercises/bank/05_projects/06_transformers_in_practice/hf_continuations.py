"""Debug: what was written, taken out of what `generate` returns."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`tokens` 是 `generate` 对一批**左补齐**的提示返回的编号，形状 `(B, T + new)`：先是补齐与提示，再是新写的；"
       "写到 EOS 的行，后面用 PAD 补满，PAD 也可能就是 EOS。`continuations(tokens, prompts, eos)` 应当返回每一行**"
       "新写的**编号，不要 EOS 及其后的。现在的代码把提示的一部分也算了进去。修复它。",
    en="`tokens` is what `generate` returned for a batch of prompts filled up **on the left**, shape `(B, T + "
       "new)`: padding and prompt, then what is new; a row that came to EOS is filled up with PAD, which may be EOS "
       "itself. `continuations(tokens, prompts, eos)` shall return the **new** ids of each row, without EOS and "
       "what follows. As it is, parts of prompts slip in. Repair it.",
)


@sheet.blank
def blank(tokens, prompts, eos):
    return [row[len(prompt):] for row, prompt in zip(tokens.tolist(), prompts, strict=True)]


@sheet.reference
def continuations(tokens, prompts, eos):
    width = max(map(len, prompts))
    rows = [row[width:] for row in tokens.tolist()]
    return [row[:row.index(eos)] if eos in row else row for row in rows]


@sheet.also
def one_by_one(tokens, prompts, eos):
    found = []
    for row in tokens[:, max(len(prompt) for prompt in prompts):]:
        found.append([])
        for token in row:
            if token == eos:
                break
            found[-1].append(int(token))
    return found


@sheet.also
def by_counting(tokens, prompts, eos):
    new = tokens[:, max(map(len, prompts)):]
    lengths = ((new == eos).cumsum(1) == 0).sum(1).tolist()
    return [row[:length].tolist() for row, length in zip(new, lengths, strict=True)]


@sheet.mistake(
    zh="EOS 处理对了，但仍按每个提示自己的长度切：左边补齐之后，所有的提示都在同一列结束。",
    en="EOS is dealt with, but each row is still cut at its own prompt's length: filled up on the left, all prompts "
       "end in the same column.")
def own_length(tokens, prompts, eos):
    rows = [row[len(prompt):] for row, prompt in zip(tokens.tolist(), prompts, strict=True)]
    return [row[:row.index(eos)] if eos in row else row for row in rows]


@sheet.mistake(
    zh="切的位置对了，但 EOS 和补在后面的 PAD 还留着。",
    en="Cut in the right place, but EOS and the padding behind it are still there.")
def end_kept(tokens, prompts, eos):
    width = max(map(len, prompts))
    return [row[width:] for row in tokens.tolist()]


@sheet.mistake(
    zh="先找 EOS 再切：当 PAD 就是 EOS 时，找到的是左边的补齐。先切掉提示，再找 EOS。",
    en="EOS is looked for before cutting: where PAD is EOS, the padding on the left is found. Cut first.")
def cut_before_slicing(tokens, prompts, eos):
    width = max(map(len, prompts))
    return [(row[:row.index(eos)] if eos in row else row)[width:] for row in tokens.tolist()]


@sheet.mistake(
    zh="只去掉了等于 EOS 的编号：EOS 之后的 PAD 是另一个编号时，还会留下。",
    en="Only ids equal to EOS were removed: padding behind it that has another id stays.")
def end_filtered(tokens, prompts, eos):
    width = max(map(len, prompts))
    return [[token for token in row[width:] if token != eos] for row in tokens.tolist()]


@sheet.mistake(
    zh="EOS 本身也要去掉。",
    en="EOS itself shall go, too.")
def end_included(tokens, prompts, eos):
    width = max(map(len, prompts))
    rows = [row[width:] for row in tokens.tolist()]
    return [row[:row.index(eos) + 1] if eos in row else row for row in rows]


@sheet.probe
def probe(answer):
    prompts, eos = [[5, 6, 7], [8], [9, 4]], 2
    for pad in (0, 2):
        tokens = torch.tensor([[5, 6, 7, 4, 4, 2, pad], [pad, pad, 8, 6, 5, 4, 7], [pad, 9, 4, 2, pad, pad, pad]])
        for number, row in enumerate(answer(tokens, prompts, eos)):
            label = Text(f"第 {number + 1} 个续写，PAD = {pad}", f"continuation {number + 1}, PAD = {pad}")
            yield label, " ".join(str(int(token)) for token in row)


EXERCISE = sheet.with_hints(
    Text("画出三行：补齐、提示、新词元各占哪几列？",
         "Draw the three rows: which columns hold padding, prompt and new tokens?"),
    Text("新词元从哪一列开始？这一列对所有的行都一样。",
         "In which column do new tokens begin? It is the same for all rows."),
    Text("`width = max(map(len, prompts))`；先取 `row[width:]`，再在里面找 EOS。",
         "`width = max(map(len, prompts))`; take `row[width:]` first, then look for EOS in it."),
)
