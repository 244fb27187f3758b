"""Attention against torch and loops, padding and causality as invariants, beam search against all there is."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.data.text.sequences import Buckets, encode_pairs, pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text import seq2seq
from aigc_course.models.text.sampling import silent
from aigc_course.models.text.seq2seq import SCORES, Attention, Seq2Seq, Seq2SeqConfig, seq2seq_turns
from aigc_course.models.text.translator import Translator, alignment, translate
from aigc_course.train import Learner, Run, train

V = 9
SOURCE = pad([[5, 6, 7, 8, EOS], [4, EOS], [8, 8, 4, EOS]])
TARGET = pad([[BOS, 7, 6, EOS], [BOS, EOS], [BOS, 4, 5, 6, 7, EOS]])
EVERY = [None, *SCORES]


def tiny(attention: str | None = "general", seed: int = 0, target: int = V, spread: float = 1.0) -> Seq2Seq:
    """A net of random weights; with a larger spread it is surer of what it says."""
    torch.manual_seed(seed)
    net = Seq2Seq(Seq2SeqConfig(V, target, 6, 8, attention)).double().eval()
    with torch.no_grad():
        net.head.weight *= spread
    return net


def loss(net: Seq2Seq, source: Tensor, target: Tensor) -> Tensor:
    (turn,) = seq2seq_turns({"seq2seq": net}, (source, target), 0)
    return turn.loss


def gradients(net: Seq2Seq, value: Tensor) -> list[Tensor]:
    return [torch.zeros_like(p) if g is None else g for p, g in zip(
        net.parameters(), torch.autograd.grad(value, list(net.parameters()), allow_unused=True), strict=True)]


# --- attention --------------------------------------------------------------------------------------------------------

QUERIES, VALUES = torch.randn(2, 3, 4, 8, generator=torch.Generator().manual_seed(0), dtype=torch.double).unbind(0)
MASK = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 0, 0]]).bool()


def value_and_gradients(function, *inputs: Tensor) -> list[Tensor]:
    leaves = [one.clone().requires_grad_() for one in inputs]
    value = function(*leaves)
    weigh = torch.linspace(-1, 2, value.numel(), dtype=value.dtype).view_as(value)
    return [value, *torch.autograd.grad((value * weigh).sum(), leaves)]


def attended(attention: Attention):
    return lambda q, m: attention(q, attention.key(m), m, MASK)[0]


@pytest.mark.parametrize("score", ["dot", "general"])
def test_multiplicative_attention_is_torchs(score):
    attention = Attention(score, 8).double()
    project = attention.key.weight.T if score == "general" else torch.eye(8, dtype=torch.double)

    def reference(q, m):
        return F.scaled_dot_product_attention(q, m @ project, m, attn_mask=MASK[:, None], scale=1.0)

    ours, theirs = (value_and_gradients(f, QUERIES, VALUES) for f in (attended(attention), reference))
    torch.testing.assert_close(ours, theirs)


def test_additive_attention_is_its_formula_in_a_loop():
    attention = Attention("additive", 8).double()
    u, w, v = attention.query.weight, attention.key, attention.v.weight[0]

    def reference(q, m):
        contexts = []
        for b, t in itertools.product(range(3), range(4)):
            words = [s for s in range(4) if MASK[b, s]]
            exps = torch.stack([torch.exp(v @ torch.tanh(u @ q[b, t] + w(m[b, s]))) for s in words])
            contexts.append(sum(e / exps.sum() * m[b, s] for e, s in zip(exps, words, strict=True)))
        return torch.stack(contexts).view(3, 4, 8)

    ours, theirs = (value_and_gradients(f, QUERIES, VALUES) for f in (attended(attention), reference))
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("score", SCORES)
def test_weights_sum_to_one_over_the_words_and_are_zero_at_padding(score):
    attention = Attention(score, 8).double()
    _, weights = attention(QUERIES, attention.key(VALUES), VALUES, MASK)
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(3, 4, dtype=torch.double))
    assert torch.equal(weights > 0, MASK[:, None].expand_as(weights))
    assert not torch.allclose(weights.sum(dim=1)[0], torch.ones(4, dtype=torch.double))      # nor over another axis


@pytest.mark.parametrize("attention", EVERY)
def test_gradient_of_the_whole_net_is_right(attention):
    net = tiny(attention)
    names, values = zip(*net.named_parameters(), strict=True)

    def forward(*parameters):
        logits, _ = torch.func.functional_call(net, dict(zip(names, parameters, strict=True)), (SOURCE, TARGET[:, :-1]))
        return F.cross_entropy(logits.flatten(0, 1), TARGET[:, 1:].flatten(), ignore_index=PAD)

    assert torch.autograd.gradcheck(forward, [p.detach().clone().requires_grad_() for p in values], fast_mode=True)


# --- the net ----------------------------------------------------------------------------------------------------------


def test_encoder_equals_torchs_bidirectional_gru_on_packed_sequences():
    net = tiny()
    both = torch.nn.GRU(6, 4, batch_first=True, bidirectional=True).double()
    both.load_state_dict({**net.forwards.state_dict(),
                          **{f"{name}_reverse": p for name, p in net.backwards.state_dict().items()}})
    lengths = (SOURCE != PAD).sum(1)
    packed = torch.nn.utils.rnn.pack_padded_sequence(net.source_embedding(SOURCE), lengths, True, False)
    states, last = both(packed)
    wanted, _ = torch.nn.utils.rnn.pad_packed_sequence(states, batch_first=True)
    memory, real = net.encode(SOURCE), (SOURCE != PAD)[..., None]
    torch.testing.assert_close(memory.values * real, wanted * real)
    torch.testing.assert_close(memory.z, torch.tanh(net.bridge(torch.cat([last[0], last[1]], 1))))


@pytest.mark.parametrize("attention", EVERY)
def test_more_padding_changes_nothing(attention):
    net, wide = tiny(attention, spread=20.0), (F.pad(SOURCE, (0, 3)), F.pad(TARGET, (0, 2)))
    value, padded = loss(net, SOURCE, TARGET), loss(net, *wide)
    torch.testing.assert_close(value, padded)
    torch.testing.assert_close(gradients(net, value), gradients(net, padded))
    assert torch.equal(seq2seq.generate(net, SOURCE, 8), seq2seq.generate(net, wide[0], 8))
    for a, b in zip(seq2seq.beam_search(net, SOURCE, 3, limit=8), seq2seq.beam_search(net, wide[0], 3, limit=8),
                    strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("attention", EVERY)
def test_a_sentence_does_not_depend_on_its_batch(attention):
    net = tiny(attention, spread=20.0)
    together = seq2seq.generate(net, SOURCE, 8)
    for n, source in enumerate(SOURCE):
        alone = seq2seq.generate(net, source[source != PAD][None], 8)
        assert torch.equal(alone[0], together[n, :alone.size(1)]) and (together[n, alone.size(1):] == PAD).all()


@pytest.mark.parametrize("attention", EVERY)
def test_no_target_token_sees_a_later_one(attention):
    net, inputs = tiny(attention), TARGET[:, :-1]
    before, _ = net(SOURCE, inputs)
    for t in range(inputs.size(1)):
        other = inputs.clone()
        other[:, t] = (other[:, t] + 1) % V
        after, _ = net(SOURCE, other)
        torch.testing.assert_close(after[:, :t], before[:, :t])
        assert not torch.allclose(after[:, t], before[:, t])


@pytest.mark.parametrize("attention", EVERY)
def test_step_by_step_equals_all_at_once(attention):
    net, inputs = tiny(attention), TARGET[:, :-1]
    wanted, _ = net(SOURCE, inputs)
    memory = net.encode(SOURCE)
    states = memory.z[:, None].repeat(1, 2, 1)                                   # twice the same hypothesis
    for t in range(inputs.size(1)):
        log_p, states = net.step(inputs[:, t:t + 1].repeat(1, 2), states, memory)
        for k in range(2):
            torch.testing.assert_close(log_p[:, k], wanted[:, t].log_softmax(1))


def test_loss_is_the_mean_over_real_tokens_that_follow_those_given():
    net = tiny()
    (turn,) = seq2seq_turns({"seq2seq": net}, (SOURCE, TARGET), 0)
    nats = []
    for source, target in zip(SOURCE, TARGET, strict=True):
        source, target = source[source != PAD][None], target[target != PAD][None]
        log_p = net(source, target)[0].log_softmax(-1)[0]
        nats += [-log_p[t, target[0, t + 1]] for t in range(target.size(1) - 1)]
    assert turn.weight == len(nats) == 9
    torch.testing.assert_close(turn.loss, torch.stack(nats).mean())


def test_split_batches_accumulate_to_the_whole_one():
    """Token weights: micro-batches of 1 and 2 sentences move the net as the batch of 3 does."""
    def moved(batches, accumulate):
        net = tiny()
        run = Run(seq2seq_turns, {"seq2seq": Learner(net, torch.optim.SGD(net.parameters(), 0.5))})
        logs = list(train(run, batches, 1, accumulate))
        return [logs[0]["seq2seq"], *net.parameters()]

    whole = moved([(SOURCE, TARGET)], 1)
    torch.testing.assert_close(moved([(SOURCE[:1], TARGET[:1]), (SOURCE[1:], TARGET[1:])], 2), whole)


# --- searching --------------------------------------------------------------------------------------------------------


def log_p_of(net: Seq2Seq, source: Tensor, *targets: list[int]) -> list[float]:
    """log p of each target given one source (S,), which may be padded."""
    wanted = pad(targets)
    logits, _ = net(source[source != PAD].expand(len(wanted), -1), F.pad(wanted[:, :-1], (1, 0), value=BOS))
    log_p = logits.log_softmax(-1).gather(2, wanted[..., None]).squeeze(2)
    return (log_p * (wanted != PAD)).sum(1).tolist()


def all_targets(limit: int, tokens: tuple[int, ...]) -> list[list[int]]:
    """Everything that ends within `limit` tokens, and what has not ended then."""
    ended = [[*start, EOS] for n in range(limit) for start in itertools.product(tokens, repeat=n)]
    return ended + [list(start) for start in itertools.product(tokens, repeat=limit)]


@pytest.mark.parametrize("alpha", [0.0, 0.6, 1.0])
@pytest.mark.parametrize("attention", EVERY)
def test_a_wide_beam_finds_what_exhaustive_search_finds(attention, alpha):
    net, limit = tiny(attention, seed=3, target=7, spread=8.0), 4
    everything = all_targets(limit, (4, 5, 6))
    found = seq2seq.beam_search(net, SOURCE, beam=len(everything), alpha=alpha, limit=limit)
    for n, source in enumerate(SOURCE):
        ranked = sorted(((log_p / len(ids)**alpha, ids) for log_p, ids in
                         zip(log_p_of(net, source, *everything), everything, strict=True)), reverse=True)
        assert found.scores[n].tolist() == pytest.approx([score for score, _ in ranked])
        assert [[i for i in ids if i != PAD] for ids in found.ids[n, :5].tolist()] == [ids for _, ids in ranked[:5]]


@pytest.mark.parametrize("attention", EVERY)
def test_a_beam_of_one_is_greedy(attention):
    source, ends = torch.randint(4, V, (40, 6), generator=torch.Generator().manual_seed(0)), set()
    for seed, bias in itertools.product(range(3), (1, 3)):
        net = tiny(attention, seed, spread=6.0)
        with torch.no_grad():
            net.head.bias[EOS] += bias
        greedy = seq2seq.generate(net, source, 10)
        beam = seq2seq.beam_search(net, source, 1, limit=10)
        assert torch.equal(beam.ids[:, 0, :greedy.size(1)], greedy)
        ids = [i for i in greedy[3].tolist() if i != PAD]
        assert beam.scores[3, 0].item() == pytest.approx(log_p_of(net, source[3], ids)[0] / len(ids))
        ends |= set((greedy != PAD).sum(dim=1).tolist())
    assert len(ends) > 2                                                         # they end at various places


def test_scores_are_those_of_the_hypotheses_and_sorted():
    net = tiny("additive", seed=1, spread=10.0)
    found = seq2seq.beam_search(net, SOURCE, 4, alpha=0.7, limit=7)
    assert (found.scores.diff(dim=1) <= 0).all() and found.ids.shape[:2] == (3, 4)
    for n, k in itertools.product(range(3), range(4)):
        ids = [i for i in found.ids[n, k].tolist() if i != PAD]
        assert len(set(map(tuple, found.ids[n].tolist()))) == 4 and BOS not in ids
        assert found.scores[n, k].item() == pytest.approx(log_p_of(net, SOURCE[n], ids)[0] / len(ids)**0.7)


class Chain(Seq2Seq):
    """A net whose next token depends on the last one alone, so that a search can be checked by hand."""

    def __init__(self, table: dict[int, dict[int, float]]):
        super().__init__(Seq2SeqConfig(V, 7, 4, 4))
        self.log_p = torch.full((7, 7), -math.inf)
        for last, row in table.items():
            for token, p in row.items():
                self.log_p[last, token] = math.log(p)

    def step(self, last, states, memory):
        return self.log_p[last], states


def test_length_normalisation_by_hand():
    """Without it the short sentence wins (0.4 against 0.6 · 0.6), with it the long one, the likelier token by token."""
    net = Chain({BOS: {EOS: 0.4, 4: 0.6}, 4: {EOS: 0.6, 5: 0.4}, 5: {EOS: 1.0}})
    short = seq2seq.beam_search(net, SOURCE[:1], 3, alpha=0.0, limit=5)
    long = seq2seq.beam_search(net, SOURCE[:1], 3, alpha=1.0, limit=5)
    assert short.ids[0, :, :2].tolist() == [[EOS, PAD], [4, EOS], [4, 5]]
    assert short.scores[0].exp().tolist() == pytest.approx([0.4, 0.36, 0.24])
    assert long.ids[0, :, :2].tolist() == [[4, 5], [4, EOS], [EOS, PAD]]
    assert long.scores[0].exp().tolist() == pytest.approx([0.24 ** (1 / 3), 0.6, 0.4])


def test_a_beam_recovers_what_greed_misses_and_keeps_what_is_complete():
    """Greedy takes 4 (0.6), whose continuations are poor; the best whole is by way of 5 (0.4 · 0.9 · 1)."""
    net = Chain({BOS: {4: 0.6, 5: 0.4}, 4: {4: 0.5, 6: 0.5}, 5: {EOS: 0.9, 6: 0.1}, 6: {EOS: 0.5, 6: 0.5}})
    greedy = seq2seq.generate(net, SOURCE[:1], 6)
    beam = seq2seq.beam_search(net, SOURCE[:1], 2, alpha=0.0, limit=6)
    assert greedy[0, 0] == 4 and beam.ids[0, 0, :2].tolist() == [5, EOS]
    assert beam.scores[0, 0].exp().item() == pytest.approx(0.36)


def test_unbounded_writing_is_cut_and_a_chooser_is_asked():
    net = Chain({BOS: {4: 1.0}, 4: {4: 0.9, 5: 0.1}, 5: {5: 1.0}})
    assert seq2seq.generate(net, SOURCE[:1], 5).tolist() == [[4] * 5]
    assert seq2seq.generate(net, SOURCE[1:2, :2]).shape == (1, 14)
    assert seq2seq.generate(net, SOURCE[:1], 3, choose=lambda log_p: torch.full((1,), 5)).tolist() == [[5] * 3]
    assert seq2seq.beam_search(net, SOURCE[:1], 2, limit=4).ids[0, 0].tolist() == [4, 4, 4, 4]
    with pytest.raises(CourseError, match="holds no hypothesis"):
        seq2seq.beam_search(net, SOURCE, 0)


@pytest.mark.parametrize("search", [lambda net, source: seq2seq.generate(net, source),
                                    lambda net, source: seq2seq.beam_search(net, source, 3).ids[:, 0]])
@pytest.mark.parametrize("attention", EVERY)
def test_a_sentence_is_written_alone_as_beside_a_longer_one(search, attention):
    """A net that cannot end: what each sentence becomes is as long as its own source allows."""
    net, rows = tiny(attention, seed=2, spread=6.0), [[5, EOS], [4, 5, 6, 7, 4, 5, 6, EOS], [6, 7, 4, EOS]]
    with torch.no_grad():
        net.head.bias[EOS] = -50.0
    together = [[i for i in ids if i != PAD] for ids in search(net, pad(rows)).tolist()]
    assert [len(ids) for ids in together] == [14, 26, 18]
    assert together == [search(net, pad([row]))[0].tolist() for row in rows]


def test_no_special_token_and_none_that_the_vocabulary_lacks_is_written():
    net = tiny("dot", seed=0, target=12)
    with torch.no_grad():
        net.head.bias[[PAD, BOS, UNK, 10, 11]] = 30.0
    for ids in (seq2seq.generate(net, SOURCE, 20, banned=silent(10, 12)),
                seq2seq.beam_search(net, SOURCE, 3, limit=20, banned=silent(10, 12)).ids[:, 0]):
        written = [i for row in ids.tolist() for i in (row[:row.index(EOS)] if EOS in row else row)]
        assert written and {*written} <= {4, 5, 6, 7, 8, 9}
    model = Translator(net, Vocabulary.of(["abcd"]), Vocabulary.of(["uvwxyz"]))
    assert all(set(text) <= set("uvwxyz") for beam in (1, 2) for text in translate(model, ["ab", "c"], beam))
    assert set(alignment(model, "ab")[1]) <= {*"uvwxyz", "<eos>"}


def test_a_limit_below_1_is_refused():
    for search in (seq2seq.generate, seq2seq.beam_search):
        with pytest.raises(CourseError, match="no room for EOS"):
            search(tiny(None), SOURCE, limit=0)


def test_one_more_goes_on_for_each_of_the_best_that_ends():
    """At first EOS is one of the two best, and 5, third of all, takes its place in the beam: [5, EOS] is found."""
    net = Chain({BOS: {4: 0.5, EOS: 0.3, 5: 0.2}, 4: {EOS: 1.0}, 5: {EOS: 1.0}})
    found = seq2seq.beam_search(net, SOURCE[:1], 2, alpha=1.0, limit=4)
    assert found.ids[0, :, :2].tolist() == [[4, EOS], [5, EOS]]
    assert found.scores[0].exp().tolist() == pytest.approx([0.5**0.5, 0.2**0.5])


# --- learning and using -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reverser() -> Translator:
    """Two seconds of learning to write three to five letters backwards."""
    torch.manual_seed(0)
    words = ["".join("abcdef"[i] for i in torch.randint(6, (n,))) for n in (3, 4, 5) for _ in range(300)]
    letters = Vocabulary.of(["abcdef"])
    net = Seq2Seq(Seq2SeqConfig(len(letters), len(letters), 16, 48))
    run = Run(seq2seq_turns, {"seq2seq": Learner(net, torch.optim.Adam(net.parameters(), 1e-2), clip=1.0)})
    pairs = encode_pairs([(word, word[::-1]) for word in words], letters, letters)
    for _ in train(run, Buckets(pairs, 500), 300):
        pass
    return Translator(net, letters, letters)


@pytest.mark.slow
def test_learns_to_reverse_and_looks_where_it_should(reverser):
    unseen = ["fedab", "cab", "feed", "abcde", "bad"]
    assert translate(reverser, unseen) == translate(reverser, unseen, beam=3) == [word[::-1] for word in unseen]
    source, target, weights = alignment(reverser, "fedab")
    assert target == [*"badef", "<eos>"] and weights.shape == (6, len(source))
    assert weights[:5].argmax(dim=1).tolist() == [4, 3, 2, 1, 0]


@pytest.mark.slow
def test_a_saved_translator_is_the_same_translator(reverser, tmp_path):
    reverser.save(tmp_path / "reverser.safetensors")
    loaded = Translator.load(tmp_path / "reverser.safetensors")
    assert translate(loaded, ["fedab", "cab"], size=1) == ["badef", "bac"]
    assert loaded.net.config == reverser.net.config and loaded.source.tokens == reverser.source.tokens
    assert not any(p.requires_grad for p in loaded.net.parameters()) and len(list(tmp_path.iterdir())) == 1


def test_a_damaged_or_missing_translator_is_refused(tmp_path):
    (tmp_path / "broken.safetensors").write_bytes(b"\x00" * 100)
    for name in ("broken.safetensors", "missing.safetensors"):
        with pytest.raises(CourseError, match="does not hold a translator"):
            Translator.load(tmp_path / name)


def test_impossible_configurations_are_refused():
    for options, words in (({"attention": "self"}, "choose None or one of"), ({"hidden": 7}, "even number")):
        with pytest.raises(CourseError, match=words):
            Seq2SeqConfig(5, 5, **options)
