"""n-gram models against hand-computed numbers, a brute-force reading of the textbook, and their invariants."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import pytest
import torch

from aigc_course.data.text.tang import tang, tang_split
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import perplexity
from aigc_course.models.text.ngram import AddK, KneserNey, positions

A, B = 4, 5
TINY = [[A, A, B], [A, B]]
"""BOS a a b EOS and BOS a b EOS: bigrams BOS-a 2, aa 1, ab 2, b-EOS 2."""


def random_documents(seed, many=30, tokens=(4, 5, 6), longest=6):
    draw = random.Random(seed)
    return [draw.choices(tokens, weights=[5, 3, 1][:len(tokens)], k=draw.randrange(longest)) for _ in range(many)]


def textbook(documents, order, vocabulary):
    """Interpolated Kneser–Ney by scanning the text anew for every number (Chen & Goodman 1999)."""
    texts = [(BOS, *document, EOS) for document in documents]

    def occurrences(gram):
        return sum(text[i:i + len(gram)] == gram for text in texts for i in range(len(text)))

    followers = range(vocabulary)
    cache = {}

    def count(gram):
        if gram == (BOS,):                                                                  # opens, is not predicted
            return 0
        if gram not in cache:
            raw = len(gram) == order or gram[0] == BOS
            cache[gram] = (occurrences(gram) if raw else
                           sum(occurrences((before, *gram)) > 0 for before in range(vocabulary)))
        return cache[gram]

    def discount(length):
        grams = {text[i:i + length] for text in texts for i in range(len(text) - length + 1)} - {(BOS,)}
        n1, n2 = (sum(count(gram) == many for gram in grams) for many in (1, 2))
        return n1 / (n1 + 2 * n2) if n1 else 0.75

    discounts = {length: discount(length) for length in range(1, order + 1)}

    def p(token, context):
        lower = p(token, context[1:]) if context else 1 / vocabulary
        total = sum(count((*context, w)) for w in followers)
        if not total:
            return lower
        types = sum(count((*context, w)) > 0 for w in followers)
        d = discounts[len(context) + 1]
        return max(count((*context, token)) - d, 0) / total + d * types / total * lower

    return p


def test_kneser_ney_by_hand():
    """N(·a) = |{BOS, a}| = 2, N(·b) = N(·EOS) = 1, D₁ = 2/(2+2·1); D₂ = 1/(1+2·3)."""
    model = KneserNey(6).fit(TINY, order=2)
    assert model.discounts == [1 / 2, 1 / 7]
    assert model.probs(()).tolist() == pytest.approx([1 / 16, 1 / 16, 3 / 16, 1 / 16, 7 / 16, 3 / 16])
    p_a, p_b = (1 - 1 / 7) / 3 + 2 / 21 * 7 / 16, (2 - 1 / 7) / 3 + 2 / 21 * 3 / 16
    assert model.probability([A], A) == pytest.approx(p_a) and model.probability([A], B) == pytest.approx(p_b)
    assert model.nats([A]) == pytest.approx(-math.log(model.probability([BOS], A)) - math.log(2 / 21 * 3 / 16))


def test_add_k_by_hand():
    model = AddK(6, k=0.5).fit(TINY, order=2)
    assert model.probs([A]).tolist() == pytest.approx([0.5 / 6, 0.5 / 6, 0.5 / 6, 0.5 / 6, 1.5 / 6, 2.5 / 6])
    assert model.probs([B, A]).tolist() == model.probs([A]).tolist()
    assert model.probability([UNK], A) == pytest.approx(1 / 6)                              # a context never seen


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_kneser_ney_equals_the_textbook_for_every_context_and_token(order):
    documents = random_documents(order)
    model, p = KneserNey(8).fit(documents, order), textbook(documents, order, 8)
    contexts = [c for n in range(order) for c in itertools.product((4, 5, 6, 7), repeat=n)]
    contexts += [(BOS, *c) for c in contexts if len(c) < order - 1]
    for context in contexts:
        wanted = [p(token, context) for token in range(8)]
        assert model.probs(context).tolist() == pytest.approx(wanted, abs=1e-12), context


@pytest.mark.parametrize("order", [1, 2, 3, 5])
@pytest.mark.parametrize("make", [KneserNey, AddK, lambda v: AddK(v, 0.01)])
def test_probabilities_sum_to_one_for_every_context(make, order):
    model = make(9).fit(random_documents(7), order)
    for context in itertools.product(range(9), repeat=min(order - 1, 3)):
        probs = model.probs((BOS, A, *context))
        assert probs.sum().item() == pytest.approx(1, abs=1e-12) and probs.min() > 0
        assert probs[B].item() == pytest.approx(model.probability((BOS, A, *context), B))
    assert model.probs((BOS,)).sum().item() == pytest.approx(1)


def test_all_documents_up_to_a_length_have_at_most_probability_one():
    """Σ p(document) over every document of at most 3 tokens, and what is left for longer ones, is 1."""
    model, tokens = KneserNey(6).fit(TINY, order=3), [t for t in range(6) if t != EOS]
    short = sum(math.exp(-model.nats(d)) for n in range(4) for d in itertools.product(tokens, repeat=n))
    longer = sum(math.exp(-math.fsum(model.surprisals(d)[:-1])) for d in itertools.product(tokens, repeat=4))
    assert short + longer == pytest.approx(1)


def test_a_word_that_follows_one_word_only_is_not_expected_elsewhere():
    """"Francisco" is as frequent as "glasses" but only after "San" (Chen & Goodman 1999)."""
    san, francisco, glasses, others = 4, 5, 6, range(7, 15)
    documents = [[san, francisco]] * 8 + [[other, glasses] for other in others] + [[san, other] for other in others]
    model = KneserNey(16).fit(documents, order=2)
    raw = Counter(token for document in documents for token in document)
    assert raw[francisco] == raw[glasses] == 8
    assert model.probability([15], glasses) > 5 * model.probability([15], francisco)
    assert model.probability([san], francisco) > 0.4


def test_unseen_makes_the_unsmoothed_model_infinite_and_only_that():
    held_out = [A, B, B]
    assert AddK(6, k=0).fit(TINY, 2).nats(held_out) == math.inf
    assert AddK(6, k=0).fit(TINY, 2).surprisals(held_out)[2] == math.inf
    assert all(math.isfinite(model.fit(TINY, 2).nats(held_out)) for model in (AddK(6), KneserNey(6)))
    assert AddK(6, k=0).fit(TINY, 3).nats([B, B]) == math.inf


def test_the_unsmoothed_perplexity_of_the_training_text_is_its_conditional_entropy():
    documents = random_documents(3)
    pairs = Counter(pair for document in documents for pair in positions(document, 2))
    firsts = Counter(context for document in documents for context, _ in positions(document, 2))
    entropy = -sum(c * math.log(c / firsts[h]) for (h, _), c in pairs.items()) / pairs.total()
    total = sum(map(AddK(7, k=0).fit(documents, 2).nats, documents))
    assert perplexity(total, pairs.total()) == pytest.approx(math.exp(entropy))
    assert math.exp(AddK(7, k=1e12).fit(documents, 2).nats([A]) / 2) == pytest.approx(7)            # k → ∞: uniform


def test_documents_are_counted_apart_and_in_any_order():
    documents = random_documents(5)
    one, other = KneserNey(7).fit(documents, 4), KneserNey(7).fit(documents[::-1], 4)
    assert one.rows == other.rows and one.discounts == other.discounts
    assert all(EOS not in context and BOS not in context[1:] for context in one.rows)
    assert one.nats([A, B, A]) == KneserNey(7).fit(random_documents(6), 4).fit(documents, 4).nats([A, B, A])


def test_higher_orders_learn_what_lower_ones_cannot():
    """a b c repeated backwards and forwards: the token after b needs two tokens of context."""
    documents = [[4, 5, 6] * 5, [6, 5, 4] * 5] * 10
    nats = [KneserNey(7).fit(documents, order).nats(documents[0]) for order in (1, 2, 3)]
    assert nats[0] > nats[1] > 3 * nats[2]


def test_samples_follow_the_probabilities():
    torch.manual_seed(0)
    model = KneserNey(7).fit(random_documents(9), 3)
    starts = Counter((model.sample(longest=1) or [EOS])[0] for _ in range(1500))
    p = model.probs((BOS,))
    p[[PAD, BOS, UNK]] = 0
    for token in (EOS, 4, 5, 6):
        wanted = (p[token] / p.sum()).item()
        assert starts[token] / 1500 == pytest.approx(wanted, abs=4 * math.sqrt(wanted * (1 - wanted) / 1500))
    assert not {PAD, BOS, UNK} & {token for _ in range(50) for token in model.sample()}


def test_an_unsmoothed_model_of_a_large_order_only_recites():
    texts = ["床前明月光", "低头思故乡", "床前看月光"]
    vocabulary = Vocabulary.of(texts)
    model = AddK(len(vocabulary), k=0).fit(map(vocabulary.encode, texts), order=9)
    torch.manual_seed(0)
    assert {vocabulary.decode(model.sample()) for _ in range(60)} == set(texts)
    assert vocabulary.decode(model.sample(vocabulary.encode("低"))) == texts[1]
    with pytest.raises(CourseError, match="smooth the counts"):
        model.sample(vocabulary.encode("光光"))


def test_sampling_settings():
    model = KneserNey(7).fit([[4, 4, 5]] * 5 + [[6, 4]], 2)
    assert model.sample([6], temperature=0, longest=3) == [6, 4, 4] or model.sample([6], temperature=0) == [6, 4, 5]
    torch.manual_seed(1)
    one = model.sample(longest=20)
    torch.manual_seed(1)
    assert model.sample(longest=20) == one
    assert {tuple(model.sample(top_k=1)) for _ in range(5)} == {tuple(model.sample(temperature=0))}
    assert len(model.sample([4] * 50, longest=3)) == 50                     # already longer: nothing is added


@pytest.mark.parametrize(("documents", "order", "sentence"), [
    ([], 2, "no documents"), (TINY, 0, "at least one token"), ([[9]], 2, "below 6"), ([[-1]], 2, "below 6"),
    (["ab"], 2, "encode it")])
def test_what_cannot_be_counted_is_refused(documents, order, sentence):
    for model in (AddK(6), KneserNey(6)):
        with pytest.raises(CourseError, match=sentence):
            model.fit(documents, order)


def test_models_must_be_fitted_and_k_not_negative():
    with pytest.raises(CourseError, match="call fit"):
        KneserNey(6).probs([A])
    with pytest.raises(CourseError, match="call fit"):
        AddK(6).nats([A])
    with pytest.raises(CourseError, match="0 or more"):
        AddK(6, k=-1)


@pytest.mark.real
@pytest.mark.slow
def test_on_real_poems_kneser_ney_uses_long_contexts_and_add_one_does_not(real_data):
    train, _, test = tang_split(tang(length=5))
    vocabulary = Vocabulary.of(train)
    documents, held_out = ([vocabulary.encode(poem) for poem in part] for part in (train, test))
    tokens = sum(len(document) + 1 for document in held_out)
    values = {}
    for make in (KneserNey, AddK):
        for order in (1, 2, 5):
            model = make(len(vocabulary)).fit(documents, order)
            values[make, order] = perplexity(sum(map(model.nats, held_out)), tokens)
            assert model.probs((BOS, *documents[0][:4])).sum().item() == pytest.approx(1)
    assert values[KneserNey, 5] < values[KneserNey, 2] < values[KneserNey, 1] < len(vocabulary)
    assert values[AddK, 5] > values[AddK, 1]
