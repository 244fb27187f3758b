"""Chinese full-text search by character pairs, in the index and in the query alike.

Sphinx indexes Chinese by words that a dictionary finds, while the page does not segment what the reader
types, so a term like 生成对抗网络 is never found. Pairs need no dictionary: 扩散模型 is indexed, and looked
up, as 扩散 + 散模 + 模型. `tests/browser/test_book.py` guards this patch of Sphinx's internals.
"""

import re

from sphinx.search.zh import SearchChinese

HAN = re.compile(r"[\u3400-\u9fff]+")
LATIN = re.compile(r"[a-zA-Z0-9_]+")

SPLIT_QUERY = r"""
var splitQuery = (query) => query.split(/[^\p{Letter}\p{Number}_]+/gu).filter(Boolean)
  .flatMap((term) => term.match(/[\u3400-\u9fff]+|[^\u3400-\u9fff]+/g))
  .flatMap((run) => (/[\u3400-\u9fff]/.test(run) && run.length > 2)
    ? [...run].slice(0, -1).map((_, i) => run.slice(i, i + 2)) : [run]);
"""


def split(self: SearchChinese, text: str) -> list[str]:
    """Index terms of `text`: every pair of neighbouring Han characters, every Latin word."""
    latin = LATIN.findall(text)
    self.latin_terms.update(latin)
    return [run[i : i + 2] for run in HAN.findall(text) for i in range(max(1, len(run) - 1))] + latin


def setup(app):
    SearchChinese.language_name = "English"  # Sphinx 9.0 asks the page for a "ChineseStemmer" that is not there
    SearchChinese.split = split
    SearchChinese.js_splitter_code = SPLIT_QUERY
    return {"parallel_read_safe": True, "parallel_write_safe": True}
