"""A recurrent language model's loss, carried state and samples, each against its definition."""

from __future__ import annotations

import copy
import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.checkpoint import load, save
from aigc_course.compute import aside
from aigc_course.data.batches import Batches
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.streams import Streams
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text import rnn
from aigc_course.models.text.likelihood import token_nats
from aigc_course.models.text.rnn import LanguageModel, LanguageModelConfig, lm_turns
from aigc_course.train import Learner, Run, train

KINDS = ["rnn", "lstm", "gru"]


def random_documents(n: int, vocab: int = 12, shortest: int = 1, longest: int = 9, seed: int = 0) -> list[list[int]]:
    draw = torch.Generator().manual_seed(seed)
    lengths = torch.randint(shortest, longest + 1, (n,), generator=draw).tolist()
    return [torch.randint(4, vocab, (length,), generator=draw).tolist() for length in lengths]


def model(kind: str = "lstm", seed: int = 0, double: bool = True, **options) -> LanguageModel:
    settings = {"vocab": 12, "embed": 5, "width": 7, **options}
    with aside(seed):
        net = LanguageModel(LanguageModelConfig(kind=kind, **settings))
    return net.double() if double else net


def loss_of(net: LanguageModel, *batch: Tensor) -> Tensor:
    (turn,) = lm_turns({"lm": net}, batch, 0)
    return turn.loss


# --- the language model and its loss ----------------------------------------------------------------------------------


def by_definition(net: LanguageModel, document: list[int]) -> float:
    """−log p, one token at a time."""
    seen, total = [BOS], 0.0
    for token in [*document, EOS]:
        total -= net(torch.tensor([seen]))[0][0, -1].log_softmax(-1)[token].item()
        seen.append(token)
    return total


@pytest.mark.parametrize("kind", KINDS)
def test_nats_are_the_sum_over_every_token_and_eos(kind):
    net, documents = model(kind, layers=2), random_documents(7)
    expected = torch.tensor([by_definition(net, document) for document in documents])
    torch.testing.assert_close(rnn.nats(net, documents, size=3), expected)
    torch.testing.assert_close(rnn.nats(net, documents, size=2, window=2), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_loss_is_the_mean_nats_of_the_tokens_that_are_not_padding(kind):
    net, documents = model(kind), random_documents(7)
    tokens = pad([[BOS, *document, EOS] for document in documents])
    (turn,) = lm_turns({"lm": net}, (tokens,), 0)
    many = sum(len(document) + 1 for document in documents)
    assert turn.weight == many
    assert turn.loss.item() == pytest.approx(rnn.nats(net, documents).sum().item() / many, rel=1e-6)
    wider = torch.cat([tokens, torch.full((7, 4), PAD)], dim=1)
    gradients = [torch.autograd.grad(loss_of(net, batch), list(net.parameters())) for batch in (tokens, wider)]
    torch.testing.assert_close(*gradients)                                             # more padding changes nothing


def test_no_position_sees_the_token_that_it_predicts_or_a_later_one():
    net, tokens = model(layers=2), torch.randint(4, 12, (2, 8))
    changed = tokens.clone()
    changed[:, 5] = (changed[:, 5] - 4 + 1) % 8 + 4
    a, b = net(tokens)[0], net(changed)[0]
    assert torch.equal(a[:, :5], b[:, :5]) and not torch.equal(a[:, 5], b[:, 5])


def test_accumulated_batches_of_unequal_length_equal_one_large_batch():
    documents = random_documents(8)
    rows = [pad([[BOS, *document, EOS] for document in part]) for part in (documents[:1], documents[1:])]
    whole = pad([[BOS, *document, EOS] for document in documents])
    ends = []
    for batches, accumulate in ([(rows[0],), (rows[1],)], 2), ([(whole,)], 1):
        net = model()
        run = Run(lm_turns, {"lm": Learner(net, torch.optim.SGD(net.parameters(), 0.5))})
        (log,) = train(run, batches, 1, accumulate)
        ends.append([log["lm"].detach(), *[p.detach() for p in net.parameters()]])
    torch.testing.assert_close(*ends)


def test_the_first_guess_is_nearly_uniform_and_forget_gates_begin_open():
    net = LanguageModel(LanguageModelConfig(vocab=500, layers=2, tied=True))
    tokens = torch.randint(4, 500, (4, 30))
    assert loss_of(net, tokens).item() == pytest.approx(math.log(500), abs=0.3)
    assert net.head.weight is net.embedding.weight
    for layer in range(2):
        biases = [getattr(net.recurrent, f"{name}_l{layer}") for name in ("bias_ih", "bias_hh")]
        assert ((biases[0] + biases[1])[128:256] == 1).all()
    chrono = LanguageModel(LanguageModelConfig(vocab=5, memory=100)).recurrent
    i, f = (chrono.bias_ih_l0 + chrono.bias_hh_l0)[:256].chunk(2)
    assert torch.equal(i, -f) and f.min() >= 0 and math.log(90) < f.max() <= math.log(99)
    with pytest.raises(CourseError, match="'rnn', 'lstm', 'gru'"):
        LanguageModelConfig(vocab=5, kind="transformer")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rnn", "lstm"])
def test_a_trained_model_reaches_the_entropy_of_its_source(kind):
    """A document is a run of a's, then of b's, as long as a biased coin allows: its nats are known in closed form."""
    draw = torch.Generator().manual_seed(0)

    def document() -> list[int]:
        a, b = (int(torch.empty(()).geometric_(0.3, generator=draw)) for _ in range(2))
        return [4] * a + [5] * b

    entropy = 2 * -(0.3 * math.log(0.3) + 0.7 * math.log(0.7)) / 0.3                   # nats of a document
    known, unseen = ([document() for _ in range(n)] for n in (3000, 2000))
    with aside(0):
        net = LanguageModel(LanguageModelConfig(vocab=6, kind=kind, embed=8, width=16))
        run = Run(lm_turns, {"lm": Learner(net, torch.optim.Adam(net.parameters(), 0.02))})
        # shuffled, not bucketed: in a batch of equal lengths the end is no surprise, and its gradient leans that way
        for _ in train(run, Batches((pad([[BOS, *document, EOS] for document in known]),), 300), 80):
            pass
    found = rnn.nats(net, unseen, size=500)
    ideal = torch.tensor([-(math.log(0.3) * 2 + math.log(0.7) * (len(d) - 2)) for d in unseen])
    assert found.mean().item() == pytest.approx(ideal.mean().item(), rel=0.03)
    assert ideal.mean().item() == pytest.approx(entropy, rel=0.05)


# --- truncated backpropagation through time ---------------------------------------------------------------------------


def test_windows_change_no_value_and_cut_the_gradient_alone():
    net, tokens = model(layers=2), torch.randint(4, 12, (3, 13))
    full = rnn.windowed_nats(net, tokens, 12)
    slope = torch.autograd.grad(full.sum(), list(net.parameters()))
    reference = torch.autograd.grad(token_nats(net(tokens[:, :-1])[0], tokens[:, 1:]).sum(), list(net.parameters()))
    torch.testing.assert_close(slope, reference)
    for window in (1, 4, 5):
        cut = rnn.windowed_nats(net, tokens, window)
        torch.testing.assert_close(cut, full)
        other = torch.autograd.grad(cut.sum(), list(net.parameters()))
        assert not torch.allclose(torch.cat([g.flatten() for g in other]), torch.cat([g.flatten() for g in slope]))


def streams(rows: int = 3, window: int = 4, seed: int = 0) -> tuple[list[list[int]], Streams]:
    documents = random_documents(11, shortest=1, longest=23)
    return documents, Streams(documents, rows, window, seed)


@pytest.mark.parametrize("kind", KINDS)
def test_a_carried_state_reads_streams_as_if_every_document_were_read_alone(kind):
    documents, batches = streams()
    net = model(kind, layers=2, rows=3)
    total, many = 0.0, 0
    for step in range(2 * len(batches)):                       # a second epoch, in another order
        (turn,) = lm_turns({"lm": net}, batches[step], step)
        total, many = total + turn.loss.item() * turn.weight.item(), many + turn.weight.item()
    assert many == 2 * sum(len(document) + 1 for document in documents)
    assert total == pytest.approx(2 * rnn.nats(net, documents).sum().item(), rel=1e-6)


def test_streams_and_model_must_have_the_same_rows():
    _, batches = streams(rows=3)
    for rows in (0, 4):
        with pytest.raises(CourseError, match="3 rows"):
            loss_of(model(rows=rows), *batches[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_resumed_run_is_bit_identical_with_its_carried_state(kind, tmp_path):
    _, batches = streams()

    def begin() -> Run:
        net = model(kind, double=False, rows=3, dropout=0.1)
        return Run(lm_turns, {"lm": Learner(net, torch.optim.Adam(net.parameters(), 0.01), clip=1.0)})

    torch.manual_seed(0)
    first = begin()
    for log in train(first, batches, 7):
        if log["step"] == 3:
            save(first, tmp_path / "run.pt")
    second = begin()
    load(second, tmp_path / "run.pt")
    assert second.nets["lm"].carried.abs().sum() > 0
    for _ in train(second, batches, 7):
        pass
    a, b = first.nets["lm"].state_dict(), second.nets["lm"].state_dict()
    assert all(torch.equal(a[name], b[name]) for name in a)


# --- generation -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_greedy_generation_in_a_batch_equals_one_token_at_a_time(kind):
    net = model(kind, layers=2)
    with torch.no_grad():
        net.head.bias[EOS] += 0.3
    prompts = [[], [4, 5, 6, 7], [8], [9, 4]]
    together = rnn.generate(net, prompts, 15, temperature=0)
    for prompt, written in zip(prompts, together, strict=True):
        seen = [BOS, *prompt]
        while len(seen) <= 15:
            logits = net(torch.tensor([seen]))[0][0, -1]
            logits[[PAD, BOS, UNK]] = -torch.inf
            seen.append(int(logits.argmax()))
            if seen[-1] == EOS:
                seen.pop()
                break
        assert written == seen[1:] and written[:len(prompt)] == prompt


def test_samples_have_the_models_own_nats_and_no_banned_token():
    net = model(double=False)
    with torch.no_grad():
        net.head.bias[[PAD, BOS, UNK]] = -30.0                      # the model agrees with what is banned anyway
        net.head.bias[EOS] += 2.0
    with aside(0):
        written = rnn.generate(net, [[]] * 3000, 60)
    surprise = rnn.nats(net, written, size=1000)
    draws = F.softmax(net(torch.tensor([[BOS]]))[0][0, -1], dim=-1)
    first = torch.tensor([len(document) and document[0] or EOS for document in written])
    for token in (EOS, 5, 9):
        assert (first == token).float().mean().item() == pytest.approx(draws[token].item(), abs=0.03)
    assert surprise.mean() > 0 and not {PAD, BOS, UNK} & {token for document in written for token in document}
    assert not any(7 in document for document in rnn.generate(net, [[]] * 50, 20, banned=(PAD, BOS, 7)))


def test_writing_is_honest_about_special_tokens_and_about_nothing():
    net = model(double=False)
    with torch.no_grad():
        net.head.bias[[PAD, BOS, UNK]] = 30.0
    for temperature in (0, 1.0):
        written = rnn.generate(net, [[], [5, 6]], 9, temperature)
        assert not {PAD, BOS, EOS, UNK} & {token for row in written for token in row}
    assert rnn.generate(net, [[], [5]], 0) == [[], []]


def test_the_state_of_a_copy_is_its_own():
    net = model(rows=2)
    twin = copy.deepcopy(net)
    tokens = torch.randint(4, 12, (2, 5))
    net.carry_on(tokens, torch.ones(2, dtype=torch.bool))
    assert net.carried.abs().sum() > 0 and twin.carried.abs().sum() == 0


def test_a_saved_model_comes_back_with_its_vocabulary(tmp_path):
    vocabulary = Vocabulary.of(["明月松间照"])
    net = model("gru", double=False, vocab=len(vocabulary), tied=True)
    rnn.save_language_model(net, vocabulary, tmp_path / "lm.safetensors")
    loaded, tokens = rnn.load_language_model(tmp_path / "lm.safetensors")
    assert tokens.tokens == vocabulary.tokens and loaded.config == net.config and not loaded.training
    document = vocabulary.encode("月照松")
    torch.testing.assert_close(rnn.nats(loaded, [document]), rnn.nats(net, [document]), atol=0.01, rtol=0)
    (tmp_path / "other.safetensors").write_bytes(b"nothing")
    with pytest.raises(CourseError, match="does not hold the course's language model"):
        rnn.load_language_model(tmp_path / "other.safetensors")
