"""`aigc report`: what it draws and what it says of runs, finished or not."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from aigc_course.cli import main
from aigc_course.errors import CourseError
from aigc_course.runs.report import drawable, look_up, rows, running_mean, write_report
from tests.runs import small


@pytest.fixture
def runs(aigc_train, tmp_path, monkeypatch):
    """A finished run, one with other settings that was stopped, and one that writes texts."""
    aigc_train("--out", tmp_path / "first", "--log-every", 1)
    aigc_train("--out", tmp_path / "texts", "--makes", "texts", "--data", "other")
    monkeypatch.setenv("SMALL_STOPS_AT", "29")
    aigc_train("--out", tmp_path / "wide", "--net.width", 12, "--lr", 0.1)
    return tmp_path


def test_the_table_names_results_and_the_settings_that_differ(runs):
    found = {name: tuple(values) for name, *values in rows(look_up([runs / "first", runs / "wide"]))}
    assert found["family"] == ("small", "small") and found["rounds"] == ("40 of 40", "30 of 40")
    assert found["--net.width"] == ("8", "12") and found["--lr"] == ("0.01", "0.1")
    assert found["error (0 to 1)"][0] != "–" and found["error (0 to 1)"][1] == "–", "an unfinished run has no quality"
    assert float(found["rows per second"][0].replace(",", "")) > 0
    assert "--batch" not in found and "--log-every" not in found and "torch" not in found


def test_one_run_is_reported_in_its_folder_and_several_where_they_lie(runs, capsys):
    assert write_report([runs / "first"])[1] == runs / "first"
    _, where = write_report([runs / "first", runs / "texts"])
    assert where == runs
    picture = np.asarray(Image.open(runs / "report.png").convert("RGB"))
    colours = {tuple(one) for one in picture.reshape(-1, 3)}
    assert (31, 119, 180) in colours and (255, 127, 14) in colours, "a line for each run, in matplotlib's first colours"
    page = (runs / "report.md").read_text("utf-8")
    assert "(<first/samples/0000040.png>)" in page and "| data | made | other |" in page
    assert (runs / "texts/samples/0000040.txt").read_text("utf-8").rstrip() in page


@pytest.mark.parametrize(("every", "known"), [(3, "6"), (4, None)])
def test_a_learner_that_did_not_move_in_the_last_round(aigc_train, tmp_path, monkeypatch, every, known):
    """As a WGAN's generator, which moves in every third: the card and the report take what was logged last."""
    plain = small.turns
    monkeypatch.setattr(small, "turns", lambda *given: iter(() if given[2] % 3 < 2 else plain(*given)))
    assert aigc_train("--out", tmp_path / "run", "--steps", 8, "--log-every", every) == ""
    (found,) = look_up([tmp_path / "run"])
    logged = {str(line["step"]): line["small"] for line in found.log if "small" in line}
    wanted = "–" if known is None else f"{logged[known]:.5g}"
    assert f"| last `small` | {wanted} |" in (tmp_path / "run/card.md").read_text("utf-8")
    assert ("last small", wanted) in rows([found]) and "small" not in found.log[-1]
    write_report([tmp_path / "run"])
    assert aigc_train("--out", tmp_path / "run", "--resume") == ""


def test_runs_of_one_name_are_told_apart(runs, tmp_path):
    (tmp_path / "again").mkdir()
    (runs / "wide").rename(tmp_path / "again" / "first")
    assert [one.label for one in look_up([runs / "first", tmp_path / "again" / "first"])] == [
        str(runs / "first"), str(tmp_path / "again" / "first")]


def test_the_command_prints_the_table(runs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as end:
        main(["report", str(runs / "first"), str(runs / "wide"), "--out", str(runs / "there")])
    said = capsys.readouterr().out
    assert end.value.code in (0, None) and "40 of 40" in said and "--net.width" in said
    assert (runs / "there/report.png").exists() and "(<../first/samples/0000040.png>)" in (
        runs / "there/report.md").read_text("utf-8")


def test_what_is_no_run_is_named(runs, tmp_path):
    with pytest.raises(CourseError, match="nothing holds no run"):
        look_up([runs / "first", tmp_path / "nothing"])
    (runs / "first/log.jsonl").write_text("")
    with pytest.raises(CourseError, match="no line of log yet"):
        look_up([runs / "first"])
    (runs / "wide/log.jsonl").write_text("{oops}\n")
    with pytest.raises(CourseError, match="log.jsonl is damaged"):
        look_up([runs / "wide"])
    (tmp_path / "file").write_text("")
    with pytest.raises(CourseError, match="cannot be written"):
        write_report([runs / "texts"], tmp_path / "file")


def test_what_is_no_run_among_runs_is_passed_over(runs, tmp_path, capsys):
    """`aigc report runs/*` names its own report.md the second time, and whatever a system left."""
    write_report([runs / "first", runs / "wide"])
    (runs / "Thumbs.db").write_bytes(b"")
    (runs / "first/samples/Thumbs.db").write_bytes(b"")
    (runs / "first/samples/0000050 (copy).txt").write_text("not ours")
    (runs / "first/samples/.ipynb_checkpoints").mkdir()
    found, _ = write_report(sorted(runs.iterdir()))
    said = capsys.readouterr().out
    assert [one.label for one in found] == ["first", "texts", "wide"]
    assert all(f"{runs / name} is passed over" in said for name in ("report.md", "report.png", "Thumbs.db"))
    assert "(<first/samples/0000040.png>)" in (runs / "report.md").read_text("utf-8")


def test_names_of_any_kind_are_shown_as_they_are(runs, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    (runs / "first").rename(runs / "z[b]")
    (runs / "wide").rename(runs / "[bold]宽")
    with pytest.raises(SystemExit) as end:
        main(["report", str(runs / "z[b]"), str(runs / "[bold]宽"), "--out", str(runs / "there")])
    said = capsys.readouterr().out
    assert end.value.code in (0, None) and "z[b]" in said and "[bold]宽" in said


def test_a_plot_has_fonts_or_numbers_for_its_labels(monkeypatch):
    assert drawable(["first", "wide"])[0] == ["first", "wide"]
    from matplotlib.font_manager import fontManager
    monkeypatch.setattr(fontManager, "ttflist", [])
    assert drawable(["first", "宽"])[0] == ["run 1", "run 2"], "no font has Chinese"


def test_the_running_mean_does_not_lag():
    assert running_mean([float(i) for i in range(50)]) == pytest.approx(list(range(50)))
    stepped = running_mean([0.0] * 100 + [1.0] * 100)
    assert stepped[94] == 0 and 0.4 < stepped[99] < 0.5 < stepped[100] < 0.6 and stepped[105] == 1
