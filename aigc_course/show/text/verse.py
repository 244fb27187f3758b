"""A quatrain, character by character: its tones, its rhymes, and the rules it keeps, as HTML that needs no kernel."""

from __future__ import annotations

from html import escape

from IPython.display import HTML

from aigc_course.data.text.verse import RULES, check_verse, rhyme

_STYLE = """<style>
.aigc-verse td{text-align:center;padding:.1em .35em;line-height:1.25}
.aigc-verse .level{color:#0b5fa5}.aigc-verse .oblique{color:#a8480a}.aigc-verse .unknown{color:#666}
.aigc-verse small{display:block}.aigc-verse .rhyme{border-bottom:3px double currentColor}
</style>"""
_TONES = {"平": ("level", "○"), "仄": ("oblique", "●"), "？": ("unknown", "？")}


def show_verse(text: str) -> HTML:
    """The lines of a text, each character with its tone under it, and what `check_verse` finds.

    ○ and blue: level (平); ● and brown: oblique (仄); ？: a character that the lexicon does not have. Behind a line
    stand the rhyme group of its last character and its kind, A to D. Under the lines: rules
    kept, broken, and (where there are any) not to be judged. Chinese characters only as data: it is the same in both
    languages.
    """
    report = check_verse(text)
    rows = []
    for line, pattern, kind in zip(report.verses, report.patterns, report.kinds, strict=True):
        cells = []
        for place, (character, tone) in enumerate(zip(line, pattern, strict=True)):
            name, sign = _TONES[tone]
            last = place == len(line) - 1
            cells.append(f'<td class="{name}"><span class="{"rhyme" if last and tone == "平" else ""}">'
                         f"{escape(character)}</span><small>{sign}</small></td>")
        cells.append(f"<td><small>{rhyme(line[-1]) or '?'}</small></td><td>{kind or '–'}</td>")
        rows.append(f'<tr>{"".join(cells)}</tr>')
    verdicts = {True: "kept", False: "broken", None: "unknown"}
    found = {word: [rule for rule in RULES if getattr(report, rule) is verdict] for verdict, word in verdicts.items()}
    summary = "; ".join(f"{word}: {', '.join(rules)}" for word, rules in found.items() if rules)
    return HTML(f'{_STYLE}<table class="aigc-verse" lang="zh">{"".join(rows)}</table><p>{summary}</p>')
