"""Debug: bigrams counted across the borders of documents."""

from collections import Counter
from itertools import pairwise

from aigc_course.exercises.kinds import Text
from aigc_course.exercises.sheet import Sheet

sheet = Sheet(
    kind="debug", gradient=False,
    zh="`count_bigrams(documents)` 数相邻的两个词元；`documents` 是若干词元列表。它数出了一些哪篇文章里都没有的组"
       '合，模型也不知道文章怎样开头、何时结束。修复它：每篇文章以 `"^"` 开头、以 `"$"` 结尾，任何一对都不跨越两篇'
       "文章。返回从（左，右）到次数的字典或 `Counter`。",
    en="`count_bigrams(documents)` counts pairs of neighbouring tokens; `documents` are lists of tokens. It finds "
       "pairs that no document contains, and the model does not learn how documents begin or when they end. Repair "
       'it: each document opens with `"^"` and ends with `"$"`, and no pair crosses from one document to the next. '
       "Return a dictionary or `Counter` from (left, right) to the count.",
)


@sheet.blank
def blank(documents):
    stream = [token for document in documents for token in document]
    return Counter(zip(stream[:-1], stream[1:], strict=True))


@sheet.reference
def count_bigrams(documents):
    counts = {}
    for document in documents:
        tokens = ["^", *document, "$"]                         # a document knows nothing of the one before it
        for pair in zip(tokens[:-1], tokens[1:], strict=True):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


@sheet.also
def one_stream_with_a_filter(documents):
    stream = [token for document in documents for token in ("^", *document, "$")]
    return Counter(pair for pair in pairwise(stream) if pair != ("$", "^"))


@sheet.also
def as_a_dictionary(documents):
    counts = {}
    for document in documents:
        text = "^" + "".join(document) + "$"
        for i in range(len(text) - 1):
            counts[text[i], text[i + 1]] = counts.get((text[i], text[i + 1]), 0) + 1
    return counts


@sheet.mistake(
    zh='`("$", "^")` 也被数了进去：它跨越了两篇文章。每篇文章要各数各的。',
    en='`("$", "^")` was counted: that pair crosses two documents. Count each document by itself.')
def across(documents):
    stream = [token for document in documents for token in ("^", *document, "$")]
    return Counter(pairwise(stream))


@sheet.mistake(
    zh='缺了 `"$"`：模型学不到文章何时结束，采样停不下来。',
    en='`"$"` is missing: the model does not learn when a document ends, and sampling never stops.')
def without_end(documents):
    return Counter(pair for document in documents for pair in pairwise(["^", *document]))


@sheet.mistake(
    zh='缺了 `"^"`：模型不知道文章的第一个词元怎样选。',
    en="`\"^\"` is missing: the model does not know how to choose a document's first token.")
def without_beginning(documents):
    return Counter(pair for document in documents for pair in pairwise([*document, "$"]))


@sheet.mistake(
    zh='不再跨越文章了，但是开头的 `"^"` 和结尾的 `"$"` 还没有加上。',
    en='No pair crosses documents any more, but `"^"` at the beginning and `"$"` at the end are still missing.')
def without_both(documents):
    return Counter(pair for document in documents for pair in pairwise(document))


@sheet.mistake(
    zh="只有整个语料的两端加上了记号：每一篇文章都要有自己的开头和结尾。",
    en="Only the two ends of the whole corpus were marked: every document has its own beginning and end.")
def ends_of_the_corpus(documents):
    return Counter(pairwise(["^", *(token for document in documents for token in document), "$"]))


@sheet.mistake(
    zh="每一对只数了一次：概率来自次数，`set` 把次数丢掉了。",
    en="Each pair was counted once: probabilities come from counts, which `set` throws away.")
def each_once(documents):
    return Counter(set(count_bigrams(documents)))


@sheet.probe
def probe(answer):
    for documents in (["aab", "ab"], ["ba"], ["ab", "", "ab"]):
        found = answer([list(document) for document in documents])
        counted = " ".join(f"{''.join(pair)}:{int(many)}" for pair, many in sorted(found.items()) if many)
        yield Text(f"{documents} 的计数", f"the counts of {documents}"), counted


EXERCISE = sheet.with_hints(
    Text("把两篇文章接在一起，接缝处的一对属于哪一篇？",
         "Join two documents: to which does the pair at the joint belong?"),
    Text('先写出一篇文章的 `["^", *document, "$"]`，只在它里面数。',
         'First write `["^", *document, "$"]` for one document and count within it only.'),
    Text("`Counter.update(pairs)` 把一篇文章的各对加到总数里。",
         "`Counter.update(pairs)` adds the pairs of one document to the total."),
)
