"""The live poet writes what its controls say, colours by surprise, and stores examples for a page."""

import re

import pytest

from aigc_course.errors import CourseError
from aigc_course.projects.poet.model import Poem, Step
from aigc_course.projects.poet.page import LivePoet, character, settings


class Stub:
    """Writes one line and remembers what it was asked."""

    def __init__(self):
        self.asked = []

    def opening(self, first):
        if "龘" in first:
            raise CourseError("unknown")
        return first and f"{first}，"

    def write(self, n=1, first="", **settings):
        self.asked.append((n, first, settings))
        return [Poem("五绝庚：", f"{self.opening(first)}<风。\n")] * n

    def trace(self, poem):
        return [Step(c, 0.25, [("<", 0.5), ("\n", 0.125)]) for c in poem.text]


def test_every_control_writes_again_with_all_settings_and_the_button_with_another_seed():
    stub = Stub()
    controls, answer = LivePoet(stub, [{"form": "五", "rhyme": "庚", "seed": 3}]).live().children
    first, form, rhyme, temperature, top_p, again = controls.children
    expected = {"form": "五", "rhyme": "庚", "temperature": 1.0, "top_p": 1.0, "seed": 3}
    assert stub.asked == [(1, "", expected)] and 'role="status"' in answer.value
    first.value, form.value, rhyme.value, temperature.value, top_p.value = "明月", None, "唐", 0.5, 0.9
    again.click()
    assert stub.asked[-1] == (1, "明月", {"form": None, "rhyme": "唐", "temperature": 0.5, "top_p": 0.9, "seed": 4})
    assert len(stub.asked) == 7
    assert [option for _, option in form.options] == [None, "五", "七"] and len(rhyme.options) == 16


@pytest.mark.parametrize("code, sentence", [("zh", "不认识"), ("en", "does not know")])
def test_what_the_poet_cannot_read_is_one_sentence_in_the_readers_language(monkeypatch, code, sentence):
    monkeypatch.setenv("AIGC_LANG", code)
    controls, answer = LivePoet(Stub(), [{}]).live().children
    controls.children[0].value = "龘"
    assert sentence in answer.value and "class=\"step\"" not in answer.value


def test_a_character_shows_its_probability_what_was_likelier_and_its_surprise():
    shown = character(Step("<", 2**-6, [("\n", 0.5), ("天", 0.25)]), given=True)
    assert "--w:0.50" in shown and "<b>&lt;</b>" in shown and "1.56%" in shown
    assert re.findall("<span>(.*?)</span>", shown) == ["↵ 50.0%", "天 25.0%"]
    assert "--w:0.00" in character(Step("天", 1.0, [])) and "--w:1.00" in character(Step("天", 0.0, []))
    assert character(Step("\n", 0.9, [])) == "<br>"


def test_the_stored_form_is_the_same_in_both_languages_and_marks_what_was_given(monkeypatch):
    stored = []
    for code in ("zh", "en"):
        monkeypatch.setenv("AIGC_LANG", code)
        stored.append(LivePoet(Stub(), [{"first": "明", "temperature": 0.5}, {"rhyme": "庚"}]).as_html())
    assert stored[0] == stored[1] and stored[0].count('class="poem"') == 2
    assert "<b>明</b>" in stored[0] and "<b>&lt;</b>" not in stored[0]
    assert "0.5" in settings({"first": "明", "temperature": 0.5}) and "明" not in settings({"first": "明"})
