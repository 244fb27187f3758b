"""Fill-in: bits per character of a poem whose header is paid for."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    gradient=False,
    zh=r"补全 `bits(log_p, header)`：诗的每字比特数。`log_p` 是一维张量，依次是题头、诗、EOS 各词元的 $\ln p$；前 "
       "`header` 个属于题头，最后一个是 EOS，其余每个词元是诗的一个字。题头和 EOS 的代价都要付，但只按诗的字数平"
       "均。",
    en=r"Complete `bits(log_p, header)`, the bits per character of a poem. `log_p` is a 1-D tensor of $\ln p$ of the "
       "tokens of header, poem and EOS, in this order; the first `header` belong to the header, the last is EOS, "
       "each other token is one character of the poem. Header and EOS are paid for, but the mean is over the poem's "
       "characters alone.",
)


@sheet.blank
def blank(log_p, header):
    return ...


@sheet.reference
def bits(log_p, header):
    return -log_p.sum() / torch.tensor(2.0).log() / (len(log_p) - header - 1)


@sheet.also
def with_log2(log_p, header):
    return -(log_p.exp().log2().sum()) / len(log_p[header:-1])


@sheet.also
def token_by_token(log_p, header):
    total, characters = 0.0, 0
    for place, value in enumerate(log_p):
        total = total - value / torch.tensor(2.0).log()
        characters += header <= place < len(log_p) - 1
    return total / characters


@sheet.mistake(
    zh=r"这是 nat 数：除以 $\ln 2$ 才是比特。",
    en=r"These are nats: divide by $\ln 2$ for bits.")
def in_nats(log_p, header):
    return -log_p.sum() / (len(log_p) - header - 1)


@sheet.mistake(
    zh="题头没有付费：它把韵部告诉了模型，不算它的代价，就等于白给答案。",
    en="The header is free: it tells the model the rhyme, and not to count its cost is to give the answer away.")
def header_for_nothing(log_p, header):
    return -log_p[header:].sum() / torch.tensor(2.0).log() / (len(log_p) - header - 1)


@sheet.mistake(
    zh="题头的字也算进了分母：它们不是诗，算进去会把平均数稀释。",
    en="The header's characters are in the denominator: they are not the poem, and they dilute the mean.")
def header_counted(log_p, header):
    return -log_p.sum() / torch.tensor(2.0).log() / (len(log_p) - 1)


@sheet.mistake(
    zh="EOS 的代价要付，但它不是一个字，不在分母里。",
    en="EOS is paid for, but it is no character and does not belong in the denominator.")
def end_counted(log_p, header):
    return -log_p.sum() / torch.tensor(2.0).log() / (len(log_p) - header)


@sheet.mistake(
    zh="漏了 EOS：何时结束也是模型要预测的。",
    en="EOS is missing: when to end is predicted as well.")
def end_forgotten(log_p, header):
    return -log_p[:-1].sum() / torch.tensor(2.0).log() / (len(log_p) - header - 1)


@sheet.mistake(
    zh="符号反了：比特数不会是负的。",
    en="The sign is wrong: bits are never negative.")
def no_sign(log_p, header):
    return log_p.sum() / torch.tensor(2.0).log() / (len(log_p) - header - 1)


@sheet.probe
def probe(answer):
    for header, length in ((4, 6), (2, 3), (0, 5)):
        log_p = -torch.arange(1.0, header + length + 2, dtype=torch.float64) / 7
        yield (Text(f"题头 {header} 个字、诗 {length} 个字", f"a header of {header} and a poem of {length} characters"),
               answer(log_p, header))


EXERCISE = sheet.with_hints(
    Text(r"链式法则：整段文字的概率是各词元概率的积，所以 $\ln p$ 相加。",
         r"The chain rule: the probability of the whole is the product, so the $\ln p$ add up."),
    Text(r"分子是全部词元的 $-\ln p$ 之和除以 $\ln 2$；分母只数诗的字。",
         r"The numerator is the sum of all $-\ln p$ over $\ln 2$; the denominator counts the poem's characters."),
    Text("诗的字数是 `len(log_p) - header - 1`。", "The poem has `len(log_p) - header - 1` characters."),
)
