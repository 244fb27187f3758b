import pytest
from typer.testing import CliRunner

from aigc_course.cli.data import app
from aigc_course.data import download
from aigc_course.errors import CourseError

CONTENT = b"only a few bytes, and not those of Tatoeba"


@pytest.fixture
def stick(monkeypatch, tmp_path):
    """A mirror whose only file is a damaged one, and an empty cache."""
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path))
    monkeypatch.setattr(download, "cache_folder", lambda: tmp_path / "cache")
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "tatoeba" / "cmn.txt").write_bytes(CONTENT)
    return tmp_path


def test_list_shows_what_is_known_and_what_is_here(stick):
    shown = CliRunner().invoke(app, ["list"])
    assert shown.exit_code == 0
    for text in ("mnist", "手写数字", "CC BY-SA 4.0", "0 of 3000", "1 of 1", str(stick)):
        assert text in shown.output


def test_verify_counts_and_fails_on_damage(stick):
    shown = CliRunner().invoke(app, ["verify"])
    assert "mnist: 0 ok, 0 damaged, 4 not here" in shown.output
    assert "tatoeba: 0 ok, 1 damaged, 0 not here" in shown.output
    assert isinstance(shown.exception, CourseError) and "Damaged files: 1," in str(shown.exception)

    assert CliRunner().invoke(app, ["verify", "mnist"]).exit_code == 0  # absent is not damaged


def test_get_shows_the_terms_and_refuses_a_damaged_mirror(stick):
    shown = CliRunner().invoke(app, ["get", "tatoeba"])
    assert "Licence: CC BY 2.0 FR" in shown.output and "Cite: Tatoeba contributors" in shown.output
    assert isinstance(shown.exception, CourseError) and "is damaged" in str(shown.exception)


@pytest.mark.real
def test_get_is_content_with_a_whole_mirror(real_data):
    shown = CliRunner().invoke(app, ["get", "tatoeba"])
    assert shown.exit_code == 0 and "tatoeba is complete" in shown.output


def test_an_unknown_name_is_answered_with_the_known_ones():
    told = CliRunner().invoke(app, ["get", "cifar"]).exception
    assert isinstance(told, CourseError) and "choose from mnist, chinese-poetry, tatoeba, fsdd" in str(told)


def test_without_a_home_the_mirror_still_serves(monkeypatch, tmp_path):
    monkeypatch.setattr(download.pooch, "os_cache", lambda name: "~/.cache/aigc-course")
    monkeypatch.setenv("AIGC_DATA_MIRROR", str(tmp_path))
    (tmp_path / "tatoeba").mkdir()
    (tmp_path / "tatoeba/cmn.txt").write_bytes(CONTENT)
    assert download.locate("tatoeba", "cmn.txt") == tmp_path / "tatoeba/cmn.txt"
    with pytest.raises(CourseError, match="no home folder to keep downloads in"):
        download.locate("mnist", "train-labels-idx1-ubyte.gz")
