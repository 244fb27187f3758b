"""Blocks and the whole Transformer against torch's in value and gradient; causality, cache, learning to reverse."""

from __future__ import annotations

import copy

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aigc_course.checkpoint import load, save
from aigc_course.data.text.sequences import Buckets, pad
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK
from aigc_course.errors import CourseError
from aigc_course.models.attention import use_attention
from aigc_course.models.text.transformer import (
    Block,
    Transformer,
    TransformerConfig,
    generate,
    transformer_turns,
    warm_up_then_decay,
)
from aigc_course.train import Learner, Run, train

TINY = TransformerConfig(source=9, target=11, context=12, width=12, heads=3, layers=2, hidden=20)


def layer_state(block: Block, cross: bool) -> dict[str, Tensor]:
    """A block's weights under the names of nn.TransformerEncoderLayer, with `cross` of nn.TransformerDecoderLayer."""
    mlp = {"linear1": block.mlp.up, "linear2": block.mlp.down, "norm1": block.norm1}
    attentions = {"self_attn": block.attention}
    if cross:
        mlp |= {"norm2": block.norm_cross, "norm3": block.norm2}
        attentions["multihead_attn"] = block.cross
    else:
        mlp["norm2"] = block.norm2
    state = {f"{name}.{key}": value for name, module in mlp.items() for key, value in module.state_dict().items()}
    for name, one in attentions.items():
        state |= {f"{name}.in_proj_weight": one.qkv.weight, f"{name}.in_proj_bias": one.qkv.bias,
                  f"{name}.out_proj.weight": one.out.weight, f"{name}.out_proj.bias": one.out.bias}
    return state


def disturb(net: nn.Module) -> None:
    """Move every parameter off its initial value, so that a forgotten gain or bias shows."""
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))


def assert_same_gradients(ours: nn.Module, theirs: nn.Module, state) -> None:
    """The gradients of both, matched by `state`, which names our tensors as theirs."""
    grads = copy.deepcopy(ours)
    for mine, parameter in zip(grads.parameters(), ours.parameters(), strict=True):
        mine.data = parameter.grad
    for name, wanted in state(grads).items():
        torch.testing.assert_close(theirs.get_parameter(name).grad, wanted, msg=lambda text, name=name: name + text)


@pytest.mark.parametrize("pre_norm", [False, True], ids=["post", "pre"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_block_equals_torch(pre_norm, activation):
    ours = Block(12, 3, 20, activation=activation, pre_norm=pre_norm)
    disturb(ours)
    theirs = nn.TransformerEncoderLayer(12, 3, 20, 0.0, activation, batch_first=True, norm_first=pre_norm)
    theirs.load_state_dict(layer_state(ours, cross=False))
    x, real = torch.randn(2, 6, 12), torch.tensor([6, 4])[:, None] > torch.arange(6)
    mine, wanted = ours(x, mask=real[:, None, None]), theirs(x, src_key_padding_mask=~real)
    torch.testing.assert_close(mine, wanted)
    mine[real].square().sum().backward()
    wanted[real].square().sum().backward()
    assert_same_gradients(ours, theirs, lambda net: layer_state(net, cross=False))


@pytest.mark.parametrize("pre_norm", [False, True], ids=["post", "pre"])
def test_decoder_block_equals_torch(pre_norm):
    ours = Block(12, 3, 20, pre_norm=pre_norm, cross=True)
    disturb(ours)
    theirs = nn.TransformerDecoderLayer(12, 3, 20, 0.0, batch_first=True, norm_first=pre_norm)
    theirs.load_state_dict(layer_state(ours, cross=True))
    x, memory = torch.randn(2, 5, 12), torch.randn(2, 6, 12)
    real = torch.tensor([6, 4])[:, None] > torch.arange(6)
    mine = ours(x, memory, causal=True, memory_mask=real[:, None, None])
    wanted = theirs(x, memory, tgt_mask=nn.Transformer.generate_square_subsequent_mask(5), tgt_is_causal=True,
                    memory_key_padding_mask=~real)
    torch.testing.assert_close(mine, wanted)
    mine.square().sum().backward()
    wanted.square().sum().backward()
    assert_same_gradients(ours, theirs, lambda net: layer_state(net, cross=True))


def whole_state(net: Transformer) -> dict[str, Tensor]:
    state = {}
    for part, blocks, cross in (("encoder", net.encoder, False), ("decoder", net.decoder, True)):
        for i, block in enumerate(blocks):
            state |= {f"{part}.layers.{i}.{key}": value for key, value in layer_state(block, cross).items()}
        state |= {f"{part}.norm.{key}": value for key, value in getattr(net, f"{part}_norm").state_dict().items()}
    return state


@pytest.mark.parametrize("pre_norm", [False, True], ids=["post", "pre"])
@pytest.mark.parametrize("how", ["plain", "fused"])
def test_the_net_equals_torchs_transformer(pre_norm, how):
    """Between embeddings and output layer, which torch leaves to its user."""
    net = Transformer(TransformerConfig(**{**vars(TINY), "pre_norm": pre_norm}))
    disturb(net)
    use_attention(net, how)
    theirs = nn.Transformer(12, 3, 2, 2, 20, 0.0, batch_first=True, norm_first=pre_norm)
    if not pre_norm:                                   # torch's default adds a LayerNorm that the paper does not have
        theirs.encoder.norm = theirs.decoder.norm = None
    theirs.load_state_dict(whole_state(net))
    source = torch.tensor([[4, 5, 6, 7, EOS], [5, 8, EOS, PAD, PAD]])
    inputs = torch.tensor([[BOS, 4, 9], [BOS, 5, PAD]])
    hidden = theirs(net.embed(net.source_embedding, source), net.embed(net.target_embedding, inputs),
                    tgt_mask=nn.Transformer.generate_square_subsequent_mask(3), tgt_is_causal=True,
                    src_key_padding_mask=source == PAD, memory_key_padding_mask=source == PAD)
    wanted = F.linear(hidden, net.target_embedding.weight)
    torch.testing.assert_close(net(source, inputs), wanted)
    gradient = torch.autograd.grad(net(source, inputs).square().sum(), net.source_embedding.weight)
    torch.testing.assert_close(gradient, torch.autograd.grad(wanted.square().sum(), net.source_embedding.weight))


def test_a_later_token_changes_no_earlier_answer():
    net, source = Transformer(TINY).eval(), torch.randint(4, 9, (2, 6))
    inputs = torch.randint(4, 11, (2, 5))
    for t in range(1, 5):
        changed = inputs.clone()
        changed[:, t] = 4 + (changed[:, t] - 3) % 7
        difference = (net(source, changed) - net(source, inputs)).abs().amax(dim=(0, 2))
        assert (difference[:t] == 0).all() and difference[t] > 1e-3


def test_padding_of_the_source_changes_nothing():
    net, inputs = Transformer(TINY).eval(), torch.randint(4, 11, (1, 3))
    source = torch.tensor([[5, 6, EOS]])
    torch.testing.assert_close(net(F.pad(source, (0, 4), value=PAD), inputs), net(source, inputs))


def test_generating_with_caches_equals_reading_everything_again():
    torch.manual_seed(0)
    net, source = Transformer(TINY).eval(), pad([[4, 5, 6, EOS], [7, EOS], [8, 4, EOS]])
    disturb(net)
    answers = generate(net, source, 8)
    inputs = torch.full((3, 1), BOS)
    for _ in range(8):
        inputs = torch.cat([inputs, net(source, inputs)[:, -1:, [EOS, *range(4, 11)]].argmax(dim=-1) + 3], dim=1)
        inputs[:, -1][inputs[:, -1] == 3] = EOS                                 # what may be written: EOS, 4, 5 …
    rows = [row[1:] for row in inputs.tolist()]
    assert answers == [row[:row.index(EOS)] if EOS in row else row for row in rows]
    assert len({len(answer) for answer in answers} | {tuple(answer) for answer in answers}) > 2


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_an_answer_holds_no_special_token_and_none_that_the_vocabulary_lacks(temperature):
    torch.manual_seed(0)
    net, source = Transformer(TINY).eval(), pad([[4, 5, 6, EOS], [7, EOS], [8, 4, EOS]])
    wanted = net.decode

    def decode(*given):
        logits = wanted(*given)
        logits[..., [PAD, BOS, UNK, 9, 10]] += 50.0
        logits[..., EOS] -= 50.0
        return logits

    net.decode = decode
    rows = generate(net, source, 8, temperature, banned=(PAD, BOS, UNK, 9, 10))
    assert any(rows) and {token for row in rows for token in row} <= {4, 5, 6, 7, 8}
    assert not {PAD, BOS, UNK} & {token for row in generate(net, source, 8, temperature) for token in row}


def test_an_answer_is_the_same_alone_and_in_company():
    torch.manual_seed(0)
    net, rows = Transformer(TINY).eval(), [[4, 5, 6, EOS], [7, EOS], [8, 4, 5, 6, 7, 8, 4, EOS]]
    disturb(net)
    assert generate(net, pad(rows), 12) == [generate(net, pad([row]), 12)[0] for row in rows]


def test_dropout_is_for_training_alone():
    net = Transformer(TransformerConfig(**{**vars(TINY), "dropout": 0.5}))
    given = torch.randint(4, 9, (2, 6)), torch.randint(4, 11, (2, 5))
    assert not torch.equal(net(*given), net(*given))
    net.eval()
    assert torch.equal(net(*given), net(*given))


def test_loss_is_the_mean_over_tokens_that_are_not_padding():
    net = Transformer(TINY)
    batch = torch.tensor([[4, EOS], [5, EOS]]), torch.tensor([[BOS, 4, 5, EOS], [BOS, EOS, PAD, PAD]])
    (turn,) = transformer_turns({"transformer": net}, batch, 0)
    alone = [list(transformer_turns({"transformer": net}, (source, target), 0))[0]
             for source, target in ((batch[0][:1], batch[1][:1]), (batch[0][1:], batch[1][1:, :2]))]
    assert turn.weight == 4 and [int(one.weight) for one in alone] == [3, 1]
    torch.testing.assert_close(turn.loss * 4, alone[0].loss * 3 + alone[1].loss)


def test_learning_rate_is_the_papers():
    rate = warm_up_then_decay(512, 4000)
    rates = [rate(step) for step in range(20_000)]
    assert rates.index(max(rates)) == 3999
    assert rates[3999] == pytest.approx(512**-0.5 * 4000**-0.5) and rates[15_999] == pytest.approx(rates[3999] / 2)


def test_sequences_beyond_the_context_are_refused():
    with pytest.raises(CourseError, match="13 positions does not fit a context of 12"):
        Transformer(TINY).encode(torch.full((1, 13), 4))
    with pytest.raises(CourseError, match="'sinusoidal', 'learned' or 'none'"):
        TransformerConfig(9, 9, positions="rotary")
    with pytest.raises(CourseError, match="choose one of relu"):
        Block(8, 2, activation="swish")


@pytest.mark.parametrize("positions", ["sinusoidal", "learned", "none"])
def test_positions_are_added_before_attention(positions):
    net = Transformer(TransformerConfig(**{**vars(TINY), "positions": positions})).eval()
    order = torch.tensor([3, 1, 0, 2])
    source = torch.tensor([[4, 5, 6, 7]])
    moved = (net.encode(source[:, order]) - net.encode(source)[:, order]).abs().max()
    assert moved < 1e-5 if positions == "none" else moved > 1e-3


def reversal_run(seed: int = 0) -> Run:
    torch.manual_seed(seed)
    net = Transformer(TransformerConfig(source=10, target=10, context=10, width=32, heads=4, layers=1))
    opt = torch.optim.Adam(net.parameters(), 3e-3)
    return Run(transformer_turns, {"transformer": Learner(net, opt, clip=1.0)})


def reversals(n: int, seed: int) -> list[tuple[list[int], list[int]]]:
    draw = torch.Generator().manual_seed(seed)
    words = [torch.randint(4, 10, (int(torch.randint(2, 5, (), generator=draw)),), generator=draw).tolist()
             for _ in range(n)]
    return [([*word, EOS], [BOS, *word[::-1], EOS]) for word in words]


def test_a_resumed_run_is_the_same_bit_for_bit(tmp_path):
    batches, runs = Buckets(reversals(50, 0), tokens=200), [reversal_run() for _ in range(2)]
    for _ in train(runs[0], batches, 3):
        pass
    save(runs[0], tmp_path / "run.pt")
    load(runs[1], tmp_path / "run.pt")
    losses = [[log["transformer"].item() for log in train(run, batches, 6)] for run in runs]
    assert losses[0] == losses[1] and len(losses[0]) == 3


@pytest.mark.slow
def test_a_small_net_learns_to_reverse():
    run = reversal_run()
    for _ in train(run, Buckets(reversals(2000, 0), tokens=500), 400):
        pass
    held_out = reversals(200, 1)
    answers = generate(run.nets["transformer"], pad([source for source, _ in held_out]), 8)
    right = sum(answer == target[1:-1] for answer, (_, target) in zip(answers, held_out, strict=True))
    assert right >= 180
