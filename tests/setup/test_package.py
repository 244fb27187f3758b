"""The package as such: a light import, its data in a clone and in a wheel, errors of one sentence, the language."""

import subprocess
import sys
from pathlib import Path

import pytest

from aigc_course import language as language_module
from aigc_course import resources
from aigc_course.cli import GROUPS, main
from aigc_course.errors import CourseError

ROOT = Path(__file__).parents[2]
HEAVY = ["numpy", "torch", "matplotlib", "scipy", "sklearn", "IPython", "pooch"]


def python(code, *options, cwd=ROOT, **more):
    command = [sys.executable, *options, "-c", code]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, **more)


@pytest.mark.parametrize("module", ["aigc_course", "aigc_course.errors", "aigc_course.language", "aigc_course.cli"])
def test_nothing_heavy_is_imported(module):
    done = python(f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])")
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_importing_the_package_imports_nothing_but_itself():
    done = python("import sys; before = set(sys.modules); import aigc_course; print(set(sys.modules) - before)")
    assert done.stdout.strip() == "{'aigc_course'}"


def test_the_jupyter_server_starts_without_compiling_a_grammar():
    code = "import sys, aigc_course.cli.server, jupyterlab.labapp; print({'jsonschema', 'lark'} & set(sys.modules))"
    done = python(code)
    assert done.stdout.strip() == "{'jsonschema'}", done.stdout + done.stderr


def test_resources_of_the_clone():
    assert resources.resource("manifest.toml") == ROOT / "data/manifest.toml"
    with pytest.raises(CourseError, match=r"models/none\.safetensors is missing"):
        resources.resource("models/none.safetensors")


@pytest.mark.slow
def test_the_wheel_works_far_from_the_clone(tmp_path):
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path / "dist", ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    away = tmp_path / "away"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", away, wheel]
    subprocess.run(install, check=True, capture_output=True)
    code = (
        f"import sys; sys.path = [p for p in sys.path if p != {str(ROOT)!r}]; sys.path.insert(0, {str(away)!r}); "
        "import aigc_course; from aigc_course.resources import resource; "
        "print(aigc_course.__file__); print(resource('manifest.toml')); print(resource('ink/strokes.json'))"
    )
    done = python(code, "-I", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert len(lines) == 3 and all(line.startswith(str(away)) for line in lines), done.stdout + done.stderr
    shipped = {path.relative_to(ROOT / "data") for path in (ROOT / "data").rglob("*") if path.is_file()}
    packed = away / "aigc_course/_resources"
    shipped.add(Path("measured.json"))                                          # of book/, quoted by 01/01
    assert {path.relative_to(packed) for path in packed.rglob("*") if path.is_file()} == shipped


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["reset", "no-such-notebook"], "notebook"),
        (["lab", "--lang", "fr"], "'fr' is not known: use zh or en"),
        pytest.param(["data", "get", "no-such-set"], "no-such-set", marks=pytest.mark.slow),   # imports torch
    ],
)
def test_a_wrong_command_is_one_sentence_without_a_traceback(arguments, words):
    done = subprocess.run([sys.executable, "-m", "aigc_course.cli", *arguments], capture_output=True, text=True)
    assert done.returncode == 1 and words in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr.strip().splitlines()) == 1


def test_ctrl_c_is_one_sentence(monkeypatch, capsys):
    from aigc_course.cli import doctor

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(doctor, "examine", interrupted)
    with pytest.raises(SystemExit) as end:
        main(["doctor"])
    assert end.value.code == "Stopped by Ctrl-C."


def test_a_missing_extra_is_one_sentence():
    code = "import sys; sys.modules['jupytext'] = None; from aigc_course.cli import main; main(['author', 'status'])"
    done = python(code)
    assert done.returncode == 1 and "needs the package jupytext" in done.stderr and "Traceback" not in done.stderr


def test_help_lists_every_group_without_importing_it():
    code = (
        "import sys; from aigc_course.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: print([n for n in sys.modules if n.startswith('aigc_course.cli.')])"
    )
    out = python(code).stdout
    assert all(name in out for name in GROUPS)
    heavy = GROUPS.keys() - {"train"}                                # which reads no more than a table of names
    assert not any(f"aigc_course.cli.{name}" in out.splitlines()[-1] for name in heavy)


SLOW = {"data": pytest.mark.slow}                # imports torch


@pytest.mark.parametrize("group", [pytest.param(group, marks=SLOW.get(group, ())) for group in GROUPS])
def test_every_group_has_its_commands(group):
    done = subprocess.run([sys.executable, "-m", "aigc_course.cli", group, "--help"], capture_output=True, text=True)
    assert done.returncode == 0 and "Usage: aigc" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "variable, session, folder, expected",
    [
        ("en", "/x/zh/03/01.ipynb", "zh", "en"),
        ("", "/x/en/course/zh/03/01.ipynb", "en", "zh"),
        ("", "/x/my-course/en/03/01.ipynb", "zh", "en"),
        ("", "", "en", "en"),
        ("", "", "elsewhere", "zh"),
        (" EN ", "", "elsewhere", "en"),
    ],
)
def test_the_language_is_the_variable_then_the_notebooks_folder(
    tmp_path, monkeypatch, variable, session, folder, expected
):
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    monkeypatch.setenv("AIGC_LANG", variable)
    monkeypatch.setenv("JPY_SESSION_NAME", session)
    assert language_module.language() == expected


def test_an_unknown_language_is_refused(monkeypatch):
    monkeypatch.setenv("AIGC_LANG", "fr")
    with pytest.raises(CourseError, match="set it to zh or en"):
        language_module.language()
