"""Sentence pairs with their attribution, and splits in which no sentence occurs twice."""

from contextlib import contextmanager

import pytest

from aigc_course.data.download import DataError
from aigc_course.data.registry import dataset
from aigc_course.data.splits import connected, split
from aigc_course.data.text import tatoeba as module
from aigc_course.data.text.tatoeba import Pair, parse, sentences, tatoeba
from aigc_course.errors import CourseError

MADE_UP = "Go.\t去！\tby A\nGo!\t去吧。\tby B\nRead the book.\t讀書。\tby C\n"


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    (tmp_path / "cmn.txt").write_text(MADE_UP, "utf-8")

    @contextmanager
    def verified(name, file):
        yield tmp_path / file

    monkeypatch.setattr(module, "verified", verified)


def test_pairs_keep_their_attribution(made_up):
    assert tatoeba(simplified=False)[2] == Pair("Read the book.", "讀書。", "by C")
    assert [pair.zh for pair in tatoeba()] == ["去！", "去吧。", "读书。"]


@pytest.mark.parametrize("line", ["Go.\t去！", "Go.", "Go.\t\tby A", "a\tb\tc\td"])
def test_a_line_that_is_no_pair_is_named(line):
    with pytest.raises(DataError, match="Line 2 of .* is no pair .*aigc data get tatoeba"):
        parse(f"Go.\t去！\tby A\n{line}\n")


def test_sentences_are_the_same_but_for_case_signs_and_script():
    one, other = Pair("Read the book!", "讀書。", ""), Pair("read the  book", "读书！", "")
    assert sentences(one) == sentences(other)
    assert sentences(Pair("?", "！", "")) == (("en", "?"), ("zh", "！"))  # nothing but signs: they are the sentence


def test_groups_are_connected_components():
    items = ["ab", "x", "cd", "bc", "xy", "e"]
    assert connected(items, set) == [["ab", "cd", "bc"], ["x", "xy"], ["e"]]
    assert connected([], set) == []


def test_a_chain_of_shared_keys_stays_together():
    chain = [(i, i + 1) for i in range(3000)]
    assert connected(chain, set) == [chain]
    train, _, test = split([*chain, *((-i, -i) for i in range(1, 3001))], set)
    assert (len(train), len(test)) == (5400, 300) and set(chain) <= set(train)  # too long for the test part


@pytest.mark.parametrize("shares", [(0.5, 0.4), (1.2, -0.2)])
def test_shares_must_sum_to_one(shares):
    with pytest.raises(CourseError, match="sum to 1"):
        split([1, 2], lambda item: [item], shares)


def made_up_pairs():
    """400 pairs, each English sentence with two translations, each second translation shared with the next sentence."""
    return [Pair(f"Sentence {i}.", f"第{i + j * (i % 2)}句。", "") for i in range(200) for j in (0, 1)]


def leaks(parts):
    sides = [{sentence for pair in part for sentence in sentences(pair)} for part in parts]
    return [len(a & b) for i, a in enumerate(sides) for b in sides[:i]]


@pytest.mark.parametrize("seed", range(3))
def test_no_sentence_is_in_two_parts(seed):
    parts = module.split(made_up_pairs(), seed)
    assert sum(map(len, parts)) == 400 and leaks(parts) == [0, 0, 0] and all(parts)
    assert parts != module.split(made_up_pairs(), seed + 1)


@pytest.mark.real
def test_the_collection_is_complete_and_splits_without_leaks(real_data):
    pairs = tatoeba()
    assert len(pairs) == 26_388 and all("tatoeba.org" in pair.attribution for pair in pairs)
    assert "CC BY" in dataset("tatoeba").licence
    assert not {*"們個說這來時"} & set("".join(pair.zh for pair in pairs))
    parts = module.split(pairs)
    assert [len(part) for part in parts] == [23_750, 1319, 1319] and leaks(parts) == [0, 0, 0]
    raw = [{text for pair in part for text in pair[:2]} for part in parts]
    assert not raw[0] & raw[2] and not raw[0] & raw[1]
