"""The recipes behind the lesson of GPT and BERT, and the weights that come with the course."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from aigc_course.data.text.bpe import BPE, train_bpe
from aigc_course.data.text.streams import Documents, Windows
from aigc_course.data.text.verse import tones, verse
from aigc_course.data.text.vocabulary import BOS, EOS, Vocabulary
from aigc_course.errors import CourseError
from aigc_course.metrics.text.language import repetition
from aigc_course.models.text.bert import BERT, BERTConfig
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.models.text.likelihood import token_nats
from aigc_course.projects import english_gpt, finetune
from aigc_course.projects.finetune import FineTune
from aigc_course.recipes.images.classifier import accuracy
from aigc_course.recipes.text import bert, gpt, texts
from aigc_course.train import train

POEMS = verse(40, seed=3, length=5)
CHARACTERS = Vocabulary.of(POEMS)
TINY = BERTConfig(len(CHARACTERS) + 1, context=32, width=16, layers=1, heads=2, dropout=0.0)

# --- BERT of verse ----------------------------------------------------------------------------------------------------


def test_what_is_asked_for_is_hidden_and_the_answer_is_the_nets():
    torch.manual_seed(0)
    net = BERT(TINY)
    tokens = bert.hidden_at(net, CHARACTERS, POEMS[:3], 7)
    assert (tokens[:, 8] == len(CHARACTERS)).all() and (tokens == len(CHARACTERS)).sum() == 3
    assert tokens[:, 0].eq(BOS).all() and tokens[:, -1].eq(EOS).all()
    wanted = (net(tokens)[:, 8, 4:-1].argmax(dim=-1) + 4).tolist()             # no special token, and not the mask
    for poem, answer, token in zip(POEMS, bert.filled(net, CHARACTERS, POEMS[:3], 7), wanted, strict=False):
        assert answer == poem[:7] + CHARACTERS.decode([token]) + poem[8:]


def test_the_recipe_of_bert_trains_and_depends_on_its_seed():
    config = bert.BERTRecipe(TINY, steps=6, tokens=300)
    documents, losses = [CHARACTERS.encode(poem) for poem in POEMS], []
    for seed in (0, 0, 1):
        run = bert.build(replace(config, seed=seed))
        losses.append([log["bert"].item() for log in train(run, Documents(documents, 300), 3)])
    assert losses[0] == losses[1] != losses[2]


def test_the_stored_bert_fills_gaps_that_settle_themselves():
    net, vocabulary = bert.load()
    unseen = verse(60, seed=101, length=5)
    for place, least in ((5, 0.95), (7, 0.6), (20, 0.6)):          # a sign; the second character of lines 2 and 4
        answers = bert.filled(net, vocabulary, unseen, place)
        assert sum(a[place] == b[place] for a, b in zip(answers, unseen, strict=True)) / 60 > least


# --- fine-tuning ------------------------------------------------------------------------------------------------------


def test_labels_are_the_tone_of_the_second_character():
    tokens, labels = finetune.labelled(CHARACTERS, 30, seed=3)
    assert tokens.shape == (30, 27) and 5 < labels.sum() < 25
    for poem, label in zip(verse(30, seed=3, length=5), labels.tolist(), strict=True):
        assert label == (tones(poem[1]) == "平")


@pytest.mark.parametrize("frozen", [False, True])
def test_fine_tuning_moves_a_copy_and_only_what_it_may(frozen):
    torch.manual_seed(0)
    net, config = BERT(TINY), FineTune(steps=3, size=8, frozen=frozen)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    run = finetune.build(config, net)
    head = run.nets["classifier"].head.weight.detach().clone()
    list(train(run, finetune.rounds(config, *finetune.labelled(CHARACTERS, 30, seed=3)), config.steps))
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    tuned = run.nets["classifier"]
    assert torch.equal(tuned.bert.blocks[0].mlp.up.weight, net.blocks[0].mlp.up.weight) is frozen
    assert not torch.equal(tuned.head.weight, head)


def test_few_labels_make_small_batches():
    data = finetune.labelled(CHARACTERS, 10, seed=3)
    assert finetune.rounds(FineTune(size=32), *data)[0][0].shape == (10, 27)


@pytest.mark.slow
def test_pre_training_saves_labels():
    trained, vocabulary = bert.load()
    torch.manual_seed(0)
    config, rates = FineTune(steps=60, size=16), []
    for net in (trained, BERT(trained.config)):
        run = finetune.build(config, net)
        list(train(run, finetune.rounds(config, *finetune.labelled(vocabulary, 100, seed=201)), config.steps))
        rates.append(accuracy(run.nets["classifier"], *finetune.labelled(vocabulary, 300, seed=301)))
    assert rates[0] > 0.95 and rates[1] < 0.8


# --- English ----------------------------------------------------------------------------------------------------------


def test_windows_are_pieces_of_the_text_and_depend_on_step_and_seed():
    windows = Windows(torch.arange(50), rows=200, window=9)
    (tokens,) = windows[3]
    assert tokens.shape == (200, 10) and (tokens.diff(dim=1) == 1).all()
    assert tokens.min() == 0 and tokens.max() == 49                           # the last token is reached, nothing more
    assert torch.equal(tokens, windows[3][0]) and not torch.equal(tokens, windows[4][0])
    assert not torch.equal(tokens, Windows(torch.arange(50), rows=200, window=9, seed=1)[3][0])
    with pytest.raises(CourseError, match="A text of 9 tokens has no window of 9"):
        Windows(torch.arange(9), rows=1, window=9)


def test_a_stream_holds_every_document_and_its_end():
    said = ["This is it.", "And so on."]
    bpe = BPE(train_bpe(said, 5))
    assert texts.stream(bpe, said).tolist() == [*bpe.encode(said[0]), EOS, *bpe.encode(said[1]), EOS]


def test_nats_of_a_long_text_are_those_of_its_windows():
    torch.manual_seed(0)
    net, text = GPT(GPTConfig(vocab=20, context=8, width=8, layers=1, heads=2)), torch.randint(4, 20, (20,))
    parts = [(0, 9), (8, 17), (16, 20)]
    wanted = sum(token_nats(net.eval()(text[None, a:b - 1]), text[None, a + 1:b]).sum().item() for a, b in parts)
    assert gpt.text_nats(net, text) == pytest.approx(wanted, rel=1e-5)


def test_the_stored_writer_of_english_repeats_itself_when_greedy():
    net, tokenizer = english_gpt.load()
    (greedy,) = english_gpt.continued(net, tokenizer, "Return the", new=100, temperature=0)
    sampled = english_gpt.continued(net, tokenizer, "Return the", 4, 100, top_p=0.9)
    assert len(greedy) == 100 and min(map(min, [greedy, *sampled])) >= 4
    assert repetition([greedy]) > 0.6 > 0.1 > repetition(sampled)
    assert tokenizer.decode(greedy).isascii()


def test_the_stored_gpt_of_prose_finds_the_first_token_likelier_than_chance():
    net, tokenizer = english_gpt.load()
    ids = torch.tensor([tokenizer.encode("The first line of the file is read as the name of the object.").ids])
    assert ids[0, 0] != BOS
    nats = token_nats(net(ids[:, :-1]), ids[:, 1:])
    assert nats[0, 0] < math.log(net.config.vocab) and nats.mean() < 5


def test_a_start_has_the_same_room_alone_and_beside_a_longer_one():
    """A net that cannot end fills its context whatever else is written; greedy, so that no random number is shared."""
    torch.manual_seed(0)
    vocabulary = Vocabulary.of(["abcdefgh"])
    net = GPT(GPTConfig(len(vocabulary) + 4, context=16, width=8, layers=1, heads=2))
    starts = ["a", "bcdefg", "h"]
    together = gpt.continued(net, vocabulary, starts, temperature=0)
    assert together == [gpt.continued(net, vocabulary, [start], temperature=0)[0] for start in starts]
    assert all(set(text) <= set("abcdefgh") for text in together)
