"""What the book says after an exercise's cell: its hints and its solution, folded, from the bank of exercises.

In a notebook `check`, `hint` and `predicted` say this on demand; a page has no kernel to ask.
"""

import re

CALL = re.compile(r"^(check|predicted)\(\s*[\"']([\w-]+)[\"']", re.MULTILINE)
WORDS = {"zh": ("提示", "参考答案", "实际结果"), "en": ("Hints", "Solution", "What happens")}


def folded_after(source: str, lang: str) -> list[str]:
    """Markdown for each exercise that a code cell asks about. `lang` must be what AIGC_LANG says, too."""
    texts = []
    for function, name in CALL.findall(source):
        from aigc_course.exercises.ask import solution
        from aigc_course.exercises.bank import exercise
        from aigc_course.exercises.kinds import Prediction

        found = exercise(name)
        hints, answer, happens = WORDS[lang]
        if isinstance(found, Prediction):
            option = found.options[found.happens]
            texts.append(folded(happens, f"**{found.happens}** {option.text}\n\n{option.why}"))
        elif function == "check":
            listed = "\n".join(f"{number}. {hint}" for number, hint in enumerate(found.hints, start=1))
            texts.append(folded(hints, listed) + "\n\n" + folded(answer, solution(found)))
    return texts


def folded(summary: str, text: str) -> str:
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"
