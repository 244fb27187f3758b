"""What `aigc author check` reports."""

import re
from typing import NamedTuple

PROTECTED = re.compile(
    r"```.*?```|~~~.*?~~~"                   # code blocks
    r"|`+[^`]*?`+"                           # code
    r"|\$\$.*?\$\$|\$[^$\n]*?\$"             # formulas
    r"|<!--.*?-->|<[^<>\n]+>"                # comments and tags
    r"|(?<=\])\([^)\s]*\)|https?://\S+",     # where links lead
    re.DOTALL)


class Finding(NamedTuple):
    """One thing that is wrong: where, what, and what to do about it."""

    file: str
    cell: str
    what: str
    remedy: str

    def __str__(self) -> str:
        cell = f", cell {self.cell}" if self.cell else ""
        return f"{self.file}{cell}: {self.what}; {self.remedy}"


def prose(source: str) -> str:
    """The words of a Markdown cell; code, formulas, tags and link targets leave a space."""
    return PROTECTED.sub(" ", source)
