"""GPT by what it promises: causality, cache, padding, tied weights, entropy at first; GPT-2 itself is in test_hub."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.checkpoint import load, save
from aigc_course.data.text.sequences import pad
from aigc_course.data.text.streams import Documents
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK
from aigc_course.errors import CourseError
from aigc_course.models.attention import KVCache, use_attention, watch
from aigc_course.models.text.gpt import GPT, GPTConfig, for_decoding, generate, gpt_turns, nats
from aigc_course.models.text.sampling import silent
from aigc_course.train import Learner, Run, train

TINY = GPTConfig(vocab=23, context=16, width=12, layers=2, heads=3, dropout=0.0)
KINDS = pytest.mark.parametrize("positions", ["learned", "rotary", "none"])


def gpt(seed: int = 0, **changes) -> GPT:
    """A tiny GPT, its weights far enough from 0 that every part matters."""
    torch.manual_seed(seed)
    net = GPT(GPTConfig(**{**vars(TINY), **changes})).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return net


def text(*shape: int) -> Tensor:
    return torch.randint(4, 23, shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.slow
def test_the_smallest_gpt2_has_124_439_808_parameters():
    with torch.device("meta"):
        net = GPT()
    assert sum(parameter.numel() for parameter in net.parameters()) == 124_439_808


@KINDS
@pytest.mark.parametrize("how", ["plain", "fused"])
def test_a_later_token_changes_no_earlier_answer(positions, how):
    net, tokens = gpt(positions=positions), text(2, 9)
    use_attention(net, how)
    for t in range(1, 9):
        changed = tokens.clone()
        changed[:, t] = 4 + (changed[:, t] - 3) % 19
        difference = (net(changed) - net(tokens)).abs().amax(dim=(0, 2))
        assert (difference[:t] == 0).all() and difference[t] > 1e-3


def test_without_positions_earlier_tokens_are_a_set():
    """The last answer does not depend on the order of the tokens before; with positions it does."""
    tokens, order = text(1, 6), torch.tensor([2, 4, 0, 3, 1, 5])
    for positions, is_a_set in (("none", True), ("learned", False), ("rotary", False)):
        net = gpt(positions=positions, layers=1)
        moved = (net(tokens[:, order])[:, -1] - net(tokens)[:, -1]).abs().max()
        assert moved < 1e-4 if is_a_set else moved > 1e-3


@KINDS
@pytest.mark.parametrize("pieces", [[1] * 9, [4, 1, 4]])
def test_reading_with_caches_equals_reading_at_once(positions, pieces):
    net, tokens = gpt(positions=positions), text(2, 9)
    caches = [KVCache(9) for _ in net.blocks]
    with torch.no_grad():
        parts = [net(part, caches=caches) for part in tokens.split(pieces, dim=1)]
        torch.testing.assert_close(torch.cat(parts, dim=1), net(tokens))


@KINDS
def test_padding_on_the_left_changes_nothing(positions):
    net, tokens = gpt(positions=positions), text(1, 5)
    for gap in (1, 4):
        filled = F.pad(tokens, (gap, 0), value=7)                   # any token may stand there, a real one included
        real = (torch.arange(5 + gap) >= gap)[None]
        out = net(filled, real)
        torch.testing.assert_close(out[:, gap:], net(tokens))
        assert out.isfinite().all()
        caches = [KVCache(5 + gap) for _ in net.blocks]
        with torch.no_grad():
            net(filled[:, :-1], real[:, :-1], caches)
            torch.testing.assert_close(net(filled[:, -1:], real, caches), net(tokens)[:, -1:])


@KINDS
@pytest.mark.parametrize("settings", [{"temperature": 0}, {"temperature": 0.8, "top_k": 9, "top_p": 0.9}],
                         ids=["greedy", "sampled"])
def test_generating_in_a_batch_with_cache_equals_without(positions, settings):
    net, prompts = gpt(positions=positions), [[5, 6, 7, 8, 9], [10], [], [11, 12]]
    answers = []
    for cached in (True, False):
        torch.manual_seed(3)
        answers.append(generate(net, prompts, 9, **settings, cached=cached))
    assert answers[0] == answers[1]
    assert all(answer[:len(prompt)] == prompt for answer, prompt in zip(answers[0], prompts, strict=True))
    if settings["temperature"] == 0:
        alone = [generate(net, [prompt], 9, **settings)[0] for prompt in prompts]
        assert alone == answers[0] and len({tuple(answer[-3:]) for answer in alone}) > 1


def test_the_copy_for_decoding_answers_alike_and_leaves_the_net_alone():
    net, tokens = gpt(), text(2, 9)
    before = {name: (tensor.clone(), tensor.stride()) for name, tensor in net.state_dict().items()}
    copied = for_decoding(net.train())
    torch.testing.assert_close(copied(tokens), net(tokens))
    assert copied.tokens.weight.stride() == (1, 23) and not copied.training and net.training
    assert generate(copied, [[5, 6], [7]], 9, temperature=0) == generate(net, [[5, 6], [7]], 9, temperature=0)
    assert all(torch.equal(tensor, before[name][0]) and tensor.stride() == before[name][1]
               for name, tensor in net.state_dict().items())
    short = for_decoding(net, torch.bfloat16)
    assert (short(tokens).softmax(-1) - net(tokens).softmax(-1)).abs().max() < 0.05
    assert len(generate(short, [[5]], 9, eos=None)[0]) == 10


def test_an_answer_ends_at_eos_and_holds_no_banned_token():
    net = gpt()
    torch.manual_seed(0)
    answers = generate(net, [[5]] * 200, 14, temperature=3.0)
    assert {len(answer) for answer in answers} > {5, 15}              # some end early, some go on to the last token
    assert not any({PAD, BOS, EOS, UNK} & set(answer) for answer in answers)
    known = generate(net, [[5]] * 50, 14, temperature=9.0, banned=silent(12, 23))
    assert {token for answer in known for token in answer} <= {*range(4, 12)}
    free = generate(net, [[5]] * 200, 14, temperature=3.0, eos=None, banned=())
    assert {len(row) for row in free} == {15} and any(EOS in row for row in free)


def test_tokens_beyond_the_context_are_refused():
    net = gpt()
    with pytest.raises(CourseError, match="A prompt of 3 tokens and 14 new ones do not fit GPT's context of 16"):
        generate(net, [[5, 6]], 14)
    assert len(generate(net, [[5, 6]], 13, eos=None)[0]) == 15
    with pytest.raises(CourseError, match="17 tokens does not fit"):
        net(text(1, 17))
    with pytest.raises(CourseError, match="'learned', 'rotary' or 'none'"):
        GPTConfig(positions="sinusoidal")
    with pytest.raises(CourseError, match="nothing to pad"):
        generate(net, [[]], 1, bos=None)


def test_at_first_every_token_is_as_likely_as_another():
    """Entropy and loss of a fresh net are ln V: the first loss of a training run that is set up rightly."""
    torch.manual_seed(0)
    net = GPT(GPTConfig(vocab=3000, context=64, width=128, layers=4, heads=4)).eval()
    tokens = torch.randint(4, 3000, (4, 64))
    logits = net(tokens)
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    assert (entropy - math.log(3000)).abs().max() < 0.05
    (turn,) = gpt_turns({"gpt": net}, (tokens,), 0)
    assert abs(turn.loss.item() - math.log(3000)) < 0.1


def test_depth_does_not_blow_up_the_residual_path():
    torch.manual_seed(0)
    spread = [GPT(GPTConfig(vocab=50, context=8, width=64, layers=layers, heads=4)).blocks for layers in (2, 32)]
    stds = [blocks[0].mlp.down.weight.std().item() for blocks in spread]
    assert stds[0] == pytest.approx(0.02 / 2, rel=0.05) and stds[1] == pytest.approx(0.02 / 8, rel=0.05)


def test_the_embedding_is_the_output_layer():
    net, tokens = gpt(), text(2, 6)
    assert not [name for name, _ in net.named_parameters() if "head" in name or "lm" in name]
    torch.testing.assert_close(net(tokens), net.hidden(tokens) @ net.tokens.weight.T)
    (gradient,) = torch.autograd.grad(net(tokens)[..., 20].sum(), net.tokens.weight)
    touched = gradient.abs().sum(dim=1) > 0
    assert touched.nonzero().flatten().tolist() == sorted({20, *tokens.flatten().tolist()})


def test_dropout_is_for_training_alone():
    net, tokens = gpt(dropout=0.5), text(2, 6)
    assert torch.equal(net(tokens), net(tokens))
    net.train()
    assert not torch.equal(net(tokens), net(tokens))
    assert generate(net, [[5]], 4, temperature=0) == generate(net, [[5]], 4, temperature=0)
    assert not net.training


def test_watching_shows_every_layers_weights():
    net = gpt()
    with watch(net) as seen:
        net(text(2, 6))
    assert list(seen) == ["blocks.0.attention", "blocks.1.attention"]
    for (weights,) in seen.values():
        assert weights.shape == (2, 3, 6, 6) and (weights.triu(1) == 0).all()
        torch.testing.assert_close(weights.sum(-1), torch.ones(2, 3, 6))


# --- objective --------------------------------------------------------------------------------------------------------

DOCUMENTS = [[5, 6, 7], [8], [9, 10, 11, 12, 5, 6]]


def test_loss_is_the_mean_over_targets_and_padding_is_none():
    net, tokens = gpt(), pad([[BOS, *row, EOS] for row in DOCUMENTS])
    (turn,) = gpt_turns({"gpt": net}, (tokens,), 0)
    alone = []
    for row in DOCUMENTS:
        ids = torch.tensor([BOS, *row, EOS])
        alone.append(F.cross_entropy(net(ids[None, :-1])[0], ids[1:], reduction="sum"))
    assert turn.weight == 4 + 2 + 7
    torch.testing.assert_close(turn.loss, sum(alone) / 13)
    torch.testing.assert_close(nats(net, DOCUMENTS, size=2), torch.stack(alone))


class Slices:
    """The rows of each batch dealt to two micro-batches."""

    def __init__(self, batches: Sequence):
        self.batches = batches

    def __getitem__(self, step: int) -> tuple[Tensor]:
        tokens = self.batches[step // 2][0]
        return (tokens[step % 2::2],)


def run_of(net: nn.Module) -> Run:
    return Run(gpt_turns, {"gpt": Learner(net, torch.optim.SGD(net.parameters(), 0.1))})


def test_two_micro_batches_equal_one_large_one():
    nets = [gpt() for _ in range(2)]
    batches = [(pad([[BOS, *row, EOS] for row in (*DOCUMENTS, [5] * 9)]),)]
    list(train(run_of(nets[0]), batches, 1))
    list(train(run_of(nets[1]), Slices(batches), 1, accumulate=2))
    for one, other in zip(*(net.parameters() for net in nets), strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-5)


def test_a_resumed_run_is_the_same_bit_for_bit(tmp_path):
    batches = Documents([row * 2 for row in DOCUMENTS] * 5, tokens=60)
    runs = [Run(gpt_turns, {"gpt": Learner(net, torch.optim.AdamW(net.parameters(), 1e-3))})
            for net in (gpt(dropout=0.2), gpt(1, dropout=0.2))]
    for _ in train(runs[0], batches, 3):
        pass
    save(runs[0], tmp_path / "run.pt")
    whole = [log["gpt"].item() for log in train(runs[0], batches, 6)]
    load(runs[1], tmp_path / "run.pt")
    assert [log["gpt"].item() for log in train(runs[1], batches, 6)] == whole


@pytest.mark.slow
def test_a_leaking_mask_shows_as_a_loss_that_is_too_good():
    """Trained on random tokens no honest model is below ln 19; one that sees the next token soon is."""
    torch.manual_seed(0)
    honest = gpt(width=24, layers=1)
    leaking = copy.deepcopy(honest)
    for block in leaking.blocks:
        block.forward = lambda x, forward=block.forward, **given: forward(x, **{**given, "causal": False})
    losses = {}
    for name, net in (("honest", honest), ("leaking", leaking)):
        opt = torch.optim.Adam(net.parameters(), 1e-2)
        for _ in range(150):
            (turn,) = gpt_turns({"gpt": net.train()}, (torch.randint(4, 23, (32, 9)),), 0)
            opt.zero_grad()
            turn.loss.backward()
            opt.step()
        losses[name] = turn.loss.item()
    assert losses["honest"] > math.log(19) - 0.1 and losses["leaking"] < 2.0
