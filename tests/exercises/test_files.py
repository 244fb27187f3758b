"""The files of the bank: found without importing them, and refused with their name where they are malformed."""

import subprocess
import sys

import pytest

from aigc_course.errors import CourseError
from aigc_course.exercises.bank import exercise, lesson, names
from aigc_course.exercises.kinds import Text
from aigc_course.exercises.questions import read_questions
from aigc_course.exercises.sheet import Sheet

WORDS = 'zh = "为什么？"\nen = "Why?"\n'
HINTS = f"[[why.hints]]\n{WORDS}" * 3
OPTIONS = "".join(f'[why.options.{letter}]\nzh = "是{letter}"\nen = "{letter}"\nwhy.zh = "因为"\nwhy.en = "Because"\n'
                  for letter in "abc")
OPEN = f'[why]\nkind = "open"\n{WORDS}[[why.rubric]]\n{WORDS}{HINTS}'
PREDICT = f'[why]\nkind = "predict"\nhappens = "b"\n{WORDS}{OPTIONS}'
EXPLAIN = f'[why]\nkind = "explain"\nright = "c"\n{WORDS}{OPTIONS}{HINTS}'

MALFORMED = {
    "no TOML": (PREDICT.replace('"b"', '"b'), r"\[why\] is not TOML: .*line 3"),
    "another kind": (OPEN.replace("open", "opened"), "needs a `kind`, one of explain, predict, open"),
    "no entry": ("why = 3", "needs a `kind`"),
    "one language": (PREDICT.replace('en = "Why?"\n', ""), "lacks en in the entry"),
    "no words": (PREDICT.replace('"Why?"', '" "'), "has no words in the entry, en"),
    "a misspelt key": (EXPLAIN.replace("right =", "wright ="), "lacks right in the entry"),
    "a key too many": (PREDICT.replace("happens", 'right = "a"\nhappens'), "holds right in the entry"),
    "an answer that is no option": (PREDICT.replace('"b"', '"d"'), "names the option 'd'"),
    "an option without a why": (
        EXPLAIN.replace('why.zh = "因为"\nwhy.en = "Because"\n', "", 1), "lacks why in option a"),
    "a why in one language": (EXPLAIN.replace('why.en = "Because"\n', "", 1), "lacks en in the why of option a"),
    "two hints": (EXPLAIN.removesuffix(f"[[why.hints]]\n{WORDS}"), "has 2 hints"),
    "a rubric that is no list": (
        OPEN.replace("[[why.rubric]]", "[why.rubric]"), r"needs its rubric as \[\[….rubric\]\]"),
}


def test_malformed_questions_are_refused_with_file_and_entry(tmp_path):
    for number, (what, (text, message)) in enumerate(MALFORMED.items()):
        path = tmp_path / f"{number}" / "questions.toml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        with pytest.raises(CourseError, match=message) as refused:
            read_questions(path)
            pytest.fail(what)
        assert str(refused.value).startswith(f"{path}: [why]"), what
        assert "\n" not in str(refused.value)


def test_the_three_kinds_of_questions(tmp_path):
    path = tmp_path / "questions.toml"
    path.write_text("".join(text.replace("why]", f"{name}]").replace("[why.", f"[{name}.")
                            for name, text in (("one", OPEN), ("two", PREDICT), ("three", EXPLAIN))), encoding="utf-8")
    one, two, three = read_questions(path).values()
    assert list(read_questions(path)) == ["one", "two", "three"]
    assert (one.kind, two.kind, three.kind) == ("open", "predict", "explain")
    assert one.task == one.rubric[0] == one.hints[2] == Text("为什么？", "Why?")
    assert two.happens == "b" and three.right == "c" and list(three.options) == ["a", "b", "c"]
    assert three.options["a"].text == Text("是a", "a") and three.options["a"].why == Text("因为", "Because")


def test_one_exercise_imports_itself_alone():
    code = ("import sys, aigc_course.exercises\n"
            "from aigc_course.exercises.bank import exercise\n"
            "exercise('gan-modes'); assert 'torch' not in sys.modules, 'a question imports torch'\n"
            "exercise('dcgan-output-size')\n"
            "print(*(name for name in sys.modules if '.bank.0' in name and hasattr(sys.modules[name], 'EXERCISE')))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "aigc_course.exercises.bank.05_projects.01_handwriting_gan.dcgan_output_size"]


def test_names_and_lessons():
    assert lesson("gan-modes") == "03_algorithms/01_gan" == lesson("gan-detach")
    assert names() == sorted(set(names()))
    for unknown in ("no-such", "../gan", "gan_modes", "GAN-modes", "questions", "--init--", "why", ""):
        with pytest.raises(KeyError):
            exercise(unknown)


def test_a_sheet_keeps_the_order_of_the_file_and_wants_every_part():
    sheet = Sheet(zh="平方", en="Square", kind="debug", gradient=False)
    functions = []
    for part in ("blank", "reference", "probe"):
        with pytest.raises(ValueError, match=f"@sheet.{part}"):
            sheet.with_hints(*[Text("一", "One")] * 3)
        functions.append(getattr(sheet, part)(lambda x, part=part: part))
    for number in range(3):
        sheet.also(functions[number])
        assert sheet.mistake(zh=f"{number}", en=f"{number}")(functions[number]) is functions[number]
    found = sheet.with_hints(*(Text(word, word) for word in "abc"))
    assert (found.blank, found.reference, found.probe) == tuple(functions)
    assert found.others == tuple(functions) and [str(mistake.hint.en) for mistake in found.mistakes] == ["0", "1", "2"]
    assert (found.task, found.kind, found.gradient) == (Text("平方", "Square"), "debug", False)
    assert [hint.zh for hint in found.hints] == ["a", "b", "c"]
    with pytest.raises(ValueError, match="two functions"):
        sheet.blank(functions[0])
