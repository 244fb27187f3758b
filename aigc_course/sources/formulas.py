"""The display formulas of the five source documents, each with its verdict, as data/formulas.toml lists them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from aigc_course.resources import resource

VERDICTS = {"right": {"zh": "正确", "en": "right"},
            "wrong": {"zh": "错误", "en": "wrong"},
            "incomplete": {"zh": "不完整", "en": "incomplete"}}
WORDS = {
    "zh": {"where": "文档 {}，第 {} 行", "same": "与 {} 相同。", "errata": "（见勘误 {}）", "and": "、",
           "right": "应为"},
    "en": {"where": "document {}, line {}", "same": "The same as {}. ", "errata": " (See errata {}.)", "and": ", ",
           "right": "It should be"},
}


@dataclass(frozen=True)
class Formula:
    """One entry; data/formulas.toml explains the fields."""

    id: str
    document: str
    line: int
    latex: str
    verdict: str
    lesson: str
    zh: str
    en: str
    right: str = ""
    same: str = ""
    errata: tuple[str, ...] = ()

    def card(self, language: str) -> str:
        """Formula, verdict, reason and correction, as Markdown in `language`."""
        words = WORDS[language]
        reason = getattr(self, language)
        if self.errata:
            reason += words["errata"].format(words["and"].join(self.errata))
        where = words["where"].format(self.document, self.line)
        head = f"**{self.id} · {VERDICTS[self.verdict][language]}** · {where}"
        if self.same:
            parts = [head, words["same"].format(self.same) + reason]
        else:
            parts = [head, f"$${self.latex}$$", reason]
            if self.right:
                parts += [words["right"], f"$${self.right}$$"]
        return "\n>\n".join(f"> {part}" for part in parts)


@cache
def formulas() -> Mapping[str, Formula]:
    """All formulas by id, in the order of the documents."""
    entries = tomllib.loads(resource("formulas.toml").read_text(encoding="utf-8"))["formula"]
    return MappingProxyType({entry["id"]: Formula(**entry | {"errata": tuple(entry.get("errata", ()))})
                             for entry in entries})
