"""What the learner sees, and what is remembered."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_course.errors import CourseError
from aigc_course.exercises import ask, check, hint, predict, predicted, progress
from aigc_course.exercises.panel import to_html


@pytest.fixture(autouse=True)
def kept(monkeypatch, tmp_path):
    monkeypatch.setenv("AIGC_PROGRESS", str(tmp_path / "deep" / "progress.jsonl"))
    monkeypatch.setenv("AIGC_LANG", "en")
    ask._hints_given.clear()
    return tmp_path / "deep" / "progress.jsonl"


def test_check_speaks_the_readers_language(capsys, monkeypatch):
    check("gan-saturation", "a")
    assert "Not yet" in capsys.readouterr().out
    monkeypatch.setenv("AIGC_LANG", "zh")
    check("gan-saturation", "b")
    assert "正确" in capsys.readouterr().out


def test_unanswered_is_said_and_not_remembered(capsys, kept):
    check("gan-saturation", None)
    out = capsys.readouterr().out
    assert "Unanswered" in out and "**a**" in out and 'hint("gan-saturation")' in out
    assert not kept.exists()


def test_an_unknown_exercise_does_not_stop_the_notebook(capsys):
    for call in (check, hint, predict, predicted):
        call("no-such-exercise")
        call("../secrets")
    assert capsys.readouterr().out.count("no such exercise") == 8


def test_hints_come_one_by_one_then_the_solution(capsys):
    shown = []
    for _ in range(4):
        hint("gan-generator-loss")
        shown.append(capsys.readouterr().out)
    assert [text.count("/3**") for text in shown] == [1, 2, 3, 3]
    assert ["def generator_loss" in text for text in shown] == [False, False, False, True]


def test_a_prediction_is_shown_beside_what_happens(capsys):
    predicted("gan-modes")
    assert "No prediction yet" in capsys.readouterr().out
    predict("gan-modes", "C")
    predict("gan-modes", "a")
    capsys.readouterr()
    predicted("gan-modes")
    out = capsys.readouterr().out
    assert "Predicted: **a** All eight" in out and "What happens: **b**" in out


def test_only_a_prediction_is_looked_back_at():
    with pytest.raises(CourseError, match="gan-generator-loss asks for no prediction: see it with `check"):
        predicted("gan-generator-loss")


def test_the_best_answer_counts():
    for letter in "abc":
        check("gan-saturation", letter)
    check("gan-when-to-stop", "I would look at …")
    assert progress.best() == {"gan-saturation": "right", "gan-when-to-stop": "submitted"}
    assert progress.last("gan-when-to-stop")["answer"] == "I would look at …"


def test_a_torn_line_loses_nothing_else(kept, capsys):
    check("gan-saturation", "b")
    with open(kept, "ab") as file:
        file.write(b'{"exercise": "gan-modes", "sta')   # the power went off here
    check("gan-sigmoid-rescale", "b")
    with open(kept, "ab") as file:
        file.write(b"\xff\xfe\n[]\n{}\n")
    assert progress.best() == {"gan-saturation": "right", "gan-sigmoid-rescale": "right"}
    assert progress.events()[1] == [2, 4, 5, 6]


def test_a_killed_writer_loses_nothing_it_reported(kept):
    """SIGKILL right after `remember` returned: the event is in the file, whole."""
    code = "import os, signal\nfrom aigc_course.exercises.progress import remember\n" \
           "remember('gan-modes', 'submitted', answer='b'); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code], env=os.environ, check=False)
    assert [json.loads(line)["answer"] for line in kept.read_text().splitlines()] == ["b"]


def test_a_file_that_cannot_be_written_is_said(monkeypatch, tmp_path, capsys):
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("AIGC_PROGRESS", str(blocker / "progress.jsonl"))
    check("gan-saturation", "b")
    out = capsys.readouterr().out
    assert "Right" in out and "not saved" in out


@pytest.mark.parametrize("place", ["folder", "folder/under a file/progress.jsonl"])
def test_progress_where_no_file_can_be_is_one_clear_sentence(place, monkeypatch, tmp_path, capsys):
    """AIGC_PROGRESS names a folder, or what is needed for the file cannot be made, as in a home that is read-only."""
    from aigc_course.cli import main
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "under a file").write_text("")
    monkeypatch.setenv("AIGC_PROGRESS", str(tmp_path / place))
    with pytest.raises(CourseError, match="cannot be written to .*: let AIGC_PROGRESS name a file"):
        progress.remember("gan-modes", "submitted")
    check("gan-saturation", "b")
    predict("gan-modes", "a")
    predicted("gan-modes")
    assert capsys.readouterr().out.count("not saved") == 2
    if place == "folder":
        with pytest.raises(SystemExit, match="cannot be read from .*: let AIGC_PROGRESS name a file"):
            main(["progress"])
def test_no_file_to_read_and_no_home_are_sentences(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("AIGC_PROGRESS", str(tmp_path))
    with pytest.raises(CourseError, match="cannot be read from .*: let AIGC_PROGRESS name a file"):
        progress.best()
    monkeypatch.delenv("AIGC_PROGRESS")
    monkeypatch.setattr(progress, "user_data_path", lambda *_, **__: Path("~/.local/share/aigc-course"))
    with pytest.raises(CourseError, match="no home folder"):
        progress.best()
    check("dcgan-output-size", lambda *_: 0)
    assert "no home folder" in capsys.readouterr().out


def test_the_progress_command(capsys, kept, monkeypatch):
    from aigc_course.cli.progress import progress as command
    check("gan-saturation", "b")
    with open(kept, "ab") as file:
        file.write(b"damaged\n")
    capsys.readouterr()
    command()
    out = capsys.readouterr().out
    assert "✓ gan-saturation" in out and "○ gan-detach" in out
    assert "1 of " in out and "line 2" in out and str(kept) in out


def test_html_escapes_what_a_learner_wrote():
    assert "<script>" not in to_html("wrong", "x", "NameError: `<script>alert(1)</script>` <b>")
    assert 'lang="en"' in to_html("right", "x", "y")
