"""BERT by what it promises: both sides seen, padding never, the head only where asked; equality is in test_hub."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK
from aigc_course.errors import CourseError
from aigc_course.models.text import bert
from aigc_course.models.text.bert import BERT, BERTConfig, bert_turns, fill, hide
from aigc_course.train import Learner, Run, train

MASK = 23
TINY = BERTConfig(vocab=24, context=16, width=12, layers=2, heads=3, dropout=0.0)


def net_of(seed: int = 0) -> BERT:
    torch.manual_seed(seed)
    net = BERT(TINY).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return net


def text(*shape: int) -> Tensor:
    return torch.randint(4, 23, shape, generator=torch.Generator().manual_seed(1))


def test_the_last_token_changes_the_first_vector():
    net, tokens = net_of(), text(1, 6)
    changed = tokens.clone()
    changed[0, -1] = 4 + (changed[0, -1] - 3) % 19
    assert (net.hidden(changed)[:, 0] - net.hidden(tokens)[:, 0]).abs().max() > 1e-3


def test_padding_changes_nothing_and_a_token_0_may_be_real():
    net, tokens = net_of(), text(1, 6)
    torch.testing.assert_close(net(F.pad(tokens, (0, 5), value=PAD))[:, :6], net(tokens))
    real = (torch.arange(11) < 6)[None]
    torch.testing.assert_close(net(F.pad(tokens, (0, 5), value=9), real=real)[:, :6], net(tokens))


def test_hiding_asks_for_15_percent_in_the_published_shares():
    torch.manual_seed(0)
    tokens = torch.cat([text(800, 40), torch.zeros(800, 5, dtype=torch.long)], dim=1)
    given, wanted = hide(tokens, MASK, 24)
    chosen = wanted != bert.NOT_A_TARGET
    assert not chosen[:, 40:].any() and (given[~chosen] == tokens[~chosen]).all()
    assert (wanted[chosen] == tokens[chosen]).all()
    assert chosen[:, :40].float().mean() == pytest.approx(0.15, abs=0.005)
    assert (given[chosen] == MASK).float().mean() == pytest.approx(0.8 + 0.1 / 20, abs=0.01)
    assert (given[chosen] == tokens[chosen]).float().mean() == pytest.approx(0.1 + 0.1 / 20, abs=0.01)


def test_loss_is_the_mean_over_hidden_tokens_of_the_whole_nets_answer():
    net, tokens = net_of(), text(8, 10)
    torch.manual_seed(5)
    (turn,) = bert_turns({"bert": net}, (tokens,), 0, mask=MASK, share=0.5)
    torch.manual_seed(5)
    given, wanted = hide(tokens, MASK, 24, 0.5)
    torch.testing.assert_close(turn.loss, F.cross_entropy(net(given).flatten(0, 1), wanted.flatten()))
    assert turn.weight == (wanted >= 0).sum() > 0


def test_a_batch_in_which_nothing_is_hidden_is_no_error():
    (turn,) = bert_turns({"bert": net_of()}, (text(1, 3),), 0, mask=MASK, share=0.0)
    assert turn.loss == 0 and turn.weight == 0
    turn.loss.backward()


def test_a_sequence_beyond_the_context_is_refused():
    with pytest.raises(CourseError, match="17 tokens does not fit BERT's context of 16"):
        net_of()(text(1, 17))


@pytest.mark.slow
def test_a_tiny_bert_learns_to_fill_gaps_from_both_sides():
    """In rows a b a b …, or b a b a …, a gap is settled by its neighbours, on either side."""
    torch.manual_seed(0)
    first = torch.randint(4, 23, (512,))
    rows = torch.stack([first, 4 + (first - 3) % 19] * 4, dim=1)                    # each letter, then its successor
    run = Run(lambda nets, batch, step: bert_turns(nets, batch, step, mask=MASK),
              {"bert": Learner(net := BERT(BERTConfig(24, 16, 24, 1, 2, dropout=0.0)),
                               torch.optim.Adam(net.parameters(), 5e-3))})

    class Rows:
        def __getitem__(self, step: int) -> tuple[Tensor]:
            return (rows[step % 8::8],)

    for _ in train(run, Rows(), 300):
        pass
    gaps = rows.clone()
    gaps[:, 0], gaps[:, 5] = MASK, MASK
    assert (fill(net, gaps, MASK) == rows).float().mean() > 0.99


@pytest.mark.parametrize("seed", range(8))
def test_a_gap_is_never_filled_with_what_is_no_character(seed):
    """An untrained net finds its mask as likely as anything; here what is banned is likelier still."""
    torch.manual_seed(seed)
    net = BERT(BERTConfig(24, 16, 24, 1, 2, dropout=0.0))
    with torch.no_grad():
        net.bias[[PAD, BOS, EOS, UNK, MASK, 20, 21]] = 5.0
    tokens = torch.randint(4, 20, (6, 9))
    gaps = tokens.masked_fill(torch.rand(tokens.shape) < 0.4, MASK)
    filled = fill(net, gaps, MASK, [PAD, BOS, EOS, UNK, 20, 21])
    assert torch.equal(filled[gaps != MASK], tokens[gaps != MASK])
    assert filled.min() >= 4 and filled.max() < 20
    assert fill(net, gaps, MASK).min() >= 4 and MASK not in fill(net, gaps, MASK)


def test_other_tokens_are_drawn_from_the_first_to_the_last_and_unknown_ones_are_not_asked_for():
    torch.manual_seed(0)
    given, wanted = hide(torch.full((400, 20), 9), MASK, 24, share=1.0)
    assert {*given[given != 9].tolist()} == {4, 5, 6, 7, 8, *range(10, 24)} and (wanted == 9).all()
    special = torch.tensor([[PAD, BOS, EOS, UNK, MASK]])
    given, wanted = hide(special, MASK, 24, share=1.0)
    assert torch.equal(given, special) and (wanted == bert.NOT_A_TARGET).all()
