"""Verse: every poem keeps every rule, and a rule broken on purpose is noticed by that rule alone."""

import re
from collections import Counter
from functools import cache
from random import Random

import pytest
from pypinyin import Style, pinyin

from aigc_course.data.text.verse import RULES, VerseReport, check_verse, rhyme, tones, verse
from aigc_course.data.text.verse.check import distinct, parses
from aigc_course.data.text.verse.compose import TEMPLATES
from aigc_course.data.text.verse.lexicon import CLASSES, readings, words
from aigc_course.data.text.verse.prosody import FORMS, LINES, RHYMES, fits, form_name, rhyme_group
from aigc_course.errors import CourseError

LENGTHS = (5, 7)
CHOSEN = {"塞": "sai4", "长": "chang2", "还": "huan2", "卷": "juan3", "尽": "jin4", "甸": "dian4", "子": "zi3"}
"""Where pypinyin, which reads by context, differs from our one reading (and is wrong about 芳甸, jìn and 千载)."""


@cache
def poems(length: int) -> list[str]:
    return verse(300, seed=0, length=length)


@cache
def report(poem: str) -> VerseReport:
    return check_verse(poem)


def lines_of(poem: str) -> list[str]:
    return re.split("，|。\n?", poem)[:4]


def text_of(lines) -> str:
    return "{}，{}。\n{}，{}。".format(*lines)


# The lexicon, against another dictionary


def test_each_character_has_one_reading():
    seen: dict[str, set[str]] = {}
    for word in words():
        for character, syllable in zip(word.text, word.syllables, strict=True):
            seen.setdefault(character, set()).add(syllable)
    assert not {character: found for character, found in seen.items() if len(found) > 1}
    assert len({word.text for word in words()}) >= 950 and len(seen) >= 550


def test_pypinyin_reads_every_character_as_we_do():
    for word in words():
        heard = [one[0] for one in pinyin(word.text, style=Style.TONE3, neutral_tone_with_five=True)]
        for character, ours, theirs in zip(word.text, word.syllables, heard, strict=True):
            known = pinyin(character, style=Style.TONE3, heteronym=True)[0]
            assert ours in known or character in "甸子", (word.text, ours)
            assert ours == theirs or ours == CHOSEN.get(character) or (character, ours) == ("载", "zai3"), word


def test_rhyme_groups_follow_the_finals_of_pypinyin():
    """The table of the fourteen groups, by the full finals that pypinyin takes a syllable apart into."""
    table = {
        "麻": "a ia ua", "波": "o e uo", "皆": "ie ve", "开": "ai uai", "微": "ei uei", "豪": "ao iao", "尤": "ou iou",
        "寒": "an ian uan van", "文": "en in uen vn", "唐": "ang iang uang", "庚": "eng ing ong iong", "齐": "i er v",
        "支": "-i", "姑": "u",
    }  # fmt: skip
    group_of = {final: group for group, finals in table.items() for final in finals.split()}
    assert tuple(table) == RHYMES
    for character in [*readings(), *"知诗此日而翁雪月玉鱼雨女绿略军云"]:
        syllable = pinyin(character, style=Style.TONE3)[0][0]
        final = pinyin(character, style=Style.FINALS)[0][0]
        if final == "i" and pinyin(character, style=Style.INITIALS)[0][0] in ("zh", "ch", "sh", "r", "z", "c", "s"):
            final = "-i"
        if readings().get(character, syllable) == syllable:
            assert rhyme_group(syllable) == group_of[final.replace("ueng", "eng")], (character, syllable, final)


def test_parts_of_speech_say_their_length():
    assert all(len(word.text) == int(word.kind[1]) and word.kind in CLASSES for word in words())
    assert all(sum(int(part[1]) for part in template) == n for n in LENGTHS for template in TEMPLATES[n])


# The forms


@pytest.mark.parametrize("length", LENGTHS)
def test_the_forms_are_those_of_the_textbook(length):
    """Second characters: differing within a couplet, agreeing between them; level at the ends of 2 and 4."""
    for sequence in FORMS.values():
        one, two, three, four = (LINES[length][kind] for kind in sequence)
        assert one[1] != two[1] == three[1] != four[1] and "中" not in (one[1], two[1], three[1], four[1])
        assert two[-1] == four[-1] == "平" and three[-1] == "仄"
        name = form_name(sequence, length)
        assert name == f"{one[1]}起首句{'' if one[-1] == '平' else '不'}入韵"


def test_seven_is_five_with_the_other_tone_before_it():
    for kind, five in LINES[5].items():
        seven = LINES[7][kind]
        assert seven[0] == "中" and {seven[1], five[1]} == {"平", "仄"} and seven[2:] == five


@pytest.mark.parametrize("tone_pattern", ["仄平仄仄平", "中仄平平平", "中平仄仄仄"])
def test_what_the_saying_would_allow_but_the_rules_forbid(tone_pattern):
    """孤平, three level and three oblique tones at the end."""
    for tone in "平仄":
        assert not any(fits(tone_pattern.replace("中", tone), pattern) for pattern in LINES[5].values())


def test_a_famous_quatrain_is_judged_as_far_as_its_characters_are_known():
    found = check_verse("白日依山尽，黄河入海流。\n欲穷千里目，更上一层楼。")
    assert found.kinds[:2] == ("A", "B") and found.rhyme and not found.broken and not found.kept
    assert found.unknown == "欲穷更一" and found.tones is None and found.parallel is None


# The generator


@pytest.mark.parametrize("length", LENGTHS)
def test_every_poem_keeps_every_rule(length):
    for poem in poems(length):
        found = report(poem)
        assert found.kept and not found.unknown and found.form, (poem, found.broken)
        line = rf"[^，。\n]{{{length}}}"
        assert re.fullmatch(f"{line}，{line}。\n{line}，{line}。", poem)
        assert all(parses(line) for line in lines_of(poem))


@pytest.mark.parametrize("length", LENGTHS)
def test_tones_and_rhymes_hold_by_another_dictionary(length):
    """The checker is not asked: pypinyin's tones, the textbook's patterns, equal finals."""
    for poem in poems(length)[:200]:
        lines = lines_of(poem)
        syllables = [[readings()[c] if c in {*CHOSEN, "载"} else pinyin(c, style=Style.TONE3)[0][0] for c in line]
                     for line in lines]
        heard = ["".join("平" if s[-1] in "12" else "仄" for s in line) for line in syllables]
        assert any(
            all(all(w in ("中", t) for t, w in zip(tone, LINES[length][k], strict=True))
                for tone, k in zip(heard, sequence, strict=True))
            for sequence in FORMS.values()
        ), (poem, heard)
        assert rhyme_group(syllables[1][-1]) == rhyme_group(syllables[3][-1])


@pytest.mark.parametrize("length", LENGTHS)
def test_poems_follow_the_seed_and_do_not_repeat(length):
    assert len(set(poems(length))) == 300
    assert verse(20, seed=0, length=length) == poems(length)[:20]
    assert not set(verse(200, seed=1, length=length)) & set(poems(length))
    lines = [line for poem in poems(length) for line in lines_of(poem)]
    assert len(set(lines)) / len(lines) > 0.97
    forms = {form_name(sequence, length) for sequence in FORMS.values()}
    assert {report(poem).form for poem in poems(length)} == forms


@pytest.mark.parametrize("wrong", [{"length": 6}, {"n": -1}, {"n": 10**6}])
def test_bad_input_says_what_to_do(wrong):
    with pytest.raises(CourseError, match="choose|ask for"):
        verse(**{"n": 3, **wrong})


# The checker: one rule at a time. Each function breaks one rule of a good poem, without asking the checker,
# or returns None where this poem does not lend itself to it.


def swapped(lines, random, fits_in):
    """The poem with one word in place of another of its class, if `fits_in(old word, new word, line, start)`."""
    order = list(range(4))
    random.shuffle(order)
    for i in order:
        template = next(iter(parses(lines[i]) & parses(lines[3]) if i >= 2 else parses(lines[i])))
        start = 0
        for part in template:
            old = lines[i][start : start + int(part[1])]
            able = [w for w in words() if w.kind == part and w.text != old and fits_in(old, w, i, start)]
            random.shuffle(able)
            for word in able:
                new = [*lines]
                new[i] = new[i][:start] + word.text + new[i][start + len(old) :]
                yield new
            start += len(old)


def break_lines(lines, random):
    return text_of(lines).rsplit("，", 1)[0] + "。"


def break_length(lines, random):
    i = random.randrange(4)
    place = random.randrange(1, len(lines[i]) - 2)
    return text_of([line[:place] + line[place + 1 :] if j == i else line for j, line in enumerate(lines)])


def break_punctuation(lines, random):
    faults = ["{}。{}。\n{}，{}。", "{}，{}。{}，{}。", "{}，{}。\n{}，{}", "{}，{}，\n{}，{}。"]
    return random.choice(faults).format(*lines)


def break_tones(lines, random):
    """The last character but one of some line, which no pattern leaves free and no other rule looks at."""
    def other(old, word, i, start):
        end, length = start + len(old), len(lines[i])
        before, after = tones(old), word.tones
        differ = [start + k for k in range(len(old)) if before[k] != after[k]]
        return differ == [length - 2] and (end < length or rhyme(old[-1]) == word.rhyme)

    return next((text_of(new) for new in swapped(lines, random, other) if distinct(new)), None)


def break_order(lines, random):
    """The first couplet of one poem with the second of another that begins in the same way: no 粘."""
    mine = report(text_of(lines))
    for poem in poems(len(lines[0])):
        other = report(poem)
        new = [*lines[:2], *other.verses[2:]]
        if (other.kinds[2:] != mine.kinds[2:] and rhyme(other.verses[3][-1]) == rhyme(lines[3][-1]) and distinct(new)):
            return text_of(new)
    return None


def break_rhyme(lines, random):
    def other(old, word, i, start):
        return i in (1, 3) and start + len(old) == len(lines[i]) and word.tones == tones(old) and (
            word.rhyme != rhyme(old[-1]))

    return next((text_of(new) for new in swapped(lines, random, other) if distinct(new)), None)


def break_parallel(lines, random):
    mine = report(text_of(lines))
    for poem in poems(len(lines[0])):
        other = report(poem)
        new = [*lines[:3], other.verses[3]]
        same = other.kinds[3] == mine.kinds[3] and rhyme(new[3][-1]) == rhyme(lines[1][-1])
        if same and distinct(new) and not parses(new[2]) & parses(new[3]):
            return text_of(new)
    return None


def break_distinct(lines, random):
    used = Counter("".join(lines))

    def other(old, word, i, start):
        rest = used - Counter(old)
        return word.tones == tones(old) and word.rhyme == rhyme(old[-1]) and any(rest[c] for c in word.text)

    return next((text_of(new) for new in swapped(lines, random, other)), None)


BREAKERS = {rule: globals()[f"break_{rule}"] for rule in RULES}


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("rule", RULES)
def test_a_broken_rule_is_noticed_by_that_rule_alone(rule, length):
    random, tried = Random(1), 0
    for poem in poems(length)[:40]:
        broken = BREAKERS[rule](lines_of(poem), random)
        if broken:
            tried += 1
            assert check_verse(broken).broken == (rule,), broken
    assert tried >= 15


@pytest.mark.parametrize("length", LENGTHS)
def test_unknown_characters_are_reported_and_not_guessed(length):
    for i, poem in enumerate(poems(length)[:100]):
        place = [k for k, c in enumerate(poem) if c not in "，。\n"][i % (4 * length)]
        found = check_verse(poem[:place] + "龘" + poem[place + 1 :])
        assert found.unknown == "龘" and not found.broken


@pytest.mark.parametrize(
    "text",
    ["", " ", "。", "，，，，", "a", "明月", "明月\x00光", "😀" * 20, "明明明明明，" * 4, "月" * 10_000, "\n" * 50,
     "Roses are red, violets are blue.", "□□□□□，□□□□□。\n□□□□□，□□□□□。"],
)  # fmt: skip
def test_any_text_is_judged_without_raising(text):
    found = check_verse(text)
    assert not found.kept and isinstance(found.broken, tuple)


def test_garbage_of_known_characters_is_judged_without_raising():
    random = Random(0)
    alphabet = [*readings(), *"，。\n□x"]
    for _ in range(500):
        assert not check_verse("".join(random.choices(alphabet, k=random.randrange(60)))).kept
