"""Sampling knobs show their distribution; the attention table says what the weights say."""

import re

import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.show.text.attention import AttentionViewer
from aigc_course.show.text.sampling import SamplingKnobs


def test_the_bars_show_the_distribution_and_follow_the_sliders():
    knobs = SamplingKnobs(torch.tensor([0.0, 2.0, 1.0]), ["地", "天", "<人>"])
    bars = re.findall(r'row">(.*?)</th>.*?<td>([\d.]+)</td>', knobs.bars())
    assert bars == [("天", "0.665"), ("&lt;人&gt;", "0.245"), ("地", "0.090")]
    controls, table = knobs.live().children
    controls.children[1].value = 1
    assert re.findall(r"<td>([\d.]+)</td>", table.value) == ["1.000", "0.000", "0.000"]


def test_the_attention_table_holds_every_weight_beside_its_tokens():
    weights = torch.tensor([[[0.25, 0.75], [1.0, 0.0]], [[0.5, 0.5], [0.1, 0.9]]])
    viewer = AttentionViewer(weights, ["明", "<s>"], ["月", "光"])
    assert re.findall(r'data-w="([\d.]+)"', viewer.table(0)) == ["0.25", "0.75", "1.00", "0.00"]
    assert re.findall(r"<th[^>]*>(.*?)</th>", viewer.table(1)) == ["月", "光", "明", "&lt;s&gt;"]
    head, table = viewer.live().children
    head.value = 1
    assert 'data-w="0.90"' in table.value
    assert viewer.as_html().count("<table") == 2


def test_weights_that_are_no_attention_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        AttentionViewer(torch.randn(2, 2), ["a", "b"])
    with pytest.raises(ValueError, match="shape"):
        AttentionViewer(torch.eye(3), ["a", "b"])
    with pytest.raises(CourseError, match="fewer heads"):
        AttentionViewer(torch.eye(64).expand(8, 64, 64), ["字"] * 64).as_html()


def test_knobs_show_what_is_written_with_their_settings():
    asked = []

    def write(temperature, top_k, top_p):
        asked.append((temperature, top_k, top_p))
        return [f"<{temperature:g}>", "明"]

    knobs = SamplingKnobs(torch.tensor([0.0, 2.0, 1.0]), ["地", "天", "人"], write=write)
    controls, shown = knobs.live().children
    controls.children[0].value = 0.5
    assert asked == [(1.0, 3, 1.0), (0.5, 3, 1.0)]
    assert "<li>&lt;0.5&gt;</li><li>明</li>" in shown.value and "aigc-bars" in shown.value
    assert "<li>&lt;1&gt;</li>" in knobs.as_html() and "<li>" not in SamplingKnobs(knobs.logits, "天人地").as_html()
