"""Byte-pair encoding equals the library `tokenizers` in training and use, and loses no character."""

from __future__ import annotations

import random
import unicodedata

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from aigc_course.data.text.bpe import ALPHABET, BPE, train_bpe, visible, words
from aigc_course.data.text.vocabulary import BOS, EOS, PAD, UNK
from aigc_course.errors import CourseError

TEXTS = ["床前明月光，疑是地上霜。\n举头望明月，低头思故乡。", "The cat sat on the mat, the cat's hat.  Isn't it 2024?",
         "low lower lowest newer newest wide", "月光月光月光 明月明月"] * 3
STRANGE = ["", " ", "\n\n  \t x", "\x00\x01\x7f\x80", "👩‍👩‍👧‍👦🏳️‍🌈😀",
           "e\u0301 é ﬁ", "'s 'S ''s's",
           "床 前\u3000明", "\r\n\r\n", "a" * 50, "1½²Ⅷ一二", "\u200b\ufeff\u2028",
           "Ġ", "<pad><bos><eos><unk>", "\U0010ffff\uffff\ue000"]
ASSIGNED = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
"""Newer versions of Unicode assign more; the two libraries need not know the same ones."""


def random_texts(many, seed=0):
    draw = random.Random(seed)
    common = [*"the cat sat 月光明床前，。\n  'st19"]
    return ["".join(draw.choice(ASSIGNED if draw.random() < 0.5 else common) for _ in range(draw.randrange(40)))
            for _ in range(many)]


@pytest.fixture(scope="module")
def bpe():
    return BPE(train_bpe(TEXTS, 120))


def test_ids_equal_the_librarys_for_any_unicode(bpe):
    library = bpe.library()
    for text in [*TEXTS, *STRANGE, *random_texts(3000)]:
        assert bpe.encode(text) == library.encode(text).ids, text


def test_every_character_comes_back(bpe):
    library = bpe.library()
    for text in [*TEXTS, *STRANGE, *random_texts(1000, seed=1)]:
        assert bpe.decode(bpe.encode(text)) == text == library.decode(bpe.encode(text))
    assert all(bpe.decode(bpe.encode(character)) == character for character in ASSIGNED[::11])


def test_ids_equal_the_librarys_on_merges_that_no_training_gives():
    """Two ways to make the same token, and merges in an order against their frequency."""
    draw = random.Random(2)
    for _ in range(60):
        known, merges = [b"a", b"b", b"c"], []
        for _ in range(12):
            pair = (draw.choice(known), draw.choice(known))
            if len(pair[0] + pair[1]) <= 6 and pair not in merges:
                merges.append(pair)
                known.append(pair[0] + pair[1])
        bpe = BPE(merges)
        library = bpe.library()
        for _ in range(30):
            text = "".join(draw.choices("abc", k=draw.randrange(1, 30)))
            assert bpe.encode(text) == library.encode(text).ids, (merges, text)


@pytest.mark.parametrize("texts", [TEXTS, ["aaaa aaa aa a", "abababab", "mississippi"], ["月光如水水如月光"]])
def test_training_learns_the_librarys_merges(texts):
    ours = train_bpe(texts, 40)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=256 + len(BPE(ours)) - 260, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False))
    theirs = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    assert [token for token, _ in theirs] == [visible(token) for token in BPE(ours).tokens[4:]]


def test_the_first_merges_by_hand():
    """low ×3, lower ×1: l-o 4 and o-w 4; the older left token (l before o) wins; then lo-w, then the space."""
    assert train_bpe(["low", "low", "low", "lower"], 3) == [(b"l", b"o"), (b"lo", b"w"), (b"e", b"r")]
    assert train_bpe(["ab"], 9) == [(b"a", b"b")] and train_bpe([], 9) == [] and train_bpe(["ab"], 0) == []


def test_words_are_gpt2s():
    assert words("Isn't it 2024?  No,  they're") == [b"Isn", b"'t", b" it", b" 2024", b"?", b" ", b" No", b",", b" ",
                                                     b" they", b"'re"]
    library = pre_tokenizers.ByteLevel(add_prefix_space=False)
    for text in [*STRANGE, *random_texts(500, seed=3)]:
        assert [visible(word) for word in words(text)] == [part for part, _ in library.pre_tokenize_str(text)]
    assert sorted(visible(bytes([byte])) for byte in ALPHABET) == sorted(pre_tokenizers.ByteLevel.alphabet())


def test_numbers_and_special_tokens(bpe):
    assert len(BPE([])) == 260 and len(bpe) == 260 + len(bpe.merges)
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3) and min(bpe.encode("".join(TEXTS))) > UNK
    assert bpe.decode([BOS, *bpe.encode("月"), PAD, EOS, *bpe.encode("x")]) == "月"
    assert bpe.decode(BPE([]).encode("月")[:1]) == "�"
    with pytest.raises(CourseError, match="No token has the number 9999"):
        bpe.decode([9999])


def test_frequent_characters_cost_fewer_tokens_than_rare_ones(bpe):
    assert len(bpe.encode("月")) == 1 and len(bpe.encode("鑫")) == 3 and len(BPE([]).encode("月")) == 3


def test_half_a_surrogate_is_refused(bpe):
    with pytest.raises(CourseError, match=r"Character 2 of the text is U\+D83D.*UTF-8"):
        bpe.encode("月光\ud83d")
    with pytest.raises(CourseError, match="surrogate"):
        train_bpe(["\udc00"], 1)


def test_impossible_merges_are_refused():
    with pytest.raises(CourseError, match="no merge before it makes"):
        BPE([(b"ab", b"c")])
    with pytest.raises(CourseError, match="list of texts"):
        train_bpe("abc", 3)
