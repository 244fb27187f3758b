"""The latent map in a page: JavaScript decodes as torch does, and pointer, finger and keys lead to every point."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from nbformat.v4 import new_code_cell, new_notebook

from aigc_course.data.images import ink
from aigc_course.models.images.vae import TRAINED_MAP, encode, load_vae
from aigc_course.show.images.latent_map import LatentMap

SHOWN = """map => [...map.querySelector('canvas').getContext('2d').getImageData(0, 0, 28, 28).data]
  .filter((_, i) => i % 4 == 0)"""
DECODED = "(map, z) => [...map.decode(z)]"


@pytest.fixture(scope="module")
def net():
    return load_vae(config=TRAINED_MAP)


@pytest.fixture
def opened(net, open_tab, tmp_path):
    """Opens the map in a page of a language, with options of the tab: what is watched, and the map in it."""
    unseen = ink(100, seed=101)
    html = LatentMap(net.decoder, encode(net, unseen.images)[0], [str(y) for y in unseen.labels.tolist()]).as_html()

    def open_(lang: str = "zh-CN", **options):
        path = Path(tmp_path) / "page.html"
        path.write_text(f'<!doctype html><html lang="{lang}"><meta charset="utf-8"><body>{html}</body></html>', "utf-8")
        seen = open_tab(**options)
        seen.tab.goto(path.as_uri())
        seen.tab.wait_for_selector(".aigc-latent-map[data-on]")
        return seen, seen.tab.locator(".aigc-latent-map")

    return open_


def test_the_page_decodes_as_torch_does(net, opened):
    seen, map_ = opened()
    points = torch.cat([torch.randn(20, 2, generator=torch.Generator().manual_seed(0)),
                        torch.tensor([[0.0, 0.0], [3.0, -3.0], [-3.0, 3.0]])])
    for z in points:
        found = torch.tensor(map_.evaluate(DECODED, z.tolist()))
        assert found.std() > 0.02                                                # a picture, no flat grey
        torch.testing.assert_close(found, net.expected(z[None]).flatten(), atol=1e-4, rtol=0)
    assert (seen.external, seen.errors) == ([], [])


def said(map_) -> list[float]:
    return [float(x) for x in map_.locator("output").inner_text().replace("−", "-")[5:-1].split(", ")]


def drawn_matches(net, map_) -> bool:
    expected = net.expected(torch.tensor([said(map_)])).flatten().numpy() * 255
    return np.abs(np.array(map_.evaluate(SHOWN)) - expected).max() < 0.01 * 255


def test_the_pointer_leads_to_the_point_below_it(net, opened):
    seen, map_ = opened()
    box = map_.locator(".plane").bounding_box()
    for across, down in [(0.5, 0.5), (0.75, 0.25), (0.1, 0.9)]:
        seen.tab.mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"])
        assert said(map_) == pytest.approx([6 * across - 3, 3 - 6 * down], abs=0.02)
        assert drawn_matches(net, map_)
    cross, plane = map_.locator(".cross").bounding_box(), box
    assert (cross["x"] + cross["width"] / 2 - plane["x"]) / plane["width"] == pytest.approx(0.1, abs=0.02)


def test_arrow_keys_move_the_point_and_stop_at_the_edge(net, opened):
    seen, map_ = opened()
    map_.locator(".plane").focus()
    for keys, z in [(["ArrowRight"] * 3, [0.3, 0]), (["ArrowUp"], [0.3, 0.1]), (["Shift+ArrowDown"], [0.3, -0.4]),
                    (["Shift+ArrowLeft"] * 9, [-3, -0.4])]:
        for key in keys:
            seen.tab.keyboard.press(key)
        assert said(map_) == pytest.approx(z)
        assert drawn_matches(net, map_)


def test_a_finger_draws_as_well(net, opened):
    seen, map_ = opened(width=375, has_touch=True)
    box = map_.locator(".plane").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 375
    seen.tab.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    assert said(map_) == pytest.approx([-1.5, 1.5], abs=0.03)
    assert drawn_matches(net, map_)


@pytest.mark.parametrize("lang, word, other", [("zh-CN", "方向键", "arrow keys"), ("en", "arrow keys", "方向键")])
def test_the_map_speaks_the_language_of_its_page(opened, lang, word, other):
    _, map_ = opened(lang)
    assert map_.locator("p", has_text=word).is_visible()
    assert other not in map_.locator("p").inner_text()
    label = map_.locator(".plane").get_attribute("aria-label")
    assert "方向键" in label and "arrow keys" in label


def test_without_a_script_the_codes_are_seen_and_nothing_pretends_to_work(chromium, opened, tmp_path):
    opened()
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto((Path(tmp_path) / "page.html").as_uri())
    assert tab.locator(".codes text").count() > 90
    assert not tab.locator("canvas").is_visible() and not tab.locator(".cross").is_visible()
    context.close()

LAB_CELL = """\
import torch
from nbformat.v4 import new_code_cell, new_notebook
from torch import nn
from aigc_course.show.images.latent_map import LatentMap

_ = torch.manual_seed(0)
LatentMap(nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 16)), torch.zeros(1, 2), ["7"])"""


def test_in_jupyterlab_the_arrow_keys_move_the_point_and_not_the_cell(open_lab, tmp_path):
    nbformat.write(new_notebook(cells=[new_code_cell(LAB_CELL), new_code_cell("1")], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), tmp_path / "map.ipynb")
    lab = open_lab("zh")
    lab.open("map.ipynb")
    lab.run_all()
    map_ = lab.tab.locator(".aigc-latent-map[data-on]")
    map_.locator(".plane").focus()
    for _ in range(3):
        lab.tab.keyboard.press("ArrowDown")
    assert said(map_) == pytest.approx([0, -0.3])
    assert "方向键" in map_.inner_text() and "arrow keys" in map_.inner_text()      # Lab does not know the language
