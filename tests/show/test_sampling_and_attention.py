"""Sampling knobs against their definitions; the attention table says what the weights say."""

import re

import pytest
import torch

from aigc_course.errors import CourseError
from aigc_course.show.attention import AttentionViewer
from aigc_course.show.sampling import SamplingKnobs, sampling_distribution


def by_definition(logits, temperature, top_k, top_p):
    """The three rules, one token at a time."""
    weight = {i: torch.exp(torch.tensor(x / temperature, dtype=torch.float64)).item() for i, x in enumerate(logits)}
    ranked = sorted(weight, key=lambda i: -weight[i])[:top_k or None]
    total, kept, mass = sum(weight[i] for i in ranked), [], 0.0
    for i in ranked:
        kept.append(i)
        mass += weight[i] / total
        if mass >= top_p:
            break
    total = sum(weight[i] for i in kept)
    return [weight[i] / total if i in kept else 0.0 for i in range(len(logits))]


@pytest.mark.parametrize("temperature", [0.3, 1.0, 1.7])
@pytest.mark.parametrize("top_k", [0, 1, 5])
@pytest.mark.parametrize("top_p", [0.05, 0.6, 1.0])
def test_the_distribution_follows_its_definition(temperature, top_k, top_p):
    logits = torch.randn(12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    ours = sampling_distribution(logits, temperature, top_k, top_p)
    torch.testing.assert_close(ours, torch.tensor(by_definition(logits.tolist(), temperature, top_k, top_p),
                                                  dtype=torch.float64))
    batch = sampling_distribution(torch.stack([logits, -logits]), temperature, top_k, top_p)
    torch.testing.assert_close(batch[0], ours)


def test_without_truncation_it_is_softmax_and_leaves_the_logits_alone():
    logits = torch.randn(3, 7)
    copy = logits.clone()
    torch.testing.assert_close(sampling_distribution(logits, 0.5), (logits / 0.5).softmax(-1))
    sampling_distribution(logits, 0.5, top_k=2, top_p=0.5)
    assert torch.equal(logits, copy)


@pytest.mark.parametrize("wrong", [{"temperature": 0.0}, {"top_p": 0.0}, {"top_p": 1.1}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(ValueError, match="expected temperature"):
        sampling_distribution(torch.zeros(3), **wrong)


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
