"""Make the environment .venv and install the course in it, or find in a moment that nothing is to be done.

    python3 tools/setup_env.py lab              what learners need
    python3 tools/setup_env.py test             what `make test` needs, the book's tools included
    python3 tools/setup_env.py lab --torch=cpu  on Linux: PyTorch's CPU builds instead of gigabytes of CUDA

Only the standard library, and nothing newer than Python 3.6: an old Python must get far enough to say so.
What was installed is noted in .venv/aigc-setup.json; as long as the note fits, a second call costs nothing.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXTRAS = {"lab": ["lab"], "test": ["book", "lab", "test"], "classroom": ["classroom", "lab"]}
OLDEST, NEWEST = (3, 11), (3, 13)
PROBE_SECONDS = 12  # how long the CPU builds' server may take to answer before we go on without it
GIGABYTES = {"default": 7, "cpu": 3} if sys.platform.startswith("linux") else {"default": 3, "cpu": 3}


class SetupError(Exception):
    """One sentence: what is wrong and what to do."""


def say(text):
    print(text, flush=True)


def run(command, **options):
    """Run a command and return its exit status; 127 when there is no such program."""
    try:
        return subprocess.run([str(word) for word in command], **options).returncode
    except FileNotFoundError:
        return 127


def find_python(version=None, which=shutil.which):
    """A Python that the course runs on: this one, else python3.13, 3.12 or 3.11 from the PATH."""
    version = tuple(version or sys.version_info)[:2]
    if OLDEST <= version <= NEWEST:
        return sys.executable
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = which(f"python3.{minor}")
        if other and run([other, "-c", "import venv"], stderr=subprocess.DEVNULL) == 0:
            return other
    raise SetupError(
        f"The course needs Python 3.11, 3.12 or 3.13, and this is {version[0]}.{version[1]}: install one of them "
        "and name it, as in `make lab PYTHON=python3.12`."
    )


def make_venv(venv, python):
    """An environment that answers; one that a moved folder or a removed Python has broken is made anew."""
    inside = python_of(venv)
    if inside.exists() and run([inside, "-c", "import pip"], stderr=subprocess.DEVNULL) == 0:
        return
    say(f"Making the environment {venv.name} ...")
    if run([python, "-m", "venv", "--clear", venv]) != 0:
        raise SetupError(
            "Python could not make an environment: on Debian or Ubuntu install it with "
            "`sudo apt install python3-venv`; elsewhere see the message above."
        )


def python_of(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def uv_of(venv):
    return venv / ("Scripts/uv.exe" if os.name == "nt" else "bin/uv")


def pip_command(venv):
    return [python_of(venv), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]


def get_uv(venv):
    """The path of uv inside the environment, or None where it cannot be had: then pip does the work."""
    uv = uv_of(venv)
    if uv.exists() or run(pip_command(venv) + ["uv>=0.6.9"]) == 0:
        return uv
    say("uv cannot be had here, so pip installs the course; that takes a few minutes longer.")
    return None


def uv_environment(venv):
    """uv reads no pip configuration, so what a learner told pip (a package mirror, a certificate) is passed on."""
    listing = subprocess.run(
        [str(python_of(venv)), "-m", "pip", "config", "list"], stdout=subprocess.PIPE, universal_newlines=True
    ).stdout
    environment = dict(os.environ)
    environment.pop("VIRTUAL_ENV", None)
    for line in listing.splitlines():
        key, _, value = line.partition("=")
        name = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}.get(key.rpartition(".")[2])
        if name and not (name in environment or (name == "UV_DEFAULT_INDEX" and "UV_INDEX_URL" in environment)):
            environment[name] = value.strip("'\"")
    return environment


def cpu_builds_answer(uv, venv, seconds=PROBE_SECONDS):
    """Whether the server of PyTorch's CPU builds answers within `seconds`."""
    probe = [uv, "pip", "compile", "-", "--quiet", "--no-deps", "--torch-backend=cpu", "--python", python_of(venv)]
    patience = {"UV_HTTP_RETRIES": "0", "UV_HTTP_TIMEOUT": str(seconds)}
    try:
        status = run(
            probe,
            input=b"torch",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            env=dict(uv_environment(venv), **patience),
        )
    except subprocess.TimeoutExpired:
        return False
    return status == 0


def choose_torch(asked, uv, venv, platform=sys.platform):
    """"cpu" or "default": which builds of torch to install, said in one sentence when not what was asked."""
    if asked != "cpu":
        return "default"
    if not platform.startswith("linux"):
        say("torch=cpu changes nothing here: the usual builds for this system carry no CUDA.")
        return "default"
    if uv is None:
        say("torch=cpu needs uv, which cannot be had here, so the usual builds of torch are installed.")
        return "default"
    if not cpu_builds_answer(uv, venv):
        say("PyTorch's server of CPU builds cannot be reached, so the usual (larger) builds are installed.")
        return "default"
    return "cpu"


def install(extras, torch, uv, venv):
    """Install the course with these extras by uv, else by pip; returns the torch builds that were installed."""
    wanted = ["-e", f"{ROOT}[{','.join(sorted(extras))}]", "-c", ROOT / "constraints.txt"]
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", python_of(venv)] + wanted
        cpu = ["--torch-backend=cpu", "--reinstall-package", "torch", "--reinstall-package", "torchvision"]
        if torch == "cpu":
            if run(command + cpu, env=uv_environment(venv)) == 0:
                return "cpu"
            say("PyTorch's CPU builds could not be installed, so the usual (larger) builds are.")
        if run(command, env=uv_environment(venv)) == 0:
            return "default"
        say("uv could not install the course (see above), so pip tries.")
    if run(pip_command(venv) + wanted) != 0:
        raise SetupError(
            "The installation failed (see above): check the network and the free space, then run it again; "
            "with a package mirror, `pip config set global.index-url ADDRESS` first."
        )
    return "default"


def fingerprint(venv):
    """What the installed state depends on: the declared packages, the pins, and where all this lies."""
    digest = hashlib.sha256(str(venv).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def read_note(venv):
    """What was installed last, or nothing where the note is missing or damaged."""
    try:
        note = json.loads((venv / "aigc-setup.json").read_text())
    except (OSError, ValueError):
        return {}
    return note if isinstance(note, dict) else {}


def write_note(venv, note):
    temporary = venv / "aigc-setup.json.tmp"
    temporary.write_text(json.dumps(note, indent=2) + "\n")
    os.replace(str(temporary), str(venv / "aigc-setup.json"))


def is_ready(note, extras, asked, current):
    """Whether the noted installation has all that is asked."""
    has_torch = asked == "keep" or note.get("torch") == asked
    return note.get("fingerprint") == current and set(extras) <= set(note.get("extras", [])) and has_torch


def check_space(path, torch, disk_usage=shutil.disk_usage):
    free, needed = disk_usage(str(path)).free / 1e9, GIGABYTES["cpu" if torch == "cpu" else "default"]
    if free < needed:
        other = ", or ask for `torch=cpu`" if needed > GIGABYTES["cpu"] else ""
        raise SetupError(f"The environment needs about {needed} GB and {free:.1f} GB are free here: make room{other}.")


def set_up(what, torch="keep", venv=None):
    """Bring the environment to what is asked for; torch is "keep", "default" or "cpu"."""
    venv = Path(venv or ROOT / ".venv")
    note = read_note(venv)
    if is_ready(note, EXTRAS[what], torch, fingerprint(venv)) and python_of(venv).exists():
        return
    if not note:
        check_space(venv.parent, torch)
    make_venv(venv, find_python())
    say("Installing the course (the first time takes some minutes) ...")
    uv = get_uv(venv)
    asked = note.get("torch", "default") if torch == "keep" else torch
    extras = sorted(set(EXTRAS[what]) | set(note.get("extras", [])))
    installed = install(extras, choose_torch(asked, uv, venv), uv, venv)
    write_note(venv, {"fingerprint": fingerprint(venv), "extras": extras, "torch": installed})


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Make the environment .venv and install the course in it.")
    parser.add_argument("what", choices=sorted(EXTRAS))
    parser.add_argument("--torch", choices=["keep", "default", "cpu"], default="keep")
    options = parser.parse_args(arguments)
    try:
        set_up(options.what, options.torch)
    except SetupError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Stopped; run the same command again to go on.")


if __name__ == "__main__":
    main()
