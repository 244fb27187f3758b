"""Interactives without a kernel: what the page computes is what Python computes."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from aigc_course.data.text.vocabulary import Vocabulary
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.models.text.sampling import sampling_distribution
from aigc_course.projects.poet.model import Poet
from aigc_course.projects.poet.page import LivePoet
from aigc_course.show.many_cards import KNOBS, ManyCards
from aigc_course.show.player import Axis, frames_player
from aigc_course.show.text.attention import AttentionViewer
from aigc_course.show.text.continuation import ContinueLine
from aigc_course.show.text.sampling import SamplingKnobs


def page(folder: Path, html: str, lang: str = "zh-CN") -> str:
    path = folder / "page.html"
    path.write_text(f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><body>{html}</body></html>', "utf-8")
    return path.as_uri()


@pytest.mark.parametrize("map", [False, True])
def test_the_player_shows_the_frame_that_its_sliders_name(open_tab, tmp_path, map):
    levels = torch.arange(12) * 17 / 255
    frames = levels[:, None, None, None].expand(12, 1, 8, 8)
    axes = [Axis("类", "class", ["a", "b"]), Axis("下", "down", ["0", "1"]), Axis("右", "across", ["0", "1", "2"])]
    seen = open_tab()
    seen.tab.goto(page(tmp_path, frames_player(frames, axes, map=map)))
    seen.tab.wait_for_selector(".aigc-frames[data-on]")
    sliders = seen.tab.locator(".aigc-frames input").all()
    for index, places in enumerate(np.ndindex(2, 2, 3)):
        for slider, place in zip(sliders, places, strict=True):
            slider.fill(str(place))
        assert grey(seen.tab.locator(".view")) == pytest.approx(17 * index, abs=1)
    assert sliders[0].get_attribute("aria-valuetext") == "b"
    assert (seen.external, seen.errors) == ([], [])


def grey(locator) -> float:
    """The mean grey level of an element, without its edge, which the screen blends with what is around it."""
    pixels = np.asarray(Image.open(io.BytesIO(locator.screenshot())).convert("L"))
    return float(pixels[8:-8, 8:-8].mean())


def test_a_click_in_the_map_moves_both_sliders(open_tab, tmp_path):
    frames = torch.zeros(12, 1, 8, 8)
    axes = [Axis("下", "down", list("abc")), Axis("右", "across", list("wxyz"))]
    seen = open_tab()
    seen.tab.goto(page(tmp_path, frames_player(frames, axes, map=True)))
    seen.tab.wait_for_selector(".aigc-frames[data-on]")
    box = seen.tab.locator(".map").bounding_box()
    seen.tab.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.1)
    assert [slider.input_value() for slider in seen.tab.locator("input").all()] == ["0", "3"]
    assert seen.tab.locator("output").all_inner_texts() == ["a", "z"]


def test_without_a_script_all_frames_are_seen(chromium, tmp_path):
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(page(tmp_path, frames_player(torch.rand(6, 1, 8, 8), [Axis("步", "step", list("abcdef"))])))
    assert tab.locator("img").is_visible() and not tab.locator("input").is_visible()
    context.close()


@pytest.mark.parametrize("lang, word, other", [("zh-CN", "温度", "temperature"), ("en", "temperature", "温度")])
def test_the_page_samples_as_python_does_and_speaks_its_language(open_tab, tmp_path, lang, word, other):
    logits = torch.randn(20, generator=torch.Generator().manual_seed(0))
    tokens = [chr(0x4E00 + i) for i in range(20)]
    seen = open_tab()
    knobs = SamplingKnobs(logits, tokens, show=20, write=lambda *setting: ["春风"])
    seen.tab.goto(page(tmp_path, knobs.as_html(), lang))
    assert seen.tab.get_by_text("春风").is_visible()                   # what was written is shown to every reader
    assert seen.tab.get_by_text(word, exact=True).is_visible()
    assert not seen.tab.get_by_text(other, exact=True).is_visible()
    for setting in [(0.5, 20, 1.0), (1.0, 3, 1.0), (1.3, 20, 0.6), (0.7, 5, 0.45)]:
        for slider, value in zip(seen.tab.locator("input").all(), setting, strict=True):
            slider.fill(str(value))
        shown = [float(text) for text in seen.tab.locator(".aigc-bars td:last-child").all_inner_texts()]
        expected = sampling_distribution(logits, *setting).sort(descending=True).values
        assert shown == pytest.approx(expected.tolist(), abs=6e-4)
    assert (seen.external, seen.errors) == ([], [])


def test_hovering_or_reaching_a_row_of_attention_shows_its_weights(open_tab, tmp_path):
    weights = torch.tensor([[[0.25, 0.75], [1.0, 0.0]], [[0.5, 0.5], [0.1, 0.9]]])
    seen = open_tab()
    seen.tab.goto(page(tmp_path, AttentionViewer(weights, ["明", "月"]).as_html()))
    said = "row => [...row.querySelectorAll('td')].map(td => getComputedStyle(td, '::after').content)"
    row = seen.tab.locator(".aigc-attention:visible tr").nth(1)
    assert row.evaluate(said) == ["none", "none"]
    row.hover()
    assert row.evaluate(said) == ['"0.25"', '"0.75"']
    seen.tab.get_by_label("2").check()
    second = seen.tab.locator(".aigc-attention:visible tr").nth(2)
    second.focus()
    assert second.evaluate(said) == ['"0.10"', '"0.90"']


@pytest.mark.parametrize("lang, word", [("zh-CN", "温度 0.5"), ("en", "temperature 0.5")])
def test_stored_continuations_are_read_without_a_kernel_in_the_pages_language(open_tab, tmp_path, lang, word):
    box = ContinueLine(lambda line, degree: f"{line}，{degree}<b>", "明月", ["明月"], temperatures=(0.5, 1.0))
    seen = open_tab()
    seen.tab.goto(page(tmp_path, box.as_html(), lang))
    heads = seen.tab.locator("th").all()
    assert [head.inner_text().strip() for head in heads] == [word, word.replace("0.5", "1")]
    assert [cell.inner_text() for cell in seen.tab.locator("td").all()] == ["明月，0.5<b>", "明月，1.0<b>"]
    assert (seen.external, seen.errors) == ([], [])


@pytest.mark.parametrize("lang, word, other", [("zh-CN", "颜色越深", "The darker"), ("en", "The darker", "颜色越深")])
def test_pointing_at_a_character_of_the_poet_shows_what_was_likelier(open_tab, tmp_path, lang, word, other):
    torch.manual_seed(0)
    vocabulary = Vocabulary.of(["五七绝无：麻波皆开微豪尤寒文唐庚齐支姑明月松间照，。\n"])
    poet = Poet(GPT(GPTConfig(len(vocabulary), 64, 16, 1, 2)).eval(), vocabulary)
    seen = open_tab()
    seen.tab.goto(page(tmp_path, LivePoet(poet, [{"first": "明月松间照", "rhyme": "庚"}]).as_html(), lang))
    assert seen.tab.get_by_text(word).is_visible() and not seen.tab.get_by_text(other).is_visible()
    steps = seen.tab.locator(".step").all()
    assert "".join(step.locator("> b").inner_text() for step in steps[:6]) == "明月松间照，"
    poem = poet.write(1, "明月松间照", rhyme="庚")[0]
    for step, (_, p, likeliest) in list(zip(steps, poet.trace(poem), strict=False))[:3]:
        assert not step.locator(".why").is_visible()
        step.hover()
        lines = step.locator(".why").inner_text().split("\n")
        assert f"{p:.2%}" in lines[0] and [line.split()[-1] for line in lines[1:]] == [f"{q:.1%}" for _, q in likeliest]
    steps[4].focus()
    assert steps[4].locator(".why").is_visible()
    assert (seen.external, seen.errors) == ([], [])


@pytest.mark.parametrize("lang, word, other", [("zh-CN", "效率", "efficiency"), ("en", "efficiency", "效率")])
def test_the_page_plans_many_cards_as_python_does(open_tab, tmp_path, lang, word, other):
    cards = ManyCards()
    seen = open_tab()
    seen.tab.goto(page(tmp_path, cards.as_html(), lang))
    assert seen.tab.get_by_text(word, exact=True).is_visible()
    assert not seen.tab.get_by_text(other, exact=True).is_visible()
    assert seen.tab.get_by_text("卡数", exact=True).is_visible() == (lang != "en")
    for places in [(10, 1, 6, 2, 0), (0, 0, 0, 0, 3), (3, 2, 9, 3, 1), (13, 3, 4, 0, 2), (5, 2, 2, 1, 3)]:
        setting = {}
        for slider, (name, (*_, labels, _)), place in zip(seen.tab.locator("input").all(), KNOBS.items(), places,
                                                          strict=True):
            slider.fill(str(place))
            setting[name] = labels[place]
        shown = [float(text.split()[0]) for text in seen.tab.locator(".aigc-bars td:last-child").all_inner_texts()]
        found = cards.plan(**setting)
        expected = [1e3 * found.compute, 1e3 * found.communication, 1e3 * found.step, 100 * found.efficiency,
                    found.rate / 1e6, found.state / 1e9]
        assert shown == pytest.approx(expected, abs=0.0501)
    assert (seen.external, seen.errors) == ([], [])
