"""Tokens to numbers and back, and documents that are held out."""

from __future__ import annotations

import pytest
import torch

from aigc_course.data.text.documents import split_documents
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK, Vocabulary
from aigc_course.errors import CourseError

TEXTS = ["床前明月光，", "疑是地上霜。", "舉頭望明月，", "低頭思故鄉。"]


def test_texts_come_back():
    vocabulary = Vocabulary.of(TEXTS)
    assert [vocabulary.decode(vocabulary.encode(text)) for text in TEXTS] == TEXTS
    assert len(vocabulary) == 4 + len(set("".join(TEXTS)))
    assert vocabulary.decode(torch.tensor(vocabulary.encode(TEXTS[0]))) == TEXTS[0]


def test_frequent_tokens_have_small_numbers():
    vocabulary = Vocabulary.of(["bbbaac"])
    assert vocabulary.tokens == ["<pad>", "<bos>", "<eos>", "<unk>", "b", "a", "c"]
    assert vocabulary.encode("abc") == [5, 4, 6]
    assert Vocabulary.of(["bbbaac"], at_least=2).encode("abc") == [5, 4, UNK]
    assert Vocabulary.of(["bbbaac"], size=5).encode("abc") == [UNK, 4, UNK]


def test_special_numbers_when_decoding():
    vocabulary = Vocabulary.of(["ab"])
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert vocabulary.decode([BOS, 4, PAD, UNK, 5, EOS, 4, 4]) == "a□b"
    with pytest.raises(CourseError, match="No token has the number 6"):
        vocabulary.decode([6])
    with pytest.raises(CourseError, match="number -1"):
        vocabulary.decode([-1])


def test_tokens_may_be_words():
    vocabulary = Vocabulary.of([["zh_CN", " ", "5"], ["fr", " ", "7"]])
    assert vocabulary.decode(vocabulary.encode(["fr", " ", "5"])) == "fr 5"
    assert vocabulary.encode("fr") == [UNK, UNK]


def test_saved_and_loaded(tmp_path):
    vocabulary = Vocabulary.of([*TEXTS, "emoji 😀", "\x00\ud800"])
    vocabulary.save(tmp_path / "deep" / "vocabulary.json")
    assert Vocabulary.load(tmp_path / "deep" / "vocabulary.json").tokens == vocabulary.tokens
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["vocabulary.json"]


@pytest.mark.parametrize("content", ["[1, 2]", "{", '["a", "b"]', '{"a": 1}'])
def test_other_files_are_refused(tmp_path, content):
    (tmp_path / "v.json").write_text(content)
    with pytest.raises(CourseError, match="vocabulary"):
        Vocabulary.load(tmp_path / "v.json")
    with pytest.raises(CourseError, match="save one"):
        Vocabulary.load(tmp_path / "missing.json")


def test_one_string_is_no_list_of_texts():
    with pytest.raises(CourseError, match="list of texts"):
        Vocabulary.of("abc")
    with pytest.raises(CourseError, match="size of 5"):
        Vocabulary.of(["abc"], size=4)


def test_documents_are_held_out_whole_and_once():
    documents = [f"document {i % 90}" for i in range(100)]
    train, valid, test = split_documents(documents, seed=3)
    assert (len(train), len(valid), len(test)) == (72, 9, 9)
    assert set(train) | set(valid) | set(test) == set(documents)
    assert not set(train) & set(test) and not set(train) & set(valid) and not set(valid) & set(test)
    assert split_documents(documents, seed=3) == [train, valid, test] != split_documents(documents, seed=4)


@pytest.mark.parametrize("shares", [(0.5, 0.4), (1.2, -0.2)])
def test_shares_that_are_no_split(shares):
    with pytest.raises(CourseError, match="sum to"):
        split_documents(["a", "b"], shares)
    with pytest.raises(CourseError, match="too few"):
        split_documents(["a", "a", "b"], (0.8, 0.1, 0.1))
