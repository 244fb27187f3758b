"""Debug: a language model's loss that compares a token with itself and learns to predict padding."""

import torch
import torch.nn.functional as F

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.probing import gradient, through
from aigc_course.exercises.sheet import Sheet

PAD = 0

sheet = Sheet(
    kind="debug",
    zh="用 `language_model_loss(logits, tokens)` 训练的模型，损失很快接近 0，写出来的却是同一个字的重复。`tokens` "
       "形状 `(B, T)`，是 BOS … EOS，后面用 PAD（0）补齐；`logits` 形状 `(B, T, V)`，位置 t 的 logits 是读完第 t 个"
       "词元之后给出的。修复它：返回每个真正的目标的平均 nat 数，批次里所有目标权重相同。",
    en="A model trained with `language_model_loss(logits, tokens)` soon has a loss near 0, and writes one character "
       "over and over. `tokens` `(B, T)` is BOS … EOS, filled up with PAD (0); the `logits` `(B, T, V)` at position "
       "t were given after reading token t. Repair it: return the mean nats of the real targets, all targets of the "
       "batch having equal weight.",
)


@sheet.blank
def blank(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten())


@sheet.reference
def language_model_loss(logits, tokens):
    inputs, targets = logits[:, :-1], tokens[:, 1:]   # position t predicts token t + 1
    return F.cross_entropy(inputs.flatten(0, 1), targets.flatten(), ignore_index=0)


@sheet.also
def by_gathering(logits, tokens):
    targets = tokens[:, 1:]
    log_p = logits[:, :-1].log_softmax(-1).gather(2, targets[..., None]).squeeze(2)
    kept = targets != PAD
    return -(log_p * kept).sum() / kept.sum()


@sheet.also
def by_selecting(logits, tokens):
    targets = tokens[:, 1:]
    kept = targets.ne(PAD)
    return F.cross_entropy(logits[:, :-1][kept], targets[kept])


@sheet.mistake(
    zh="填充已经排除，但目标没有错开一位：模型只要把刚读到的词元抄一遍就行。",
    en="Padding is left out, but the target is not shifted: it suffices to copy the token just read.")
def not_shifted(logits, tokens):
    return F.cross_entropy(logits.flatten(0, 1), tokens.flatten(), ignore_index=PAD)


@sheet.mistake(
    zh="目标错开了，但 PAD 也算作目标：短句子越多，损失越好看，模型越会预测填充。",
    en="The target is shifted, but PAD counts as one: the more short sentences, the prettier the loss, and the "
       "better the model at padding.")
def padding_counted(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())


@sheet.mistake(
    zh="方向反了：这样是用后面的词元预测前面的词元。",
    en="That is the wrong way round: it predicts an earlier token from a later one.")
def shifted_the_other_way(logits, tokens):
    return F.cross_entropy(logits[:, 1:].flatten(0, 1), tokens[:, :-1].flatten(), ignore_index=PAD)


@sheet.mistake(
    zh="总和是对的，但除以了包括填充在内的所有位置：应当除以真正的目标数。",
    en="The sum is right, but divided by all places, padding included: divide by the number of targets.")
def divided_by_all_places(logits, tokens):
    total = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD, reduction="sum")
    return total / tokens[:, 1:].numel()


@sheet.mistake(
    zh="每个句子先取平均，再对句子取平均：短句子里的每个词元就比长句子里的更重。",
    en="Averaging each sentence first gives every token of a short sentence more weight than one of a long "
       "sentence.")
def mean_of_means(logits, tokens):
    return torch.stack([language_model_loss(row[None], t[None])
                        for row, t in zip(logits, tokens, strict=True)]).mean()


@sheet.mistake(
    zh="这是总和，不是平均：损失会随批次里的词元数变化。",
    en="This is the sum, not the mean: the loss changes with the number of tokens in the batch.")
def summed(logits, tokens):
    return F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten(), ignore_index=PAD, reduction="sum")


@sheet.probe
def probe(answer):
    logits = torch.randn(3, 6, 7, generator=torch.Generator().manual_seed(0)).requires_grad_()
    tokens = torch.tensor([[1, 4, 5, 6, 4, 2], [1, 5, 2, 0, 0, 0], [1, 6, 6, 2, 0, 0]])
    loss = answer(logits, tokens)
    yield Text("损失的值", "the loss"), loss
    through(loss).sum().backward()
    yield Text("对 logits 的梯度", "the gradient with respect to the logits"), gradient(logits)


EXERCISE = sheet.with_hints(
    Text("读完第 t 个词元之后，模型应当预测哪一个？", "Having read token t, which token is the model to predict?"),
    Text("最后一个位置的 logits 没有目标，开头的 BOS 不是目标。",
         "The logits of the last position have no target, and the first token (BOS) is none."),
    Text("`logits[:, :-1]` 对 `tokens[:, 1:]`，再加上 `ignore_index=0`。",
         "`logits[:, :-1]` against `tokens[:, 1:]`, with `ignore_index=0`."),
)
