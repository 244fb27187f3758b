"""Quatrains of the Tang: what is kept, what is left out and why; splits that share no line."""

import json
import re
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from aigc_course.data.download import DataError
from aigc_course.data.text import tang as module
from aigc_course.data.text.tang import (
    lines,
    quatrain,
    rhyme_today,
    rhymes_today,
    tang,
    tang_counts,
    tang_couplets,
    tang_split,
)
from aigc_course.errors import CourseError

GOOD = ["甲乙丙丁戊，己庚辛壬癸。", "子丑寅卯辰，巳午未申酉？"]
PLAIN = "甲乙丙丁戊，己庚辛壬癸。\n子丑寅卯辰，巳午未申酉。"


@pytest.fixture
def made_up(monkeypatch, tmp_path):
    """Serve files of our own as the collection: {file name: content}."""

    def serve(files):
        for name, content in files.items():
            (tmp_path / name).write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")

        @contextmanager
        def verified(name, file):
            yield tmp_path / file

        module._all.cache_clear()
        monkeypatch.setattr(module, "verified", verified)
        monkeypatch.setattr(module, "dataset", lambda name: SimpleNamespace(sha256=dict.fromkeys(files, "")))

    yield serve
    module._all.cache_clear()


@pytest.mark.parametrize(
    ("paragraphs", "fate"),
    [
        (GOOD, "kept"),
        (["甲乙[丙]丁戊，己庚（一作「辛」）辛壬癸。", "「子丑寅卯辰，巳午〖1〗未申酉！」"], "kept"),
        (["甲乙丙丁戊，己庚辛壬癸。"], "other form"),
        ([], "other form"),
        (["甲乙丙丁戊，己庚辛壬癸。", "子丑寅卯辰，巳午未申。"], "other form"),
        (["甲乙丙丁戊己，甲乙丙丁戊己。", "甲乙丙丁戊己，甲乙丙丁戊己。"], "other form"),
        (["甲乙丙□戊，己庚辛壬癸。", "子丑寅卯辰，巳午未申酉。"], "lost characters"),
        (["囗囗囗囗囗，己庚辛壬癸。", "子丑寅卯辰，巳午未申酉。"], "lost characters"),
        (["甲乙丙\ue829戊，己庚辛壬癸。", "子丑寅卯辰，巳午未申酉。"], "other signs"),
    ],
)
def test_notes_go_and_damaged_poems_are_left_out(paragraphs, fate):
    assert quatrain(paragraphs) == (PLAIN if fate == "kept" else "", fate)


def test_files_are_read_in_the_books_order_and_copies_once(made_up):
    second = ["東風吹綠水東西，山上無人鳥自啼。", "明日不知何處去，一江春水過前溪。"]
    made_up({
        "poet.tang.10000.json": [{"paragraphs": second}],
        "poet.tang.2000.json": [{"paragraphs": GOOD}, {"paragraphs": GOOD}, {"paragraphs": GOOD[:1]}],
        "LICENSE": "no poems",
    })  # fmt: skip
    assert [poem[:5] for poem in tang()] == ["甲乙丙丁戊", "東風吹綠水"]
    assert tang(7) == ["東風吹綠水東西，山上無人鳥自啼。\n明日不知何處去，一江春水過前溪。"]
    assert tang(7, simplified=True)[0].startswith("东风吹绿水东西，")
    assert tang_counts() == {"kept": 2, "copy": 1, "other form": 1}


def test_longer_poems_come_in_couplets_when_they_are_regular(made_up):
    six = ["甲乙丙丁戊，己庚[辛]壬癸。", "子丑寅卯辰，巳午（一作未）未申酉？", "東風吹綠水，山上有人啼。"]
    odd, lost = [*GOOD, "甲乙丙。"], ["甲乙□丁戊，己庚辛壬癸。"] * 2
    uneven = [GOOD[0], "子丑寅卯辰辰辰，巳午未申酉酉酉。"]
    made_up({"poet.tang.0.json": [{"paragraphs": text} for text in (six, GOOD, GOOD, GOOD[:1], odd, lost, uneven)]})
    couplets = PLAIN.split("\n")
    assert tang_couplets() == [[*couplets, "東風吹綠水，山上有人啼。"], couplets, couplets]
    assert tang_couplets(simplified=True)[0][2] == "东风吹绿水，山上有人啼。"


def test_a_character_rhymes_by_its_usual_reading_today():
    assert [rhyme_today(c) for c in "楼流山a"] == ["尤", "尤", "寒", None]


@pytest.mark.parametrize("content", ["[{]", '[{"title": "no text"}]', "5"])
def test_a_file_that_holds_no_poems_says_what_to_do(made_up, content):
    made_up({"poet.tang.0.json": content})
    with pytest.raises(DataError, match=r"is no list of poems: .*aigc data get chinese-poetry"):
        tang()


def test_another_length_says_what_to_do():
    with pytest.raises(CourseError, match="5 or 7"):
        tang(6)


def test_rhyme_is_judged_by_todays_readings():
    assert rhymes_today("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。")
    assert not rhymes_today("白日依山尽，黄河入海流。\n欲穷千里目，更上一层山。")
    assert rhymes_today("白日依山尽，黄河入海流。") is None and rhymes_today("a，b。\nc，d。") is None


@pytest.fixture(scope="module")
def collection():
    module._all.cache_clear()
    return tang()


@pytest.mark.real
def test_the_collection_has_its_quatrains(real_data, collection):
    assert len(collection) == len(set(collection)) == 15_257 and len(tang(5)) == 4229 and len(tang(7)) == 11_028
    counts = tang_counts()
    assert sum(counts.values()) == 57_607
    assert counts == {"kept": 15_257, "other form": 41_903, "copy": 397, "lost characters": 49, "other signs": 1}
    for poem in collection:
        assert re.fullmatch(r"([^\W\d_]{5}|[^\W\d_]{7})，.{5,7}。\n.{5,7}，.{5,7}。", poem) and len(poem) in (25, 33)


@pytest.mark.real
def test_simplified_poems_are_no_longer_traditional(real_data):
    poems = tang(simplified=True)
    assert 15_000 < len(poems) == len(set(poems)) <= 15_257
    assert not {*"東風馬長門無見來時"} & set("".join(poems)) - {"风"}


@pytest.mark.real
@pytest.mark.parametrize("simplified", [False, True])
def test_no_line_of_a_test_poem_occurs_in_training(real_data, simplified):
    poems = tang(simplified=simplified)
    parts = tang_split(poems)
    assert sorted(sum(parts, [])) == sorted(poems) and parts == tang_split(poems)
    assert [round(len(part) / len(poems), 2) for part in parts] == [0.9, 0.05, 0.05]
    train, validation, test = ({line for poem in part for line in lines(poem)} for part in parts)
    assert not train & validation and not train & test and not validation & test


@pytest.mark.real
def test_most_quatrains_still_rhyme_today(real_data, collection):
    verdicts = [rhymes_today(poem) for poem in collection[:3000]]
    assert 0.7 < sum(map(bool, verdicts)) / len(verdicts) < 0.95
