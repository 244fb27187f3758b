"""Writers of quatrains: what they are given, what they may write, and how it is marked."""

import pytest
import torch

from aigc_course.data.text.verse import RULES, rhyme, tones, verse
from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.models.text.ngram import KneserNey
from aigc_course.models.text.rnn import LanguageModel, LanguageModelConfig
from aigc_course.models.text.seq2seq import Seq2Seq, Seq2SeqConfig
from aigc_course.models.text.translator import Translator, translate
from aigc_course.projects import poems as recipe
from aigc_course.projects.poems import by_characters, by_counts, by_lines, laid_out, lines, marks, next_lines, shuffled
from aigc_course.show.text.verse import show_verse

KNOWN = recipe.corpus(60)
FIRST = [lines(poem)[0] for poem in recipe.corpus(8, seed=1)]
VOCABULARY = Vocabulary.of([*KNOWN, *FIRST])


def small_seq2seq():
    torch.manual_seed(0)
    return Translator(Seq2Seq(Seq2SeqConfig(len(VOCABULARY), len(VOCABULARY), 8, 16)), VOCABULARY, VOCABULARY)


def test_poems_are_laid_out_as_the_checker_wants_them():
    poem = verse(1, length=7)[0]
    assert laid_out(poem.replace("\n", "")) == poem and "".join(lines(KNOWN[0])) == KNOWN[0]
    assert laid_out("明月，明月。") == "明月，明月。" and laid_out("") == ""


def test_pairs_see_no_line_that_they_are_asked_for():
    poem = "甲，乙。丙，丁。"
    assert next_lines([poem], 1) == [("甲，", "乙。"), ("乙。", "丙，"), ("丙，", "丁。")]
    assert next_lines(["明月，青山。寒水，白云。"], 1, planned=True) == [
        ("i明月，", "。山青"), ("i青山。", "，水寒"), ("i寒水，", "。云白")]  # 云 is of the ninth group
    assert next_lines([poem], 3) == [("甲，", "乙。"), ("甲，乙。", "丙，"), ("甲，乙。丙，", "丁。")]


def test_every_writer_continues_what_it_is_given():
    net = LanguageModel(LanguageModelConfig(len(VOCABULARY), embed=8, width=16))
    counts = KneserNey(len(VOCABULARY)).fit([VOCABULARY.encode(poem) for poem in KNOWN], 3)
    writers = by_characters(net, VOCABULARY), by_lines(small_seq2seq(), 1), by_counts(counts, VOCABULARY)
    for write in writers:
        poems = write(FIRST[:3])
        assert len(poems) == 3
        for first, poem in zip(FIRST, poems, strict=False):
            assert poem.startswith(first) and len(poem) <= 4 * 20


def test_lines_are_written_from_the_lines_before_and_no_others(monkeypatch):
    seen = []

    def written(net, source, limit, choose, banned):
        seen.extend(VOCABULARY.decode(row) for row in source)
        return torch.tensor([VOCABULARY.encode("明月。")] * len(source))

    monkeypatch.setattr(recipe.seq2seq, "generate", written)
    for before, expected in ((1, [FIRST[0], "明月。", "明月。"]),
                             (3, [FIRST[0], FIRST[0] + "明月。", FIRST[0] + "明月。明月。"])):
        seen.clear()
        assert by_lines(small_seq2seq(), before)(FIRST[:1]) == [FIRST[0] + "明月。" * 3] and seen == expected


def test_a_planned_line_comes_from_its_end_and_knows_its_rhyme(monkeypatch):
    seen = []

    def written(net, source, limit, choose, banned):
        seen.extend(model.source.decode(row) for row in source)
        return torch.tensor([VOCABULARY.encode("。月明")] * len(source))

    monkeypatch.setattr(recipe.seq2seq, "generate", written)
    model = small_seq2seq()
    model.source = Vocabulary.of([*KNOWN, *FIRST, *recipe.MARKS.values()])
    level = next(first for first in FIRST if tones(first[-2]) == "平")
    assert by_lines(model, 1, planned=True)([level]) == [level + "明月。" * 3]
    mark = recipe.MARKS[rhyme(level[-2])]
    assert seen == [mark + level, mark + "明月。", mark + "明月。"]
    oblique = next(first for first in FIRST if tones(first[-2]) == "仄")
    assert len({recipe.planned_mark(oblique) for _ in range(200)}) == 12


def test_temperature_zero_is_the_translators_greedy_choice():
    model = small_seq2seq()
    second = [lines(poem[len(first):]) for first, poem in zip(FIRST, by_lines(model, 1, 0.0)(FIRST), strict=True)]
    assert [found[0] if found else "" for found in second] == [
        (lines(line) or [""])[0] for line in translate(model, FIRST, limit=recipe.LENGTH + 5)]


def test_marks_of_good_copied_and_shuffled_poems():
    fresh = marks(recipe.corpus(40, seed=5), KNOWN)
    copied = marks(KNOWN, KNOWN)
    mixed = marks(shuffled(KNOWN), KNOWN)
    assert all(fresh[rule] == copied[rule] == 1 for rule in (*RULES, "kept"))
    assert copied["copied"] == 3 * (recipe.LENGTH + 1) and copied["new lines"] == 0
    assert fresh["copied"] < 8 and fresh["new lines"] > 0.9
    assert mixed["kept"] == 0 and mixed["punctuation"] == 1 and mixed["tones"] < 0.1
    assert marks(["", "明月"], KNOWN)["kept"] == 0


def test_shuffling_keeps_characters_and_signs():
    for poem, mixed in zip(KNOWN, shuffled(KNOWN), strict=True):
        assert sorted(poem) == sorted(mixed) and poem != mixed
        assert [i for i, c in enumerate(poem) if c in "，。"] == [i for i, c in enumerate(mixed) if c in "，。"]


def test_a_poem_is_shown_with_its_tones_and_any_text_without_raising():
    html = show_verse(laid_out(KNOWN[0])).data
    assert html.count("○") + html.count("●") == 28 and "kept: " + ", ".join(RULES) in html and "broken" not in html
    assert "？" in show_verse("龘<b>，").data and "<b>" not in show_verse("龘<b>，").data
    assert "broken: lines, length" in show_verse("").data


@pytest.mark.slow
@pytest.mark.parametrize("name", recipe.RECIPES)
def test_the_writers_that_come_with_the_course_keep_the_form(name):
    torch.manual_seed(0)
    found = marks(recipe.load_writer(name)([lines(poem)[0] for poem in recipe.corpus(100, seed=1)]), KNOWN)
    assert min(found[rule] for rule in ("lines", "length", "punctuation", "order")) > 0.8 and found["tones"] > 0.7
    assert found["new lines"] > 0.9 and (found["rhyme"] > 0.8) == (name == recipe.PLANNED)
