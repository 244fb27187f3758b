"""The learner's copy of the notebooks: whatever the learner and the course do, nothing of the learner's is lost."""

import json
import os

import pytest

from aigc_course.cli import lab
from aigc_course.errors import CourseError
from aigc_course.lab import workspace

NAME = "zh/03_algorithms/01_gan.ipynb"


@pytest.fixture
def places(tmp_path):
    """The course's notebooks and a working copy made from them."""
    notebooks, copy = tmp_path / "notebooks", tmp_path / "my-course"
    for lang in ("zh", "en"):
        for name in ("03_algorithms/01_gan", "03_algorithms/02_vae", "05_projects/01_handwriting_gan"):
            path = notebooks / lang / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{lang} {name} version 1", "utf-8")
    workspace.update(notebooks, copy)
    return notebooks, copy


def contents(copy):
    return {path.relative_to(copy).as_posix(): path.read_text("utf-8") for path in copy.rglob("*.ipynb")}


def test_the_first_time_everything_is_copied(tmp_path, places):
    notebooks, copy = places
    assert contents(copy) == contents(notebooks) and len(contents(copy)) == 6
    assert [path.name for path in copy.rglob(".*")] == [workspace.SHIPPED]  # no temporary file stays


def test_a_second_update_does_nothing(places):
    notebooks, copy = places
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*.ipynb")}
    done = workspace.update(notebooks, copy)
    assert (done.copied, done.replaced, done.beside, done.sentences()) == ([], [], {}, [])
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("*.ipynb")} == before


def test_an_untouched_notebook_follows_the_course(places):
    notebooks, copy = places
    (notebooks / NAME).write_text("version 2")
    done = workspace.update(notebooks, copy)
    assert done.replaced == [NAME] and (copy / NAME).read_text() == "version 2"
    assert done.sentences() == ["1 notebook brought up to date."]


def test_a_changed_notebook_is_left_alone(places):
    notebooks, copy = places
    (copy / NAME).write_text("mine")
    assert workspace.update(notebooks, copy).sentences() == []
    assert (copy / NAME).read_text() == "mine" and len(contents(copy)) == 6


def write_notebook(path, source="x = 1", outputs=(), metadata=None, cell_metadata=None):
    cell = {"cell_type": "code", "source": source, "outputs": list(outputs), "metadata": cell_metadata or {}}
    path.write_text(json.dumps({"cells": [cell], "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5}))


def test_opening_and_saving_a_notebook_is_no_change(places):
    notebooks, copy = places
    write_notebook(notebooks / NAME, "x = 1\ny = 2")
    workspace.update(notebooks, copy)
    write_notebook(copy / NAME, ["x = 1\n", "y = 2"], metadata={"language_info": {"version": "3.12.1"}})
    write_notebook(notebooks / NAME, "x = 3")
    assert workspace.update(notebooks, copy).replaced == [NAME]


@pytest.mark.parametrize(
    "change",
    [{"source": "x = 2"}, {"outputs": [{"output_type": "stream", "text": "1"}]}, {"cell_metadata": {"tags": ["mine"]}}],
)
def test_any_change_of_a_cell_is_the_learners(places, change):
    notebooks, copy = places
    write_notebook(notebooks / NAME)
    workspace.update(notebooks, copy)
    write_notebook(copy / NAME, **change)
    mine = (copy / NAME).read_text()
    write_notebook(notebooks / NAME, "x = 3")
    assert workspace.update(notebooks, copy).beside and (copy / NAME).read_text() == mine


def test_when_both_changed_the_new_one_lies_beside(places):
    notebooks, copy = places
    (copy / NAME).write_text("mine")
    (notebooks / NAME).write_text("version 2")
    done = workspace.update(notebooks, copy)
    assert (copy / NAME).read_text() == "mine"
    assert (copy / "zh/03_algorithms/01_gan.new.ipynb").read_text() == "version 2"
    (sentence,) = done.sentences()
    assert NAME in sentence and "01_gan.new.ipynb" in sentence
    assert workspace.update(notebooks, copy).sentences() == []  # told once, not at each start


def test_a_second_new_version_overwrites_no_earlier_one(places):
    notebooks, copy = places
    (copy / NAME).write_text("mine")
    for version in (2, 3):
        (notebooks / NAME).write_text(f"version {version}")
        workspace.update(notebooks, copy)
    assert (copy / "zh/03_algorithms/01_gan.new.ipynb").read_text() == "version 2"
    assert (copy / "zh/03_algorithms/01_gan.new-2.ipynb").read_text() == "version 3"


def test_both_made_the_same_change(places):
    notebooks, copy = places
    for place in places:
        (place / NAME).write_text("version 2")
    assert workspace.update(notebooks, copy).sentences() == []
    (notebooks / NAME).write_text("version 3")  # and from then on it is untouched again
    assert workspace.update(notebooks, copy).replaced == [NAME]


def test_a_new_notebook_arrives_and_a_deleted_one_returns(places):
    notebooks, copy = places
    (notebooks / "zh/04_mathematics").mkdir()
    (notebooks / "zh/04_mathematics/01_kl.ipynb").write_text("new")
    (copy / NAME).unlink()
    done = workspace.update(notebooks, copy)
    assert done.copied == [NAME, "zh/04_mathematics/01_kl.ipynb"]


def test_the_learners_own_files_and_withdrawn_notebooks_stay(places):
    notebooks, copy = places
    (copy / "zh/notes.ipynb").write_text("mine")
    (notebooks / NAME).unlink()
    workspace.update(notebooks, copy)
    assert (copy / "zh/notes.ipynb").exists() and (copy / NAME).exists()


@pytest.mark.parametrize("damage", ["", "{", "[1]", None])
def test_with_a_lost_or_damaged_record_nothing_is_overwritten(places, damage):
    notebooks, copy = places
    (copy / NAME).write_text("mine")
    (notebooks / "zh/03_algorithms/02_vae.ipynb").write_text("version 2")
    if damage is None:
        (copy / workspace.SHIPPED).unlink()
    else:
        (copy / workspace.SHIPPED).write_text(damage)
    done = workspace.update(notebooks, copy)
    assert (copy / NAME).read_text() == "mine"
    assert done.replaced == [] and set(done.beside) == {NAME, "zh/03_algorithms/02_vae.ipynb"}


def test_a_crash_before_the_record_is_written_costs_nothing(places, monkeypatch):
    notebooks, copy = places
    (notebooks / NAME).write_text("version 2")
    with monkeypatch.context() as broken:
        broken.setattr(workspace, "_write_shipped", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            workspace.update(notebooks, copy)
    assert workspace.update(notebooks, copy).sentences() == []
    assert json.loads((copy / workspace.SHIPPED).read_text())[NAME] == workspace.digest(notebooks / NAME)


def test_a_crash_while_copying_leaves_the_old_notebook_whole(places, monkeypatch):
    notebooks, copy = places
    old = (copy / NAME).read_text("utf-8")
    (notebooks / NAME).write_text("version 2")

    def half(source, target):
        target.write_text("vers")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(workspace.shutil, "copyfile", half)
    with pytest.raises(CourseError, match="No space left"):
        workspace.update(notebooks, copy)
    assert (copy / NAME).read_text("utf-8") == old


def test_reset_keeps_the_learners_version_as_a_backup(places):
    notebooks, copy = places
    original = (notebooks / NAME).read_text("utf-8")
    for text in ("mine", "mine again"):
        (copy / NAME).write_text(text)
        backup = workspace.reset(notebooks, copy, NAME)
        assert backup.read_text() == text and (copy / NAME).read_text("utf-8") == original
    assert backup.name == "01_gan.backup-2.ipynb"
    assert workspace.reset(notebooks, copy, NAME) is None  # nothing to keep


def test_after_a_reset_the_notebook_follows_the_course_again(places):
    notebooks, copy = places
    (copy / NAME).write_text("mine")
    (notebooks / NAME).write_text("version 2")
    workspace.reset(notebooks, copy, NAME)
    (notebooks / NAME).write_text("version 3")
    assert workspace.update(notebooks, copy).replaced == [NAME]


@pytest.mark.parametrize(
    "asked, found",
    [
        ("", "zh/03_algorithms/01_gan.ipynb"),
        ("03/02", "zh/03_algorithms/02_vae.ipynb"),
        ("vae", "zh/03_algorithms/02_vae.ipynb"),
        ("en/03/02", "en/03_algorithms/02_vae.ipynb"),
        ("05_projects/01_handwriting_gan.ipynb", "zh/05_projects/01_handwriting_gan.ipynb"),
        ("my-course/zh/03_algorithms/02_vae.ipynb", "zh/03_algorithms/02_vae.ipynb"),
        ("./my-course/en/03_algorithms/02_vae.ipynb", "en/03_algorithms/02_vae.ipynb"),
        ("/home/my-course/clone/my-course/zh/03_algorithms/02_vae.ipynb", "zh/03_algorithms/02_vae.ipynb"),
        ("C:\\clone\\my-course\\en\\03_algorithms\\02_vae.ipynb", "en/03_algorithms/02_vae.ipynb"),
        (".\\my-course\\zh\\03_algorithms\\02_vae.ipynb", "zh/03_algorithms/02_vae.ipynb"),
        ("../notebooks/zh/03_algorithms/02_vae.ipynb", "zh/03_algorithms/02_vae.ipynb"),
    ],
)
def test_notebooks_are_found_by_number_and_by_name(places, asked, found):
    assert workspace.find_notebook(places[0], asked, "zh") == found


@pytest.mark.parametrize("asked, why", [("gan", "Several"), ("03/09", "No notebook"), ("diffusion", "No notebook")])
def test_a_name_that_fits_none_or_several_says_what_there_is(places, asked, why):
    with pytest.raises(CourseError, match=why) as error:
        workspace.find_notebook(places[0], asked, "zh")
    assert "03_algorithms/01_gan" in str(error.value)


@pytest.mark.parametrize("nothing", ["", " ", "zh", "en/", "./", "my-course", "my-course/zh/", ".ipynb"])
def test_a_reset_restores_only_what_is_named(monkeypatch, nothing):
    monkeypatch.setattr(workspace, "reset", lambda *_: pytest.fail("a notebook was restored"))
    with pytest.raises(CourseError, match="names no notebook: name the one to restore"):
        lab.reset(nothing, "")


def test_without_a_clone_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(workspace, "__file__", str(tmp_path / "site-packages/aigc_course/lab/workspace.py"))
    with pytest.raises(CourseError, match="clone"):
        workspace.course_root(tmp_path)


def test_the_interface_speaks_the_language_and_keeps_other_settings(tmp_path):
    path = tmp_path / "share/jupyter/lab/settings/overrides.json"
    lab.set_interface(tmp_path, "zh")
    settings = json.loads(path.read_text())
    assert settings["@jupyterlab/translation-extension:plugin"] == {"locale": "zh_CN"}
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    path.write_text(json.dumps({**settings, "a teacher's": 1}))
    lab.set_interface(tmp_path, "en")
    settings = json.loads(path.read_text())
    assert settings["@jupyterlab/translation-extension:plugin"] == {"locale": "en"} and settings["a teacher's"] == 1


def test_an_environment_that_cannot_be_written_loses_only_the_language(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks/en/03_algorithms").mkdir(parents=True)
    (tmp_path / "notebooks/en/03_algorithms/01_gan.ipynb").write_text("x")
    (tmp_path / "prefix").write_text("no folder, so that nobody can write into it, not even root")
    monkeypatch.setattr(lab.sys, "prefix", str(tmp_path / "prefix"))
    monkeypatch.setattr(lab.workspace, "course_root", lambda: tmp_path)
    monkeypatch.setattr(lab.subprocess, "run", lambda *_, **__: type("Done", (), {"returncode": 0}))
    with pytest.raises(lab.typer.Exit):
        lab.lab("", 8888, "en", True)
    said = capsys.readouterr().out
    assert "JupyterLab's language stays as it is" in said and "Opening my-course/" in said


def test_the_whole_computers_python_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(lab.sys, "base_prefix", str(tmp_path))
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    lab.set_interface(tmp_path, "zh")
    assert not list(tmp_path.iterdir())


def test_the_server_is_for_this_computer_only_and_does_not_fix_the_language(tmp_path, monkeypatch, capsys):
    command = lab.server_command(tmp_path, NAME, 8888, no_browser=True)
    assert "--ServerApp.ip=127.0.0.1" in command and f"--LabApp.default_url=/lab/tree/{NAME}" in command
    assert not any("token" in word or "password" in word for word in command)
    started = []

    def start(command, **options):
        started.append(options["env"])
        return type("Done", (), {"returncode": 0})

    monkeypatch.delenv("AIGC_LANG", raising=False)
    monkeypatch.setattr(lab.subprocess, "run", start)
    monkeypatch.setattr(lab.workspace, "course_root", lambda: tmp_path)
    monkeypatch.setattr(lab, "set_interface", lambda *_: None)
    (tmp_path / "notebooks/en/03_algorithms").mkdir(parents=True)
    (tmp_path / "notebooks/en/03_algorithms/01_gan.ipynb").write_text("x")
    with pytest.raises(lab.typer.Exit):
        lab.lab("", 8888, "en", True)
    assert started == [lab.one_thread(os.environ)]

    def refused(prefix, language):
        raise PermissionError(13, "Permission denied", str(prefix / "share"))

    monkeypatch.setattr(lab, "set_interface", refused)
    with pytest.raises(lab.typer.Exit):
        lab.lab("", 8888, "en", True)
    assert len(started) == 2 and "language stays as it is" in capsys.readouterr().out, "only the language is lost"
    assert "AIGC_LANG" not in started[0]  # each notebook's own folder tells the language
