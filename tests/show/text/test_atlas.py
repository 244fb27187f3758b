"""The atlas of attention maps: what it accepts, and what it carries. The browser tests prove what the page shows."""

import io
import re
from base64 import b64decode

import numpy as np
import pytest
import torch
from PIL import Image

from aigc_course.errors import CourseError
from aigc_course.models.attention import watch
from aigc_course.models.text.gpt import GPT, GPTConfig
from aigc_course.show.text.atlas import AttentionAtlas

ROWS = torch.tensor([[0.25, 0.75, 0.0], [0.5, 0.1, 0.4]])
MAPS = {"first": torch.stack([ROWS, ROWS.flip(1)]), "second": torch.stack([ROWS.roll(1, 1), ROWS.flip(0)])}


def test_the_page_carries_every_weight_in_order_and_no_address():
    html = AttentionAtlas(MAPS, ["明", "<s>"], ["月", "\n", "光"]).as_html()
    carried = np.frombuffer(b64decode(re.search(r'data-weights="([^"]+)"', html)[1]), np.uint8)
    expected = torch.cat([MAPS["first"].flatten(), MAPS["second"].flatten()])
    assert np.abs(carried / 255 - expected.numpy()).max() < 0.5 / 255 + 1e-6
    assert "http" not in html
    assert re.findall(r'<th scope="\w+">(.*?)</th>', html) == ["月", "⏎", "光", "明", "&lt;s&gt;"]
    assert html.count("<button") == 4


def test_the_small_pictures_are_dark_where_a_query_looks():
    html = AttentionAtlas(MAPS, ["明", "月"], ["a", "b", "c"]).as_html()
    sprite = np.asarray(Image.open(io.BytesIO(b64decode(re.search(r"base64,([^)]+)\)", html)[1]))).convert("L"))
    expected = np.block([[MAPS[name][head].numpy() for head in (0, 1)] for name in ("first", "second")])
    assert np.abs(1 - sprite / 255 - expected).max() < 0.04                          # sixteen shades


def test_it_takes_what_watching_a_net_recorded():
    torch.manual_seed(0)
    net = GPT(GPTConfig(vocab=9, context=8, width=8, layers=3, heads=2, dropout=0.0)).eval()
    with watch(net) as seen:
        net(torch.randint(9, (4, 5)))
    atlas = AttentionAtlas(seen, list("abcde"), row=2)
    assert list(atlas.layers) == list(seen)
    assert torch.equal(atlas.layers["blocks.1.attention"], seen["blocks.1.attention"][0][2])
    with watch(net) as seen:
        net(torch.randint(9, (1, 5)))
        net(torch.randint(9, (1, 5)))
    with pytest.raises(ValueError, match="used 2 times"):
        AttentionAtlas(seen, list("abcde"))


def test_what_is_no_attention_is_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        AttentionAtlas({"layer": torch.randn(1, 2, 2)}, ["a", "b"])
    with pytest.raises(ValueError, match="shape"):
        AttentionAtlas({"layer": torch.eye(3)[None]}, ["a", "b"])
    with pytest.raises(ValueError, match="as many heads"):
        AttentionAtlas({"one": torch.eye(2)[None], "two": torch.eye(2).expand(2, 2, 2)}, ["a", "b"])
    with pytest.raises(ValueError, match="one at least"):
        AttentionAtlas({}, ["a"])
    with pytest.raises(CourseError, match="fewer layers"):
        AttentionAtlas({str(i): torch.eye(64).expand(8, 64, 64) for i in range(8)}, ["字"] * 64).as_html()
