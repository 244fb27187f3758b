"""`aigc lab` and `aigc reset`: the learner's own copy of the notebooks, open in JupyterLab."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import typer

from aigc_course.errors import CourseError
from aigc_course.files import write_whole
from aigc_course.lab import workspace
from aigc_course.language import LANGUAGES, language

NAME = "Notebook, such as 03/01 or gan; the first one if left out."
LOCALES = {"zh": "zh_CN", "en": "en"}


def lab(
    name: str = typer.Argument("", help=NAME),
    port: int = typer.Option(8888, help="Port of the Jupyter server on this computer.", min=1, max=65535),
    lang: str = typer.Option("", help="zh or en."),
    no_browser: bool = typer.Option(False, "--no-browser", help="Only print the address."),
) -> None:
    """Open the course in JupyterLab, in your own copy of the notebooks (my-course)."""
    if find_spec("jupyterlab") is None:
        raise CourseError("JupyterLab is not installed: run `make lab`, or `pip install -e '.[lab]'` in the clone.")
    chosen = _chosen_language(lang)
    root = workspace.course_root()
    notebook = workspace.find_notebook(root / "notebooks", name, chosen)
    copy = root / workspace.COPY
    for sentence in workspace.update(root / "notebooks", copy).sentences():
        print(sentence)
    try:
        set_interface(Path(sys.prefix), notebook[:2])
    except OSError as error:
        print(f"JupyterLab's language stays as it is: {error.filename or sys.prefix} cannot be written "
              f"({error.strerror}).")
    print(f"Opening {workspace.COPY}/{notebook} in JupyterLab; Ctrl-C stops it.", flush=True)
    command = server_command(copy, notebook, port, no_browser)
    raise typer.Exit(subprocess.run(command, env=one_thread(os.environ)).returncode)


def reset(
    name: str = typer.Argument(help="Notebook to restore, such as 03/01 or gan."),
    lang: str = typer.Option("", help="zh or en."),
) -> None:
    """Restore one notebook of my-course; your version is kept beside it as a backup."""
    if not workspace.asked_for(name)[1]:
        raise CourseError(f"{name!r} names no notebook: name the one to restore, such as 03/01 or gan.")
    root = workspace.course_root()
    notebook = workspace.find_notebook(root / "notebooks", name, _chosen_language(lang))
    backup = workspace.reset(root / "notebooks", root / workspace.COPY, notebook)
    kept = f"; your version is kept as {backup.name}" if backup else ""
    print(f"{workspace.COPY}/{notebook} is as the course ships it{kept}.")


def server_command(copy: Path, notebook: str, port: int, no_browser: bool) -> list[str]:
    """The Jupyter server's command line: its root is the working copy, and only this computer can reach it."""
    command = [sys.executable, "-m", "aigc_course.cli.server", "--Application.log_level=30", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--ServerApp.root_dir={copy}"]
    command.append(f"--LabApp.default_url=/lab/tree/{notebook}")
    if no_browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")  # containers run as root; Jupyter refuses that unless told
    return command


def one_thread(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment for the kernels: one thread each, unless OMP_NUM_THREADS says otherwise.

    The course's nets are small. A second thread gains them little on an idle computer, and on a busy one each step
    waits for it: a DCGAN step took five times as long.
    """
    return {"OMP_NUM_THREADS": "1", **environment}


def set_interface(prefix: Path, lang: str) -> None:
    """JupyterLab's language, and no news pop-up, for this environment only.

    Writes `share/jupyter/lab/settings/overrides.json` of the environment and keeps what else stands in it.
    A Python that is no environment of its own belongs to the whole computer and is left alone.
    """
    if prefix == Path(sys.base_prefix) and "CONDA_PREFIX" not in os.environ:
        return
    path = prefix / "share/jupyter/lab/settings/overrides.json"
    try:
        settings = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        settings = {}
    notification = {"fetchNews": "false", "checkForUpdates": False}
    settings["@jupyterlab/apputils-extension:notification"] = notification
    settings["@jupyterlab/translation-extension:plugin"] = {"locale": LOCALES[lang]}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(settings, indent=2) + "\n")


def _chosen_language(lang: str) -> str:
    if lang and lang not in LANGUAGES:
        raise CourseError(f"The language {lang!r} is not known: use zh or en.")
    return lang or language()
