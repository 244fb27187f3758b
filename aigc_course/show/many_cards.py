"""Sliders over a training step on one to thousands of cards: where its time goes, and what a card must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from html import escape
from json import dumps

import ipywidgets

from aigc_course.costs.parallel import H200, Cluster, Link, Plan, plan
from aigc_course.language import language
from aigc_course.show.player import both, static
from aigc_course.show.widgets import WIDE_LABEL, Interactive

SIZES = {"124 M": 124e6, "1.5 B": 1.5e9, "7 B": 7e9, "70 B": 70e9}
NETWORKS = {"10 Gb/s": 1.25e9, "100 Gb/s": 12.5e9, "400 Gb/s": 50e9, "800 Gb/s": 100e9}
KNOBS = {  # name: (zh, en, labels, the place at which it stands at first)
    "cards": ("卡数", "cards", [2**k for k in range(14)], 10),
    "size": ("参数", "parameters", list(SIZES), 1),
    "tokens": ("每卡词元", "tokens per card", [2**k for k in range(8, 18)], 6),
    "network": ("机器间网络", "network", list(NETWORKS), 2),
    "stage": ("分片阶段", "stage", [0, 1, 2, 3], 0),
}
ROWS = {
    "compute": ("计算", "compute"), "communication": ("通信", "communication"), "step": ("一步", "step"),
    "efficiency": ("效率", "efficiency"), "rate": ("词元每秒", "tokens per second"),
    "state": ("每卡状态", "state per card"),
}


class ManyCards(Interactive):
    """Five sliders: cards, parameters, tokens a card reads per step, network, stage of sharding; a table answers.

    cluster: everything else that the model needs to know; the network replaces its bandwidth between machines.
    """

    def __init__(self, cluster: Cluster = H200):
        self.cluster = cluster

    def plan(self, cards: int = 1024, size: str = "1.5 B", tokens: int = 16384, network: str = "400 Gb/s",
             stage: int = 0) -> Plan:
        """The step for a setting of the sliders."""
        across = Link(self.cluster.across.alpha, 1 / NETWORKS[network])
        return plan(SIZES[size], cards, tokens, stage, replace(self.cluster, across=across))

    def live(self) -> ipywidgets.Widget:
        def said(zh: str, en: str) -> str:
            return zh if language() == "zh" else en

        sliders = {name: ipywidgets.SelectionSlider(options=labels, value=labels[start], style=WIDE_LABEL,
                                                    description=said(zh, en))
                   for name, (zh, en, labels, start) in KNOBS.items()}
        table = ipywidgets.HTML()

        def draw(_=None):
            table.value = self.table(said, **{name: slider.value for name, slider in sliders.items()})

        for slider in sliders.values():
            slider.observe(draw, "value")
        draw()
        return ipywidgets.HBox([ipywidgets.VBox(list(sliders.values())), table], layout={"flex_flow": "row wrap"})

    def table(self, label: Callable[[str, str], str] = both, **setting) -> str:
        """The step as an HTML table; the bars are shares of the step, or of the communication if that is longer.

        label: (zh, en) to the heading of a row; in both languages where a page chooses.
        """
        found = self.plan(**setting)
        longest = max(found.step, found.communication)
        shown = {
            "compute": (found.compute / longest, f"{1e3 * found.compute:.1f} ms"),
            "communication": (found.communication / longest, f"{1e3 * found.communication:.1f} ms"),
            "step": (found.step / longest, f"{1e3 * found.step:.1f} ms"),
            "efficiency": (found.efficiency, f"{100 * found.efficiency:.1f} %"),
            "rate": (0, f"{found.rate / 1e6:.2f} M"),
            "state": (0, f"{found.state / 1e9:.2f} GB"),
        }
        rows = "".join(f'<tr data-row="{name}"><th scope="row">{label(*ROWS[name])}</th>'
                       f'<td><i style="width:{100 * share:.1f}%"></i></td><td>{text}</td></tr>'
                       for name, (share, text) in shown.items())
        return f"<style>{static('sampling.css')}{static('cards.css')}</style><table class=\"aigc-bars\">{rows}</table>"

    def as_html(self) -> str:
        """The table and sliders; the page computes the same plan."""
        knobs = "".join(
            f'{both(zh, en)}<input type="range" min="0" max="{len(labels) - 1}" value="{start}" data-name="{name}" '
            f'aria-label="{zh} / {en}" data-labels="{escape(dumps(labels))}"><output>{labels[start]}</output>'
            for name, (zh, en, labels, start) in KNOBS.items())
        known = {"flops": self.cluster.flops, "perMachine": self.cluster.per_machine, "sizes": SIZES,
                 "networks": NETWORKS, "inside": vars(self.cluster.inside), "across": vars(self.cluster.across)}
        return (f'<div class="aigc-cards" data-known="{escape(dumps(known))}"><div class="knobs">{knobs}</div>'
                f"{self.table()}</div><script>{static('cards.js')}</script>")
