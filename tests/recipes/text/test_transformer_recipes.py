"""The recipes of GPT and Transformer: what they build trains, resumes bit for bit, writes, and depends on its seed."""

from __future__ import annotations

import pytest
import torch

from aigc_course.checkpoint import load, save
from aigc_course.data.text.verse import verse
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.errors import CourseError
from aigc_course.models.text.gpt import GPTConfig
from aigc_course.recipes.text import gpt, seq2seq, transformer
from aigc_course.train import train

POEMS = verse(40, seed=3, length=5)
CHARACTERS = Vocabulary.of(POEMS)
PAIRS = [("abc", "cba"), ("ba", "ab"), ("cab", "bac"), ("a", "a")] * 5
LETTERS = Vocabulary.of([text for text, _ in PAIRS])
SIZES = GPTConfig(vocab=len(CHARACTERS), context=32, width=16, layers=1, heads=2, dropout=0.1)
POET = gpt.GPTRecipe(SIZES, steps=6, tokens=300)
REVERSER = transformer.TransformerRecipe(width=16, heads=2, layers=1, context=12, steps=6, tokens=60, dropout=0.1)


def poet():
    run = gpt.build(POET)
    return run, gpt.batches(POET, [CHARACTERS.encode(poem) for poem in POEMS])


def reverser():
    return (transformer.build(REVERSER, LETTERS, LETTERS), seq2seq.batches(REVERSER, PAIRS, LETTERS, LETTERS))


@pytest.mark.parametrize("recipe", [poet, reverser])
def test_a_resumed_run_is_the_same_bit_for_bit(recipe, tmp_path):
    (run, batches), (other, _) = recipe(), recipe()
    (name,) = run.nets
    list(train(run, batches, 3))
    save(run, tmp_path / "run.pt")
    whole = [log[name].item() for log in train(run, batches, 6)]
    torch.manual_seed(99)
    load(other, tmp_path / "run.pt")
    assert [log[name].item() for log in train(other, batches, 6)] == whole
    assert all(torch.equal(one, two) for one, two in zip(run.nets[name].parameters(), other.nets[name].parameters(),
                                                         strict=True))


@pytest.mark.parametrize("recipe", [poet, reverser])
def test_the_seed_decides_everything(recipe):
    losses = []
    for _ in range(2):
        run, batches = recipe()
        losses.append([log[next(iter(run.nets))].item() for log in train(run, batches, 2)])
    assert losses[0] == losses[1] and losses[0][0] != losses[0][1]


def test_gains_and_biases_do_not_decay():
    run, _ = poet()
    decaying, others = run.learners["gpt"].opt.param_groups
    assert {p.ndim for p in decaying["params"]} == {2} and {p.ndim for p in others["params"]} == {1}
    assert decaying["weight_decay"] > 0 == others["weight_decay"]
    assert len(decaying["params"]) + len(others["params"]) == len(list(run.nets["gpt"].parameters()))


def test_writing_looks_without_changing_the_run():
    run, batches = poet()
    list(train(run, batches, 2))
    before = torch.get_rng_state()
    texts = gpt.write(run.nets["gpt"], CHARACTERS, 5, prompt=POEMS[0][:2], seed=1)
    assert torch.equal(before, torch.get_rng_state()) and len(set(texts)) > 1
    assert all(text.startswith(POEMS[0][:2]) and len(text) < 32 and "□" not in text for text in texts)
    assert texts == gpt.write(run.nets["gpt"], CHARACTERS, 5, prompt=POEMS[0][:2], seed=1)


def test_answers_are_texts_without_special_tokens():
    run, batches = reverser()
    list(train(run, batches, 2))
    texts = transformer.answers(run.nets["transformer"], LETTERS, LETTERS, ["abc", "ba"])
    assert len(texts) == 2 and all(set(text) <= set("abc") | {"□"} and len(text) <= 12 for text in texts)


def test_the_net_that_comes_with_the_course_reverses_words():
    net, letters = transformer.load_letters()
    words = [word for length in (3, 10, 20) for word, _ in seq2seq.reversals(40, length, length, seed=9)]
    written = transformer.answers(net, letters, letters, words)
    assert sum(one == word[::-1] for one, word in zip(written, words, strict=True)) >= 0.97 * len(words)
    assert not any(parameter.requires_grad for parameter in net.parameters())


def test_letters_come_back_as_saved_or_with_a_word_of_help(tmp_path):
    run, _ = reverser()
    transformer.save_transformer(run.nets["transformer"].half().float(), LETTERS, LETTERS, tmp_path / "net.safetensors")
    net, letters = transformer.load_letters(tmp_path / "net.safetensors")
    assert letters.tokens == LETTERS.tokens
    for one, other in zip(net.parameters(), run.nets["transformer"].parameters(), strict=True):
        assert torch.equal(one, other)
    (tmp_path / "net.safetensors").write_bytes(b"torn")
    with pytest.raises(CourseError, match="aigc train transformer --preset course"):
        transformer.load_letters(tmp_path / "net.safetensors")
