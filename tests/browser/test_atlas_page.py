"""The atlas of attention in a page: pictures, clicks and keys lead to every weight of every layer, head and token."""

import io
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook
from PIL import Image

from aigc_course.show.text.atlas import AttentionAtlas

TOKENS = ["明", "月", "\n", "光"]
MAPS = {name: torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(seed)).mul(2).softmax(-1)
        for seed, name in enumerate(("blocks.0", "blocks.1"))}
CELLS = "atlas => [...atlas.querySelectorAll('tr:not(:first-child)')].map(row => [...row.querySelectorAll('td')].map("
SHADES = CELLS + "cell => Number(getComputedStyle(cell).getPropertyValue('--w'))))"
SAID = "row => [...row.querySelectorAll('td')].map(td => getComputedStyle(td, '::after').content)"
STRIP = "atlas => [...atlas.querySelectorAll('.token')].map(token => Number(token.style.getPropertyValue('--w')))"


@pytest.fixture
def opened(open_tab, tmp_path):
    """Opens the atlas in a page of a language: what is watched, and the atlas in it."""
    def open_(lang: str = "zh-CN", **options):
        path = Path(tmp_path) / "page.html"
        path.write_text(f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><body>'
                        f"{AttentionAtlas(MAPS, TOKENS).as_html()}</body></html>", "utf-8")
        seen = open_tab(**options)
        seen.tab.goto(path.as_uri())
        seen.tab.wait_for_selector(".aigc-atlas[data-on]")
        return seen, seen.tab.locator(".aigc-atlas")

    return open_


def test_each_small_picture_opens_its_map(opened):
    seen, atlas = opened()
    buttons = atlas.locator("button").all()
    for index, (name, head) in enumerate((name, head) for name in MAPS for head in range(3)):
        buttons[index].click()
        assert atlas.locator(".title").inner_text() == f"{name} · {head + 1}"
        assert [button.get_attribute("aria-pressed") for button in buttons].count("true") == 1
        np.testing.assert_allclose(atlas.evaluate(SHADES), MAPS[name][head], atol=0.003)
    assert (seen.external, seen.errors) == ([], [])


def test_each_small_picture_is_its_own_part_of_the_sprite(opened):
    _, atlas = opened()
    for button, weights in zip(atlas.locator("button").all(), torch.cat(list(MAPS.values())), strict=True):
        pixels = np.asarray(Image.open(io.BytesIO(button.screenshot())).convert("RGB")).astype(float)
        side = pixels.shape[0] / 4
        middle = [[pixels[int((row + 0.5) * side), int((column + 0.5) * side), 0] for column in range(4)]
                  for row in range(4)]
        np.testing.assert_allclose(1 - np.array(middle) / 255, weights, atol=0.06)   # white is 0, no red is 1


def test_clicks_and_arrow_keys_choose_the_token_that_asks(opened):
    seen, atlas = opened()
    row = atlas.locator("tr").nth(2)
    row.click()
    weights = MAPS["blocks.0"][0]
    assert atlas.locator(".asked b").inner_text() == "月"
    np.testing.assert_allclose(atlas.evaluate(STRIP), weights[1], atol=0.003)
    assert [float(text.strip('"')) for text in row.evaluate(SAID)] == pytest.approx(weights[1].tolist(), abs=0.008)
    atlas.locator("table").focus()
    for key, token in [("ArrowDown", "⏎"), ("ArrowDown", "光"), ("ArrowDown", "光"), ("ArrowUp", "⏎")]:
        seen.tab.keyboard.press(key)
        assert atlas.locator(".asked b").inner_text() == token
    np.testing.assert_allclose(atlas.evaluate(STRIP), weights[2], atol=0.003)


@pytest.mark.parametrize("lang, word, other", [("zh-CN", "点小图", "Click"), ("en", "Click", "点小图")])
def test_the_atlas_speaks_the_language_of_its_page_and_fits_a_phone(opened, lang, word, other):
    seen, atlas = opened(lang, width=375)
    said = atlas.locator(".how").inner_text()
    assert word in said and other not in said
    assert seen.tab.evaluate("document.documentElement.scrollWidth") <= 375


def test_without_a_script_all_maps_are_seen_and_nothing_pretends_to_work(chromium, opened, tmp_path):
    opened()
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((Path(tmp_path) / "page.html").as_uri())
    picture = np.asarray(Image.open(io.BytesIO(tab.locator("button").first.screenshot())).convert("L"))
    assert picture.std() > 20 and tab.locator("button").count() == 6
    assert not tab.locator("table").is_visible() and not tab.locator(".how").is_visible()
    context.close()


LAB_CELL = """\
import torch
from aigc_course.show.text.atlas import AttentionAtlas

AttentionAtlas({"blocks.0": torch.eye(3).expand(2, 3, 3)}, ["明", "月", "光"])"""


def test_in_jupyterlab_the_arrow_keys_choose_a_token_and_not_a_cell(open_lab, tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell(LAB_CELL), new_code_cell("1")], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), tmp_path / "atlas.ipynb")
    lab = open_lab("zh")
    lab.open("atlas.ipynb")
    lab.run_all()
    atlas = lab.tab.locator(".aigc-atlas[data-on]")
    atlas.locator("button").nth(1).click()
    atlas.locator("table").focus()
    lab.tab.keyboard.press("ArrowUp")
    assert atlas.locator(".asked b").inner_text() == "月"
    assert atlas.evaluate(STRIP) == [0, 1, 0]
