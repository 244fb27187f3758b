"""The recipes of recurrent language models: verse that keeps its rules, a bit that is carried over a lag."""

from __future__ import annotations

import pytest
import torch

from aigc_course.data.text.streams import Documents, Streams
from aigc_course.data.text.verse import verse
from aigc_course.models.text.rnn import LanguageModelConfig, load_language_model
from aigc_course.recipes.text import language_model as recipe
from aigc_course.recipes.text.language_model import BitOverLag, LanguageModelRecipe, build, build_recall, recalled
from aigc_course.train import train


def test_the_bit_stands_first_and_is_asked_for_after_the_lag():
    inputs, bits = BitOverLag(7, size=50, seed=2)[3]
    assert inputs.shape == (50, 8) and torch.equal(inputs[:, 0], bits) and set(bits.tolist()) == {0, 1}
    assert (inputs[:, 1:-1] == recipe.BLANK).all() and (inputs[:, -1] == recipe.ASK).all()
    assert torch.equal(inputs, BitOverLag(7, size=50, seed=2)[3][0])
    assert not torch.equal(bits, BitOverLag(7, size=50, seed=2)[4][1])


def test_a_plain_net_carries_a_bit_over_a_short_lag():
    run = build_recall("rnn")
    for _ in train(run, BitOverLag(3), 80):
        pass
    assert recalled(run.nets["lm"], 3) == 1


@pytest.mark.slow
def test_an_lstm_carries_a_bit_over_a_lag_of_100():
    run = build_recall("lstm", memory=100)
    for log in train(run, BitOverLag(100), 600):
        if log["step"] % 25 == 0 and recalled(run.nets["lm"], 100) == 1:
            break
    assert recalled(run.nets["lm"], 100) == 1


def test_a_net_that_carries_its_state_gets_streams_and_others_get_documents():
    documents = [[4, 5, 6, 7]] * 6
    alone = LanguageModelRecipe(LanguageModelConfig(vocab=8), tokens=20)
    carried = LanguageModelRecipe(LanguageModelConfig(vocab=8, rows=2), tokens=8)
    assert isinstance(recipe.batches(alone, documents), Documents)
    assert isinstance(recipe.batches(carried, documents), Streams)
    assert recipe.batches(carried, documents)[0][0].shape == (2, 5)
    for config in (alone, carried):
        (log,) = train(build(config), recipe.batches(config, documents), 1)
        assert 0 < log["lm"] < 4


def test_rates_of_the_rules_count_what_is_kept_for_certain():
    poems = verse(20, seed=3, length=5)
    assert set(recipe.form_rates(poems).values()) == {1.0}
    half = recipe.form_rates([*poems, *[poem.replace("。", "，") for poem in poems]])
    assert half["punctuation"] == half["all"] == 0.5 and half["length"] == 1.0


def test_the_writer_that_comes_with_the_course_goes_on_from_a_beginning():
    net, vocabulary = load_language_model()
    torch.manual_seed(0)
    assert recipe.continued(net, vocabulary, "江楼").startswith("江楼")
    assert recipe.write(net, vocabulary, 3, seed=1) == recipe.write(net, vocabulary, 3, seed=1)
