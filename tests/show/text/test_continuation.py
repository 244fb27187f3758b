"""The box continues what it is given, names what the model cannot read, and stores examples for a page."""

import pytest

from aigc_course.show.text.continuation import ContinueLine


def echo(line, temperature):
    return f"{line}，又<{temperature:g}>。\n完"


def box(write=echo):
    return ContinueLine(write, known="明月松间照，", examples=["明月", "松间"], temperatures=(0.5, 1.0))


def test_enter_and_the_button_both_continue_the_line_at_the_temperature():
    line, temperature, go, answer = box().live().children
    temperature.value = 0.5
    line.value = "松间照"                                            # what Enter does
    assert "<b>松间照</b>，又&lt;0.5&gt;。<br>完" in answer.value and 'role="status"' in answer.value
    temperature.value = 1.5
    go.click()
    assert "又&lt;1.5&gt;" in answer.value


@pytest.mark.parametrize("code, empty, sentence", [
    ("zh", "请先写几个字。", "词表里没有“&lt;清泉”，请换成别的字。"),
    ("en", "Write a few characters first.", "lacks “&lt;清泉”: please use other characters.")])
def test_what_the_model_cannot_read_is_named_and_never_reaches_it(monkeypatch, code, empty, sentence):
    monkeypatch.setenv("AIGC_LANG", code)

    def refuse(line, temperature):
        raise AssertionError("the model was asked")

    assert sentence in box(refuse).reply("明<清泉清", 1.0)
    assert empty in box(refuse).reply("  ", 1.0)


def test_an_answer_that_is_another_line_stands_below_the_given_one():
    assert box(lambda line, temperature: "清泉").reply("明月", 1.0) == '<p lang="zh"><b>明月</b><br>清泉</p>'


def test_the_stored_form_holds_every_example_and_is_the_same_in_both_languages(monkeypatch):
    stored = []
    for code in ("zh", "en"):
        monkeypatch.setenv("AIGC_LANG", code)
        shown = box()._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in shown
        stored.append(shown["text/html"])
    assert stored[0] == stored[1]
    for line in ("明月", "松间"):
        for degree in ("0.5", "1"):
            assert f"<b>{line}</b>，又&lt;{degree}&gt;。<br>完" in stored[0]
