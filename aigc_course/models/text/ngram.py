"""n-gram language models: add-k and interpolated Kneser–Ney.

Markov 1913 counted vowels and consonants in *Eugene Onegin*; Shannon 1948, "A Mathematical Theory of Communication",
section 3, wrote text from such counts. Kneser & Ney 1995, "Improved backing-off for m-gram language modeling"; its
interpolated form: Chen & Goodman 1999, "An empirical study of smoothing techniques for language modeling".

    p(w | h) is estimated from how often w followed the last n − 1 tokens h of the text before it.

Legend
    V  vocabulary size    n  order    w  next token    h  context: at most n − 1 tokens, BOS among them at the start
    c(h w)  how often w followed h             c(h ·)  the sum of c(h w) over w
    N(· h w)  how many different tokens stood before h w
A document is a list of token numbers without BOS and EOS. BOS opens it and is never predicted; EOS is predicted at its
end. A context never reaches into the document before. All probabilities are over the V tokens and sum to 1.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from aigc_course.data.text.vocabulary import BOS, EOS
from aigc_course.errors import CourseError
from aigc_course.models.text.sampling import SILENT, next_token

Context = tuple[int, ...]


def positions(document: Sequence[int], order: int) -> Iterator[tuple[Context, int]]:
    """(h, w) for every token that is predicted, EOS last: the longest context of at most order − 1 tokens."""
    tokens = (BOS, *document, EOS)
    for i in range(1, len(tokens)):
        yield tokens[max(i - order + 1, 0):i], tokens[i]


class NGram:
    """What both models share. vocabulary: V, the number of tokens (`len` of a Vocabulary or BPE)."""

    def __init__(self, vocabulary: int):
        self.vocabulary = vocabulary
        self.order = 0
        self.rows: dict[Context, Counter[int]] = {}
        """rows[h][w] = c(h w), or the count that takes its place."""
        self.totals: dict[Context, int] = {}

    def fit(self, documents: Iterable[Sequence[int]], order: int) -> NGram:
        """Count documents, forgetting what was counted before. Returns self.

        Raises: CourseError for an order below 1, no documents, or a token that is no number below V.
        """
        if order < 1:
            raise CourseError(f"The order is {order}: an n-gram has at least one token.")
        rows = defaultdict(Counter)
        for document in documents:
            if isinstance(document, str) or not all(0 <= token < self.vocabulary for token in document):
                raise CourseError(f"A document holds something else than token numbers below {self.vocabulary}: "
                                  "encode it with the vocabulary whose size the model was given.")
            for context, token in positions(document, order):
                rows[context][token] += 1
        if not rows:
            raise CourseError("There are no documents to count: give at least one.")
        self.order = order
        self.rows = self._complete(rows)
        self.totals = {context: row.total() for context, row in self.rows.items()}
        return self

    def _complete(self, rows: dict[Context, Counter[int]]) -> dict[Context, Counter[int]]:
        return dict(rows)

    def surprisals(self, document: Sequence[int]) -> list[float]:
        """−ln p of each token and of EOS, in nats: len(document) + 1 numbers, ∞ where the model excludes a token."""
        found = (self.probability(context, token) for context, token in positions(document, self.order))
        return [-math.log(p) if p > 0 else math.inf for p in found]

    def nats(self, document: Sequence[int]) -> float:
        """−ln p of the whole document, EOS included."""
        return math.fsum(self.surprisals(document))

    def probability(self, context: Sequence[int], token: int) -> float:
        """p(token | context): one entry of `probs`."""
        return float(self._predict(context, lambda row: row[token], 1 / self.vocabulary))

    def probs(self, context: Sequence[int]) -> Tensor:
        """p(· | context), (V,) in float64. Only the last n − 1 tokens count; give (BOS,) for the start of a text."""
        def dense(row: Counter[int]) -> Tensor:
            counts = torch.zeros(self.vocabulary, dtype=torch.float64)
            counts[list(row)] = torch.tensor(list(row.values()), dtype=torch.float64)
            return counts

        return self._predict(context, dense, torch.full((self.vocabulary,), 1 / self.vocabulary, dtype=torch.float64))

    def _predict(self, context: Sequence[int], counts, uniform):
        """The formula of the model, for one token (numbers) or all of them (tensors): counts(row) looks them up."""
        raise NotImplementedError

    def _last(self, context: Sequence[int]) -> Context:
        if not self.rows:
            raise CourseError("This model has counted nothing yet: call fit(documents, order) first.")
        return tuple(context)[max(len(context) - self.order + 1, 0):]

    def sample(self, start: Sequence[int] = (), temperature: float = 1.0, top_k: int = 0, top_p: float = 1.0,
               longest: int = 200, banned: Sequence[int] = SILENT) -> list[int]:
        """A text that continues start, until EOS or `longest` tokens; neither BOS nor EOS is in it.

        The three settings are those of `sampling.sampling_distribution`; temperature 0 is greedy. banned: ids never
        drawn; add those that the vocabulary does not know (`sampling.silent`). torch's random stream decides:
        torch.manual_seed makes it repeatable.
        """
        tokens = [BOS, *start]
        while len(tokens) <= longest:
            p = self.probs(tokens)
            p[list(banned)] = 0
            if not p.any():
                raise CourseError("No token may follow here, because nothing like it was counted: give another start, "
                                  "or smooth the counts with k > 0 or KneserNey.")
            token = int(next_token(p.log()[None], temperature, top_k, top_p))
            if token == EOS:
                break
            tokens.append(token)
        return tokens[1:]


class AddK(NGram):
    """p(w | h) = (c(h w) + k) / (c(h ·) + k V): every token is counted k times more than it was seen.

    k = 1 is Laplace's rule; k = 0 the maximum-likelihood estimate, which excludes whatever it has not seen.
    """

    def __init__(self, vocabulary: int, k: float = 1.0):
        super().__init__(vocabulary)
        self.k = k
        if not k >= 0:
            raise CourseError(f"k is {k}: a count to add is 0 or more.")

    def _predict(self, context, counts, uniform):
        context = self._last(context)
        row = self.rows.get(context, Counter())
        total = self.totals.get(context, 0) + self.k * self.vocabulary
        return (counts(row) + self.k) / total if total else counts(row)                    # k = 0, context never seen


class KneserNey(NGram):
    """Interpolated Kneser–Ney with one discount D for each order.

    p(w | h) = max(a(h w) − D, 0) / a(h ·)  +  D · N(h ·) / a(h ·) · p(w | h without its first token)

    N(h ·) is how many different tokens followed h. a is the raw count c for the longest contexts, and for those that
    begin with BOS, before which nothing can stand; for all others it is the continuation count N(· h w): a word that
    is frequent after one word only ("Francisco") should not be expected after others. The shortest context, (), falls
    back on 1 / V. D = n₁ / (n₁ + 2 n₂), from how many n-grams of the order have count 1 and 2; where none has count 1
    it is 0.75.
    """

    discounts: list[float]
    """D of each order, the unigrams' first."""

    def _complete(self, rows):
        shorter: dict[Context, Counter[int]] = rows
        for length in range(self.order - 1, 0, -1):
            known = [(context, row) for context, row in shorter.items() if len(context) == length]
            for context, row in known:
                shorter[context[1:]].update(row.keys())
        self.discounts = []
        for length in range(self.order):
            seen = Counter(count for context, row in shorter.items() if len(context) == length
                           for count in row.values() if count <= 2)
            self.discounts.append(seen[1] / (seen[1] + 2 * seen[2]) if seen[1] else 0.75)
        return dict(shorter)

    def _predict(self, context, counts, uniform):
        context, p = self._last(context), uniform
        for length in range(len(context) + 1):
            h = context[len(context) - length:]
            if h not in self.rows:                                  # then no longer context was seen either
                break
            row, total, discount = self.rows[h], self.totals[h], self.discounts[length]
            kept = counts(row) - discount
            p = kept * (kept > 0) / total + discount * len(row) / total * p
        return p
