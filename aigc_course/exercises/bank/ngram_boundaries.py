"""Debug: bigrams counted across the borders of documents."""

from collections import Counter
from itertools import pairwise

from aigc_course.exercises.kinds import Code, Mistake, Text


def blank(documents):
    stream = [token for document in documents for token in document]
    return Counter(zip(stream[:-1], stream[1:], strict=True))


def count_bigrams(documents):
    counts = {}
    for document in documents:
        tokens = ["^", *document, "$"]                         # a document knows nothing of the one before it
        for pair in zip(tokens[:-1], tokens[1:], strict=True):
            counts[pair] = counts.get(pair, 0) + 1
    return counts


def one_stream_with_a_filter(documents):
    stream = [token for document in documents for token in ("^", *document, "$")]
    return Counter(pair for pair in pairwise(stream) if pair != ("$", "^"))


def as_a_dictionary(documents):
    counts = {}
    for document in documents:
        text = "^" + "".join(document) + "$"
        for i in range(len(text) - 1):
            counts[text[i], text[i + 1]] = counts.get((text[i], text[i + 1]), 0) + 1
    return counts


def across(documents):
    stream = [token for document in documents for token in ("^", *document, "$")]
    return Counter(pairwise(stream))


def without_end(documents):
    return Counter(pair for document in documents for pair in pairwise(["^", *document]))


def without_beginning(documents):
    return Counter(pair for document in documents for pair in pairwise([*document, "$"]))


def without_both(documents):
    return Counter(pair for document in documents for pair in pairwise(document))


def ends_of_the_corpus(documents):
    return Counter(pairwise(["^", *(token for document in documents for token in document), "$"]))


def each_once(documents):
    return Counter(set(count_bigrams(documents)))


def probe(answer):
    for documents in (["aab", "ab"], ["ba"], ["ab", "", "ab"]):
        found = answer([list(document) for document in documents])
        yield (Text(f"{documents} 的计数", f"the counts of {documents}"),
               found if found is None or found is ... else
               " ".join(f"{''.join(pair)}:{many}" for pair, many in sorted(found.items()) if many))


EXERCISE = Code(
    task=Text(
        "`count_bigrams(documents)` 数相邻的两个词元；`documents` 是若干词元列表。它数出了一些哪篇文章里都没有的"
        "组合，模型也不知道文章怎样开头、何时结束。修复它：每篇文章以 `\"^\"` 开头、以 `\"$\"` 结尾，"
        "任何一对都不跨越两篇文章。返回从（左，右）到次数的字典或 `Counter`。",
        "`count_bigrams(documents)` counts pairs of neighbouring tokens; `documents` are lists of tokens. It finds "
        "pairs that no document contains, and the model does not learn how documents begin or when they end. Repair "
        "it: each document opens with `\"^\"` and ends with `\"$\"`, and no pair crosses from one document to the "
        "next. Return a dictionary or `Counter` from (left, right) to the count."),
    blank=blank,
    reference=count_bigrams,
    others=(one_stream_with_a_filter, as_a_dictionary),
    mistakes=(
        Mistake(across, Text(
            "`(\"$\", \"^\")` 也被数了进去：它跨越了两篇文章。每篇文章要各数各的。",
            "`(\"$\", \"^\")` was counted: that pair crosses two documents. Count each document by itself.")),
        Mistake(without_end, Text(
            "缺了 `\"$\"`：模型学不到文章何时结束，采样停不下来。",
            "`\"$\"` is missing: the model does not learn when a document ends, and sampling never stops.")),
        Mistake(without_beginning, Text(
            "缺了 `\"^\"`：模型不知道文章的第一个词元怎样选。",
            "`\"^\"` is missing: the model does not know how to choose a document's first token.")),
        Mistake(without_both, Text(
            "不再跨越文章了，但是开头的 `\"^\"` 和结尾的 `\"$\"` 还没有加上。",
            "No pair crosses documents any more, but `\"^\"` at the beginning and `\"$\"` at the end are still "
            "missing.")),
        Mistake(ends_of_the_corpus, Text(
            "只有整个语料的两端加上了记号：每一篇文章都要有自己的开头和结尾。",
            "Only the two ends of the whole corpus were marked: every document has its own beginning and end.")),
        Mistake(each_once, Text(
            "每一对只数了一次：概率来自次数，`set` 把次数丢掉了。",
            "Each pair was counted once: probabilities come from counts, which `set` throws away.")),
    ),
    probe=probe,
    hints=(
        Text("把两篇文章接在一起，接缝处的一对属于哪一篇？",
             "Join two documents: to which does the pair at the joint belong?"),
        Text("先写出一篇文章的 `[\"^\", *document, \"$\"]`，只在它里面数。",
             "First write `[\"^\", *document, \"$\"]` for one document and count within it only."),
        Text("`Counter.update(pairs)` 把一篇文章的各对加到总数里。",
             "`Counter.update(pairs)` adds the pairs of one document to the total."),
    ),
    kind="debug",
)
