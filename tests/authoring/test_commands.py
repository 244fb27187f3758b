"""`aigc author` as it is typed, and the chapter table of the READMEs."""

import pytest

from aigc_course.authoring.places import Course
from aigc_course.authoring.status import chapter, status, write_readme
from aigc_course.cli import main
from aigc_course.errors import CourseError
from tests.authoring.authoring_course import NAME


@pytest.fixture
def aigc(course, monkeypatch, capsys):
    """Runs the program in the tiny course: (exit status or message, what it printed)."""
    monkeypatch.setattr(Course, "here", classmethod(lambda cls: course))
    monkeypatch.chdir(course.root)

    def run(*words):
        with pytest.raises(SystemExit) as end:
            main(["author", *words])
        return end.value.code, capsys.readouterr().out

    return run


def test_check_says_what_it_checked_and_fails_on_findings(aigc, course):
    assert aigc("check") == (0, "0 finding(s) in 1 notebook(s)\n")
    course.notebook(NAME, "en").unlink()
    code, out = aigc("check", "03/01")
    assert code == 1 and f"notebooks/en/{NAME}.ipynb: is missing; `aigc author sync {NAME}`" in out
    assert aigc("sync")[0] == 0
    assert "has no translation" in aigc("check")[1]


def test_edit_and_build(aigc, course):
    code, out = aigc("edit", "03/01", "--myst")
    assert (code, out) == (0, f"Edit drafts/zh/{NAME}.md, then: aigc author build drafts/zh/{NAME}.md\n")
    before = course.notebook(NAME, "zh").read_bytes()
    assert aigc("build", f"drafts/zh/{NAME}.md")[0] == 0
    assert course.notebook(NAME, "zh").read_bytes() == before
    assert "exists" in aigc("edit", "03/01", "--myst")[0]
    assert aigc("edit", "03/01", "--myst", "--force")[0] == 0


def test_mistakes_are_sentences(aigc):
    assert "No single notebook is called '09/09'" in aigc("run", "09/09")[0]
    assert "no cell to translate with the id titel" in aigc("sync", "03/01", "--accept", "titel")[0]
    assert "does not exist" in aigc("build", f"drafts/zh/{NAME}.py")[0]


def test_status_shows_cost_and_what_is_stale(aigc, course):
    code, out = aigc("status")
    assert code == 0 and "12.3" in out and "456" in out
    source = course.notebook(NAME, "zh").read_text(encoding="utf-8")
    course.notebook(NAME, "zh").write_text(source.replace("GAN 的博弈", "新的博弈").replace("1 + 2", "2 + 1"))
    row, = status(course)
    assert (row.missing, row.stale, row.outdated) == (0, 1, True)
    assert "changed since the run" in aigc("status")[1]


def test_the_chapter_table(aigc, course):
    with pytest.raises(CourseError, match="chapters:begin"):
        write_readme(course)
    for file in ("README.md", "README.zh-CN.md"):
        (course.root / file).write_text("above\n<!-- chapters:begin -->\nold\n<!-- chapters:end -->\nbelow\n")
    for _ in range(2):
        assert aigc("status", "--readme")[0] == 0
        english = (course.root / "README.md").read_text()
        assert english.startswith("above\n<!-- chapters:begin -->\n| Chapter |")
        assert english.endswith("|\n<!-- chapters:end -->\nbelow\n") and "old" not in english
        assert f"| 3 Algorithms | [The GAN game](notebooks/en/{NAME}.ipynb) | 12 s | 456 MiB |" in english
    chinese = (course.root / "README.zh-CN.md").read_text()
    assert f"| 3 核心算法原理与操作步骤 | [GAN 的博弈](notebooks/zh/{NAME}.ipynb) | 12 s | 456 MiB |" in chinese


def test_a_chapter_that_has_no_title():
    assert chapter("12_more/01_x", "en") == "12 12_more"
