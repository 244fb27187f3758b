"""The table of many cards says what the plan says, and follows the sliders."""

import re

import pytest

from aigc_course.costs.parallel import plan
from aigc_course.show.many_cards import ManyCards


def answers(table: str) -> dict[str, str]:
    return dict(re.findall(r'data-row="(\w+)".*?<td>([^<]+)</td></tr>', table))


def test_the_table_says_what_the_plan_says():
    shown, found = answers(ManyCards().table()), plan(1.5e9, 1024, 16384)
    assert shown["step"] == f"{1e3 * found.step:.1f} ms" and shown["state"] == "24.00 GB"
    assert float(shown["efficiency"].rstrip(" %")) == pytest.approx(100 * found.efficiency, abs=0.05)
    assert answers(ManyCards().as_html()) == shown


def test_the_sliders_are_followed(monkeypatch):
    monkeypatch.setenv("AIGC_LANG", "zh")
    sliders, table = ManyCards().live().children
    before = answers(table.value)
    assert sliders.children[0].description == "卡数" and "效率" in table.value and "efficiency<" not in table.value
    cards, size, _, network, stage = sliders.children
    cards.value, size.value, stage.value = 64, "7 B", 3
    after = answers(table.value)
    assert after["state"] == f"{16 * 7 / 64:.2f} GB" and after["compute"] != before["compute"]
    network.value = "10 Gb/s"
    assert float(answers(table.value)["efficiency"].rstrip(" %")) < float(after["efficiency"].rstrip(" %"))
