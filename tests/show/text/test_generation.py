"""The form shows the call that its settings make, gives the model these settings, and stores examples for a page."""

import ast
import html

import pytest

from aigc_course.show.text.generation import GenerationForm, call

GREEDY = {"max_new_tokens": 3, "do_sample": False}
SAMPLED = {"max_new_tokens": 3, "do_sample": True, "temperature": 0.7, "num_return_sequences": 2}


def form(asked=None):
    asked = [] if asked is None else asked

    def write(prompt, settings, seed):
        asked.append((prompt, settings, seed))
        return [f"{prompt}<{number}>" for number in range(settings.get("num_return_sequences", 1))]

    return GenerationForm(write, known="明月松间照，", examples=[("明月", GREEDY), ("松间", SAMPLED)], longest=9)


def arguments(code: str) -> dict:
    """The keyword arguments of the call of `generate` in a text of Python."""
    (found,) = [node for node in ast.walk(ast.parse(code))
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "generate"]
    return {word.arg: ast.literal_eval(word.value) for word in found.keywords if word.arg}


@pytest.mark.parametrize("settings", [GREEDY, SAMPLED])
def test_the_code_is_python_and_makes_the_call(settings):
    code = call("明'月", settings, 7)
    assert arguments(code) == settings and ast.literal_eval(code.split("tokenizer(")[1].split(", return")[0]) == "明'月"
    assert ("manual_seed(7)" in code) == settings["do_sample"]


def test_what_is_shown_is_what_is_run():
    asked = []
    left, right = form(asked).live().children
    prompt, length, sample, temperature, top_k, top_p, many, seed, go = left.children
    code, answer = right.children
    length.value, temperature.value, many.value, seed.value, prompt.value = 5, 0.3, 3, 8, "松间"
    assert not asked                                                 # nothing runs until it is asked for
    go.click()
    shown = arguments(html.unescape(code.value.removeprefix("<pre>").removesuffix("</pre>")))
    assert asked == [("松间", shown, 8)]
    assert shown == {"max_new_tokens": 5, "do_sample": True, "temperature": 0.3, "top_k": 0, "top_p": 1.0,
                     "num_return_sequences": 3}
    assert answer.value.count("<li>") == 3 and "松间&lt;2&gt;" in answer.value and 'role="status"' in answer.value
    assert length.max == 9
    sample.value = False
    assert all(knob.disabled for knob in (temperature, top_k, top_p, many)) and "temperature" not in code.value
    go.click()
    assert asked[-1] == ("松间", {"max_new_tokens": 5, "do_sample": False}, 8)


@pytest.mark.parametrize("code, empty, sentence", [
    ("zh", "请先写几个字。", "词表里没有“&lt;清泉”，请换成别的字。"),
    ("en", "Write a few characters first.", "lacks “&lt;清泉”: please use other characters.")])
def test_what_the_model_cannot_read_is_named_and_never_reaches_it(monkeypatch, code, empty, sentence):
    monkeypatch.setenv("AIGC_LANG", code)
    asked = []
    assert sentence in form(asked).reply("明<清泉清", GREEDY) and empty in form(asked).reply("", GREEDY)
    assert not asked


def test_the_stored_form_holds_every_example_and_is_the_same_in_both_languages(monkeypatch):
    stored = []
    for code in ("zh", "en"):
        monkeypatch.setenv("AIGC_LANG", code)
        shown = form()._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in shown
        stored.append(shown["text/html"])
    assert stored[0] == stored[1]
    assert "明月&lt;0&gt;" in stored[0] and "松间&lt;1&gt;" in stored[0] and "temperature=0.7" in stored[0]
