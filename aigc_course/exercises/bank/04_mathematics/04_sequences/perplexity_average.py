"""Debug: a perplexity that changes with the way a corpus is cut into documents."""

import torch

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`corpus_perplexity(nats, tokens)` 给出的困惑度，把同样的文字切成更多篇，就会变大。`nats` 与 `tokens` 形状 "
       "`(N,)`，是每篇的总 nat 数与词元数。修复它：整个语料的困惑度，与怎样切分无关。",
    en="The perplexity of `corpus_perplexity(nats, tokens)` grows when the same text is cut into more documents. "
       "`nats` and `tokens`, `(N,)`, are each document's total of nats and number of tokens. Repair it: the "
       "perplexity of the whole corpus, however it is cut.",
)


@sheet.blank
def blank(nats, tokens):
    return (nats / tokens).exp().mean()


@sheet.reference
def corpus_perplexity(nats, tokens):
    return (nats.sum() / tokens.sum()).exp()   # one exponential, at the end


@sheet.also
def by_weights(nats, tokens):
    shares = tokens / tokens.sum()
    return ((nats / tokens) * shares).sum().exp()


@sheet.also
def by_powers(nats, tokens):
    return 2 ** (nats.sum() / torch.log(torch.tensor(2.0)) / tokens.sum())


@sheet.mistake(
    zh="每篇先平均、再平均：短文里的词元比长文里的更重。",
    en="Averaging each document first gives a short one's tokens more weight than a long one's.")
def mean_of_means(nats, tokens):
    return (nats / tokens).mean().exp()


@sheet.mistake(
    zh="这是每个词元的 nat 数；困惑度是它的指数。",
    en="That is nats per token; perplexity is its exponential.")
def no_exponential(nats, tokens):
    return nats.sum() / tokens.sum()


@sheet.mistake(
    zh="除以的应当是词元总数，不是篇数。",
    en="Divide by the number of tokens, not of documents.")
def per_document(nats, tokens):
    return (nats.sum() / len(nats)).exp()


@sheet.mistake(
    zh="nat 的底是 e，不是 2：以 2 为底要先换成比特。",
    en="Nats go with base e, not 2; for powers of 2 convert to bits first.")
def base_two(nats, tokens):
    return 2 ** (nats.sum() / tokens.sum())


@sheet.mistake(
    zh="按词元加权了，可平均的仍是指数：先加总 nat，最后取一次指数。",
    en="Weighted by tokens, yes, but still a mean of exponentials: sum the nats, and take one exponential at the "
       "end.")
def weighted_perplexities(nats, tokens):
    return ((nats / tokens).exp() * tokens).sum() / tokens.sum()


@sheet.probe
def probe(answer):
    nats, tokens = torch.tensor([6.0, 40.0, 3.5]), torch.tensor([2.0, 30.0, 5.0])
    yield Text("困惑度", "the perplexity"), answer(nats, tokens)


EXERCISE = sheet.with_hints(
    Text("困惑度的对数才是可以按词元平均的量。",
         "What can be averaged over tokens is the logarithm of a perplexity."),
    Text("先把所有的 nat 加起来，所有的词元也加起来。", "First sum all nats, and all tokens."),
    Text("`(nats.sum() / tokens.sum()).exp()`。", "`(nats.sum() / tokens.sum()).exp()`."),
)
