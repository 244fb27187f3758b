"""tools/setup_env.py with a fake uv and pip: what is installed when, and what is said when something cannot be had."""

import ast
import importlib.util
import json
import os
import stat
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tools/setup_env.py"
spec = importlib.util.spec_from_file_location("setup_env", SCRIPT)
setup_env = importlib.util.module_from_spec(spec)
spec.loader.exec_module(setup_env)

COMMANDS = ["help", "lab", "doctor", "test", "unit", "soak", "mutants", "bench", "book", "pdf", "constraints", "clean"]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")


def write_program(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def venv(tmp_path, monkeypatch):
    """An environment whose python and uv are shell scripts that note their arguments in `calls`."""
    folder = tmp_path / "venv"
    write_program(folder / "bin/python", f'echo "python $*" >> {tmp_path}/calls')
    write_program(folder / "bin/uv", f'echo "uv $*" >> {tmp_path}/calls')
    monkeypatch.setattr(setup_env, "check_space", lambda *_: None)
    return folder


def calls(venv):
    log = venv.parent / "calls"
    return log.read_text().splitlines() if log.exists() else []


def installs(venv):
    return [call for call in calls(venv) if call.startswith("uv pip install") or "pip install --quiet" in call]


def test_the_script_can_be_read_by_an_old_python():
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", [(3, 8), (3, 10), (3, 14)])
def test_an_unfit_python_is_one_sentence(version):
    with pytest.raises(setup_env.SetupError, match=rf"this is 3\.{version[1]}: install one"):
        setup_env.find_python(version, which=lambda name: None)


def test_a_fit_python_on_the_path_is_used_instead(tmp_path):
    write_program(tmp_path / "python3.12", "exit 0")
    found = setup_env.find_python((3, 9), which=lambda name: str(tmp_path / name) if name == "python3.12" else None)
    assert found == str(tmp_path / "python3.12")
    assert setup_env.find_python((3, 11)) == sys.executable


def test_the_first_call_installs_and_the_second_does_nothing(venv, capsys):
    setup_env.set_up("lab", venv=venv)
    (install,) = installs(venv)
    assert "[lab]" in install and "constraints.txt" in install and "torch-backend" not in install
    before = calls(venv)
    capsys.readouterr()
    setup_env.set_up("lab", venv=venv)
    assert calls(venv) == before and capsys.readouterr().out == ""


def test_more_extras_are_added_to_those_there(venv):
    setup_env.set_up("classroom", venv=venv)
    setup_env.set_up("test", venv=venv)
    assert "[book,classroom,lab,test]" in installs(venv)[-1]
    setup_env.set_up("lab", venv=venv)
    assert len(installs(venv)) == 2


def test_changed_requirements_are_installed_again(venv, monkeypatch):
    setup_env.set_up("lab", venv=venv)
    monkeypatch.setattr(setup_env, "fingerprint", lambda venv: "another")
    setup_env.set_up("lab", venv=venv)
    assert len(installs(venv)) == 2


@pytest.mark.parametrize("note", ["", "{", "[]", '{"extras": ["lab"]}'])
def test_a_damaged_note_means_installing_again(venv, note):
    (venv / "aigc-setup.json").write_text(note)
    setup_env.set_up("lab", venv=venv)
    assert len(installs(venv)) == 1 and json.loads((venv / "aigc-setup.json").read_text())["extras"] == ["lab"]


def test_an_interrupted_installation_is_not_noted(venv, monkeypatch):
    monkeypatch.setattr(setup_env, "install", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        setup_env.set_up("lab", venv=venv)
    assert setup_env.read_note(venv) == {}


def test_without_uv_pip_installs(venv, capsys):
    (venv / "bin/uv").unlink()
    log = venv.parent / "calls"
    write_program(venv / "bin/python", f'echo "python $*" >> {log}; case "$*" in *"uv>="*) exit 1;; esac')
    setup_env.set_up("lab", venv=venv)
    assert "pip install" in installs(venv)[-1] and "[lab]" in installs(venv)[-1]
    assert "uv cannot be had here" in capsys.readouterr().out


def test_when_uv_fails_pip_tries_and_then_one_sentence(venv):
    log = venv.parent / "calls"
    write_program(venv / "bin/uv", f'echo "uv $*" >> {log}; exit 2')
    setup_env.set_up("lab", venv=venv)
    assert [call.split()[0] for call in installs(venv)] == ["uv", "python"]
    (venv / "aigc-setup.json").unlink()
    write_program(venv / "bin/python", 'case "$*" in *"pip install"*) exit 1;; esac')
    with pytest.raises(setup_env.SetupError, match="check the network"):
        setup_env.set_up("lab", venv=venv)


linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' usual builds carry no CUDA")


@linux
def test_cpu_builds_are_asked_of_uv(venv, capsys):
    setup_env.set_up("lab", torch="cpu", venv=venv)
    assert "--torch-backend=cpu" in installs(venv)[-1]
    assert setup_env.read_note(venv)["torch"] == "cpu"
    setup_env.set_up("lab", torch="cpu", venv=venv)
    setup_env.set_up("lab", venv=venv)  # a later plain `make lab` keeps them
    assert len(installs(venv)) == 1 and "cannot be reached" not in capsys.readouterr().out


@linux
def test_cpu_builds_replace_the_usual_ones(venv):
    setup_env.set_up("lab", venv=venv)
    setup_env.set_up("lab", torch="cpu", venv=venv)
    assert "--reinstall-package torch" in installs(venv)[-1] and setup_env.read_note(venv)["torch"] == "cpu"


@linux
@pytest.mark.parametrize(
    "server",
    [
        pytest.param("exit 2", id="refuses"),
        pytest.param("exec sleep 60", id="never answers", marks=pytest.mark.slow),
    ],
)
def test_without_the_cpu_builds_server_the_usual_pair_within_15_s(venv, capsys, server):
    log = venv.parent / "calls"
    write_program(venv / "bin/uv", f'echo "uv $*" >> {log}; case "$*" in *torch-backend*) {server};; esac')
    start = time.monotonic()
    setup_env.set_up("lab", torch="cpu", venv=venv)
    assert time.monotonic() - start < 15
    assert "torch-backend" not in installs(venv)[-1] and setup_env.read_note(venv)["torch"] == "default"
    said = [line for line in capsys.readouterr().out.splitlines() if "CPU builds" in line]
    assert len(said) == 1 and "cannot be reached" in said[0]


@linux
def test_a_cpu_build_that_fails_to_install_falls_back_too(venv, capsys):
    write_program(venv / "bin/uv", 'case "$*" in *install*torch-backend*) exit 1;; esac')
    setup_env.set_up("lab", torch="cpu", venv=venv)
    assert setup_env.read_note(venv)["torch"] == "default"
    assert "could not be installed" in capsys.readouterr().out


def test_other_systems_need_no_cpu_builds(venv, capsys):
    assert setup_env.choose_torch("cpu", venv / "bin/uv", venv, platform="darwin") == "default"
    assert "carry no CUDA" in capsys.readouterr().out and calls(venv) == []


def test_uv_is_told_the_mirror_that_pip_knows(venv, monkeypatch):
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
    write_program(venv / "bin/python", "echo \"global.index-url='http://mirror.example/simple'\"")
    assert setup_env.uv_environment(venv)["UV_DEFAULT_INDEX"] == "http://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://other.example")
    assert setup_env.uv_environment(venv)["UV_DEFAULT_INDEX"] == "http://other.example"


def test_too_little_space_is_one_sentence(tmp_path):
    usage = namedtuple("usage", "free")
    with pytest.raises(setup_env.SetupError, match="1.0 GB are free"):
        setup_env.check_space(tmp_path, "default", lambda path: usage(1e9))
    setup_env.check_space(tmp_path, "default", lambda path: usage(50e9))


@pytest.mark.slow
def test_a_broken_environment_is_made_anew(tmp_path, capsys):
    venv = tmp_path / "venv"
    write_program(venv / "bin/python", "exit 1")
    (venv / "leftover").write_text("x")
    setup_env.make_venv(venv, sys.executable)
    assert not (venv / "leftover").exists()
    assert subprocess.run([venv / "bin/python", "-c", "import pip"]).returncode == 0


def test_constraints_hold_no_address_and_leave_torch_free():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 100 and all("==" in line for line in pins)
    assert not [line for line in lines if "://" in line or " @ " in line]
    assert not [line for line in pins if line.startswith(("torch", "nvidia", "cuda", "triton", "setuptools"))]


def test_make_help_lists_every_command():
    listed = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in COMMANDS:
        assert f"  make {name} " in listed
