"""Every exercise against every answer that is known to be right or wrong."""

import re

import pytest

from aigc_course.authoring.findings import prose
from aigc_course.authoring.places import Course
from aigc_course.authoring.rules import HALF_WIDTH
from aigc_course.authoring.terms import is_chinese, misused, read_terms
from aigc_course.exercises.ask import solution
from aigc_course.exercises.bank import exercise, names
from aigc_course.exercises.grade import RIGHT, SUBMITTED, UNANSWERED, WRONG, alike, grade, observe
from aigc_course.exercises.kinds import Code, MultipleChoice, Open, Prediction, Text, question

ALL = {name: exercise(name) for name in names()}
CODE = {name: found for name, found in ALL.items() if isinstance(found, Code)}
CHOICES = {name: found for name, found in ALL.items() if isinstance(found, MultipleChoice)}


def each(found: dict):
    return pytest.mark.parametrize("name", sorted(found))


def spellings(letter: str) -> list[str]:
    wide = chr(ord(letter) + ord("ａ") - ord("a"))
    return [letter, letter.upper(), f" {letter} ", f"({letter})", f"{letter}.", wide, f"（{wide}）", f"'{letter}'"]


@each(CODE)
def test_right_answers_pass(name):
    found = CODE[name]
    assert len(found.others) >= 2
    for answer in (found.reference, *found.others):
        result = grade(found, answer)
        assert result.status == RIGHT, f"{answer.__name__}: {result.message}"


@each(CODE)
def test_each_mistake_gets_its_own_hint(name, monkeypatch):
    found = CODE[name]
    assert len(found.mistakes) >= 3
    for language in ("zh", "en"):
        monkeypatch.setenv("AIGC_LANG", language)
        for number, mistake in enumerate(found.mistakes):
            result = grade(found, mistake.answer)
            assert (result.status, result.mistake) == (WRONG, number), mistake.answer.__name__
            assert result.message == getattr(mistake.hint, language)
    hints = [mistake.hint for mistake in found.mistakes]
    assert len(set(hints)) == len(hints)


@each(CODE)
def test_the_blank_is_unanswered(name):
    assert grade(CODE[name], CODE[name].blank).status == UNANSWERED


@each(CODE)
def test_no_two_mistakes_look_alike(name):
    found = CODE[name]
    seen = [observe(found.probe, mistake.answer) for mistake in found.mistakes]
    seen.append(observe(found.probe, found.blank))
    for number, one in enumerate(seen):
        assert not any(alike(one, other) for other in seen[number + 1:])


NO_GRADIENT = {"dcgan-output-size", "gan-frozen-discriminator",          # integers; a step that returns nothing
               "ngram-add-k", "bpe-merge", "ngram-boundaries", "failed-seeds", "poem-next-lines",           # counting
               "translation-leak", "markov-transitions", "draw-by-counts", "gradient-leak",
               "hf-left-pad", "hf-continuations",
               "gpt-parameters", "gpt-top-p",
               "poet-header-bits", "poet-new-lines",
               "errata-honest-score", "errata-older-parents", "errata-block-parameters", "errata-descends-from",
               "errata-repeats",
               "epoch-shards",
               "scale-leak",                                                                                # data
               "curve-smoothing", "load-renamed",                                                           # tools
               "precision-clip", "precision-scale",  # what gradients go through
               "image-sharpness"}                                                            # a measure, never a loss


@each(CODE.keys() - NO_GRADIENT)
def test_gradients_are_graded(name):
    """The right value without its gradient is wrong, and the message says so."""
    detached = grade(CODE[name], lambda *inputs: CODE[name].reference(*inputs).detach())
    assert detached.status == WRONG
    assert "梯度" in detached.message


@each(CODE)
def test_the_solution_shown_is_the_reference(name):
    scope = {}
    source = re.search(r"```python\n(.*)\n```", solution(CODE[name]), re.DOTALL)[1]
    exec("import torch\nimport torch.nn.functional as F\nfrom torch import nn\n" + source, scope)
    assert grade(CODE[name], scope[CODE[name].reference.__name__]).status == RIGHT


@each(CODE)
def test_the_task_names_the_function(name):
    for language in ("zh", "en"):
        assert f"`{CODE[name].reference.__name__}(" in getattr(CODE[name].task, language)


@each(CHOICES)
def test_every_option_is_explained(name, monkeypatch):
    found = CHOICES[name]
    assert len(found.options) >= 4, "three typical mistakes and the right one"
    for language in ("zh", "en"):
        monkeypatch.setenv("AIGC_LANG", language)
        for letter, option in found.options.items():
            for spelling in spellings(letter):
                result = grade(found, spelling)
                assert result.status == (RIGHT if letter == found.right else WRONG), spelling
                assert getattr(option.why, language) in result.message
        for nonsense in ("z", "ab", 3, "我不知道"):
            assert grade(found, nonsense).status == WRONG
            assert " / ".join(found.options) in grade(found, nonsense).message
    assert len({option.why for option in found.options.values()}) == len(found.options)


@each(ALL)
def test_nothing_is_not_an_answer(name):
    for nothing in (None, ..., "", "  "):
        assert grade(ALL[name], nothing).status == UNANSWERED


@each(ALL)
def test_open_questions_have_a_rubric_and_predictions_an_outcome(name):
    match ALL[name]:
        case Open() as found:
            assert len(found.rubric) >= 3
            assert grade(found, "因为……").status == SUBMITTED
        case Prediction() as found:
            assert found.happens in found.options and len(found.options) >= 3
            assert grade(found, found.happens).status == SUBMITTED
        case found:
            assert len(found.hints) == 3


def texts(value) -> list[Text]:
    """Every Text in an exercise, however deep."""
    if isinstance(value, Text):
        return [value]
    if isinstance(value, dict):
        return texts(tuple(value.values()))
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    return texts(tuple(vars(value).values())) if hasattr(value, "__dataclass_fields__") else []


@each(ALL)
def test_both_languages_keep_house_style(name):
    terms = read_terms(Course.here().terms)
    found = texts(ALL[name])
    assert len(found) > 3
    for text in found:
        assert text.zh and text.en
        assert not is_chinese(prose(text.en)), text.en
        assert not HALF_WIDTH.search(prose(text.zh)), HALF_WIDTH.search(prose(text.zh))
        assert not [*misused(text.zh, "zh", terms), *misused(text.en, "en", terms)]
    assert question(ALL[name], "zh") != question(ALL[name], "en")
