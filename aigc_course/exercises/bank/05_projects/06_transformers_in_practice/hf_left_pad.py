"""Fill in: unequal prompts in one batch, filled up on the left, with the attention mask."""

import torch
from torch.nn.utils.rnn import pad_sequence

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh="补全 `left_pad(prompts, pad)`：`prompts` 是若干个编号列表，长短不一；返回 `(tokens, mask)`，形状都是 `(B, "
       "T)`，T 是最长的一个。短的在左边用编号 `pad` 补齐；`mask` 在真正的词元处是 1，补齐处是 0。注意：GPT-2 没有 "
       "PAD，习惯拿 EOS 充当，所以真正的词元也可能恰好等于 `pad`。",
    en="Complete `left_pad(prompts, pad)`: `prompts` are lists of ids of unequal lengths; return `(tokens, mask)`, "
       "both of shape `(B, T)`, T being the longest length. Shorter ones are filled up on the left with the id "
       "`pad`; `mask` is 1 at real tokens and 0 at the others. Mind that GPT-2 has no PAD and borrows EOS: a real "
       "token may equal `pad`.",
)


@sheet.blank
def blank(prompts, pad):
    return ...


@sheet.reference
def left_pad(prompts, pad):
    width = max(map(len, prompts))
    tokens = [[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts]
    mask = [[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(tokens), torch.tensor(mask)


@sheet.also
def by_filling(prompts, pad):
    width = max(len(prompt) for prompt in prompts)
    tokens = torch.full((len(prompts), width), pad)
    mask = torch.zeros(len(prompts), width, dtype=torch.bool)
    for row, prompt in enumerate(prompts):
        tokens[row, width - len(prompt):] = torch.tensor(prompt)
        mask[row, width - len(prompt):] = True
    return tokens, mask


@sheet.also
def by_the_library(prompts, pad):
    rows = [torch.tensor(prompt) for prompt in prompts]
    tokens = pad_sequence(rows, batch_first=True, padding_value=pad, padding_side="left")
    lengths = torch.tensor([len(prompt) for prompt in prompts])
    return tokens, (torch.arange(tokens.shape[1]) >= tokens.shape[1] - lengths[:, None]).long()


@sheet.mistake(
    zh="补在了右边：模型从最后一个位置读出下一个词元，那里应当是真正的词元。",
    en="Filled up on the right: the next token is read off the last position, where a real token should stand.")
def right_padded(prompts, pad):
    width = max(map(len, prompts))
    tokens = [list(prompt) + [pad] * (width - len(prompt)) for prompt in prompts]
    mask = [[1] * len(prompt) + [0] * (width - len(prompt)) for prompt in prompts]
    return torch.tensor(tokens), torch.tensor(mask)


@sheet.mistake(
    zh="掩码由 `tokens != pad` 得来：提示里真正的、恰好等于 pad 的词元也被藏起来了。要从长度得到掩码。",
    en="The mask comes from `tokens != pad`, which hides real tokens that equal pad, too: make it from the lengths.")
def mask_from_the_numbers(prompts, pad):
    tokens, _mask = left_pad(prompts, pad)
    return tokens, (tokens != pad).long()


@sheet.mistake(
    zh="掩码反了：transformers 的 attention_mask 用 1 表示“看得到”。",
    en="The mask is turned round: 1 in transformers' attention_mask means may be seen.")
def mask_turned_round(prompts, pad):
    tokens, mask = left_pad(prompts, pad)
    return tokens, 1 - mask


@sheet.mistake(
    zh="掩码全是 1：补齐的词元会被当成提示的一部分来读。",
    en="The mask is 1 everywhere: what fills up would be read as part of the prompt.")
def nothing_masked(prompts, pad):
    tokens, _mask = left_pad(prompts, pad)
    return tokens, torch.ones_like(tokens)


@sheet.mistake(
    zh="补齐用的编号是参数 `pad`，不一定是 0。",
    en="The id to fill up with is the argument `pad`, which need not be 0.")
def padded_with_zero(prompts, pad):
    tokens, mask = left_pad(prompts, 0)
    return tokens, mask


@sheet.probe
def probe(answer):
    for prompts, pad in (([[5, 6, 7], [8], [9, 9]], 3), ([[4, 0, 4, 4], [0, 4], [1, 2, 5]], 0)):
        tokens, mask = answer(prompts, pad)
        yield Text("词元", "the tokens"), tokens
        yield Text("掩码", "the mask"), mask


EXERCISE = sheet.with_hints(
    Text("先求最长的长度，再看每个提示左边要补几个。",
         "Find the longest length first; how many must go in front of each prompt?"),
    Text("每一行由两段拼成；掩码的两段一样长，只是 0 与 1。",
         "Every row is two pieces joined; the mask has pieces of the same lengths, of 0 and 1."),
    Text("`[pad] * (width - len(prompt)) + list(prompt)`，掩码同理。",
         "`[pad] * (width - len(prompt)) + list(prompt)`, and the mask likewise."),
)
