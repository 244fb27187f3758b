"""The page of the errata, the proofs that the notebooks hold, and the links from a number to its entry."""

import ast
import json
import re
from pathlib import Path

from lessons import BookError

from aigc_course.sources.errata import Erratum, errata

NUMBER = re.compile(r"(?<![\w`\[#-])E-(?:\d{3}|C)-\d\d(?![\w`\]-])")
WORDS = {
    "zh": {
        "title": "勘误表",
        "text": "课程由五份文档出发；这里列出它们的每一处错误、正确的说法与出处。引文照抄原文，每处不超过 40 个字符。"
                "能证明的，都有 notebook 里的代码证明：假如文档说得对，那段代码就会报错。",
        "S1": "错误（事实、公式、代码、方法）", "S2": "误导、夸大或自相矛盾", "S3": "排印、结构或过时",
        "U": "无法核实，不要转述",
        "documents": "文档 {}", "C": "文档之间的矛盾",
        "place": "{section}，第 {line} 行", "other": "文档 {document} {place}",
        "quote": "“{}”", "sources": "出处：", "proof": "证明：", "lessons": "另见：",
        "unconfirmed": "我们没有找到可以核实的出处。", "no_proof": "代码无法证明：只关用词，或要用课程环境之外的软件。",
        "open": "尚无证明。", "corrected": "更正我们自己：", "comma": "、", "stop": "。", "join": "；",
        "entry": "条目", "proven": "已有证明",
    },
    "en": {
        "title": "Errata",
        "text": "The course grew out of five documents; this is every mistake in them, with what is right and its "
                "source. Quotations are exact, at most 40 characters each. Whatever can be proven is proven by code "
                "in a notebook, which fails if the document is right.",
        "S1": "wrong (a fact, a formula, code, a method)", "S2": "misleading, over-claimed or contradictory",
        "S3": "typography, structure or out of date", "U": "could not be verified: do not repeat",
        "documents": "Document {}", "C": "What the documents say against each other",
        "place": "{section}, line {line}", "other": "document {document}, {place}",
        "quote": "“{}”", "sources": "Sources: ", "proof": "Proof: ", "lessons": "See also: ",
        "unconfirmed": "We found no source that could be checked.",
        "no_proof": "No code can prove it: a matter of words, or of software outside the course's environment.",
        "open": "Not proven yet.", "corrected": "Correcting ourselves: ", "comma": ", ", "stop": ".", "join": ". ",
        "entry": "Entries", "proven": "Proven",
    },
}  # fmt: skip


def refuted(source: str) -> list[str]:
    """The numbers, written out, that a code cell refutes; a cell with magics is no Python and refutes none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return []
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "refute"]
    return [call.args[0].value for call in calls if call.args and isinstance(call.args[0], ast.Constant)]


def proofs_and_mentions(notebooks: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """For each number, the lessons whose code refutes it and those whose text names it, in the course's order.

    notebooks: the folder of one language.
    """
    proofs: dict[str, list[str]] = {}
    mentions: dict[str, list[str]] = {}
    for path in sorted(notebooks.glob("*/*.ipynb")):
        lesson = path.relative_to(notebooks).with_suffix("").as_posix()
        for cell in json.loads(path.read_text("utf-8"))["cells"]:
            source, is_code = "".join(cell["source"]), cell["cell_type"] == "code"
            for number in refuted(source) if is_code else NUMBER.findall(source):
                known = (proofs if is_code else mentions).setdefault(number, [])
                known += [lesson] if lesson not in known else []
    return proofs, mentions


def with_links(text: str, path: Path) -> str:
    """`text` with a link from each number to its entry; in Jupyter the number is just a number.

    Raises: BookError if there is no such entry.
    """
    for number in NUMBER.findall(text):
        if number not in errata():
            raise BookError(f"{path} names the erratum {number}, which is not in data/errata.toml: correct the number.")
    return NUMBER.sub(lambda found: f"[{found[0]}](#{found[0].lower()})", text)


def page(lang: str, notebooks: Path) -> str:
    """The page in MyST Markdown. notebooks: the folder that holds zh/ and en/."""
    words = WORDS[lang]
    proofs, mentions = proofs_and_mentions(notebooks / lang)
    exists = {path.relative_to(notebooks / lang).with_suffix("").as_posix() for path in (notebooks / lang).glob("*/*")}
    text = [f"# {words['title']}", words["text"], overview(lang, proofs)]
    document = ""
    for entry in errata().values():
        if entry.document != document:
            document = entry.document
            text.append("## " + (words["C"] if document == "C" else words["documents"].format(document)))
        proven = proofs.get(entry.id, [])
        named = dict.fromkeys([*entry.lessons, *mentions.get(entry.id, [])])
        also = [name for name in named if name in exists and name not in proven]
        text.append(entry_text(entry, lang, proven, also))
    return "\n\n".join(text) + "\n"


def overview(lang: str, proofs: dict[str, list[str]]) -> str:
    """What the severities mean, with how many entries have them and how many of those are proven."""
    words = WORDS[lang]
    rows = [f"| | | {words['entry']} | {words['proven']} |", "| --- | --- | ---: | ---: |"]
    for severity in ("S1", "S2", "S3", "U"):
        ids = [entry.id for entry in errata().values() if entry.severity == severity]
        rows.append(f"| {severity} | {words[severity]} | {len(ids)} | {len(proofs.keys() & set(ids))} |")
    return "\n".join(rows)


def entry_text(entry: Erratum, lang: str, proven: list[str], also: list[str]) -> str:
    words = WORDS[lang]
    quotes = []
    for quote in entry.quotes:
        place = words["place"].format(section=quote.section, line=quote.line)
        if quote.document != entry.document:
            place = words["other"].format(document=quote.document, place=place)
        quotes.append(f"> {verbatim(quote.text, words['quote'])}　*{place}*")
    said = entry.zh if lang == "zh" else entry.en
    if not entry.confirmed:
        said += ("" if lang == "zh" else " ") + words["unconfirmed"]
    below = []
    if corrected := entry.corrected_zh if lang == "zh" else entry.corrected_en:
        said += f"\n\n{words['corrected']}{corrected}"
    if proven:
        below.append(words["proof"] + words["comma"].join(map(lesson_link, proven)))
    else:
        below.append((words["open"] if entry.provable else words["no_proof"]).rstrip("。."))
    if also:
        below.append(words["lessons"] + words["comma"].join(map(lesson_link, also)))
    if entry.sources:
        below.append(words["sources"] + words["comma"].join(f"{{cite:t}}`{key}`" for key in entry.sources))
    head = f"({entry.id.lower()})=\n**{entry.id}**　{entry.severity}"
    last = words["join"].join(below) + words["stop"]
    return "\n\n".join([head, "\n>\n".join(quotes), said, f":::{{container}} erratum\n{last}\n:::"])


def verbatim(text: str, quote: str) -> str:
    """Words in quotation marks; what Markdown would change, as code."""
    return f"`` {text} ``" if re.search(r"[\\$*_`\[\]<>{}#|]", text) else quote.format(text)


def lesson_link(name: str) -> str:
    chapter, lesson = name.split("/")
    return f"[{chapter[:2]}/{lesson[:2]}](../{name}.ipynb)"
