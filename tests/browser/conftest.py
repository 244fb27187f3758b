"""A real Chromium, pages that remember what they asked for and complained about, the built book, a JupyterLab."""

import functools
import http.server
import os
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        pytest.skip("no Chromium here: install it, or name it in the variable CHROMIUM")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Watched:
    """A tab, the addresses it asked for outside this computer, and the errors on its console."""

    tab: object
    external: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.tab.on("request", lambda request: self._note(request.url))
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", lambda message: message.type == "error" and self.errors.append(message.text))

    def _note(self, url: str):
        if not url.startswith(("file:", "data:", "blob:", "about:", "http://127.0.0.1:", "ws://127.0.0.1:")):
            self.external.append(url)


@pytest.fixture
def open_tab(chromium):
    contexts = []

    def open_(width: int = 1280, **options) -> Watched:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **options))
        return Watched(contexts[-1].new_page())

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def book(chromium) -> Path:
    """The book, built from the notebooks as they are stored: the folder that holds zh/ and en/."""
    done = subprocess.run([sys.executable, "book/build.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"the book does not build:\n{done.stdout}\n{done.stderr}"
    return ROOT / "book" / "_build" / "html"


@pytest.fixture(scope="session")
def served(book):
    """The book over http: its address."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(book)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Lab:
    """JupyterLab in the folder `root`, seen through a tab; steps that wait for what they need."""

    def __init__(self, root: Path, lang: str, seen: Watched):
        self.root, self.lang, self.seen, self.tab = root, lang, seen, seen.tab
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.token = secrets.token_hex(12)
        command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--Application.log_level=40",
                   "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self.port}", "--ServerApp.port_retries=0",
                   f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={root}",
                   "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="]
        private = {name: str(root / ".private" / name) for name in (
            "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
            "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")}
        self.environment = os.environ | private | {
            "AIGC_LANG": lang, "OMP_NUM_THREADS": "1", "AIGC_PROGRESS": str(root / ".private" / "progress.jsonl")}
        self.server = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL)

    def open(self, notebook: str) -> None:
        self._wait_for_server()
        self.tab.goto(f"http://127.0.0.1:{self.port}/lab/tree/{notebook}?reset&token={self.token}")
        self.tab.wait_for_function(
            "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=120_000)

    def run_all(self, timeout: float = 120) -> None:
        """Runs every cell and waits until each has a number and the kernel has nothing left to do."""
        self.tab.evaluate("async () => { await jupyterapp.restored; "
                          "await jupyterapp.commands.execute('notebook:run-all-cells'); }")
        self.tab.wait_for_function(
            "jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle' && "
            "jupyterapp.shell.currentWidget.content.model.sharedModel.cells"
            ".every(cell => cell.cell_type !== 'code' || cell.execution_count)", timeout=timeout * 1000)

    def type_into(self, cell: int, text: str) -> None:
        """Replaces what a cell says by typing, and runs it with Shift+Enter."""
        self.tab.evaluate("n => { const notebook = jupyterapp.shell.currentWidget.content;"
                          "notebook.activeCellIndex = n; return notebook.scrollToItem(n); }", cell)
        self.tab.locator(".jp-Notebook-cell.jp-mod-active .cm-content").click()
        self.tab.keyboard.press("Control+A")
        self.tab.keyboard.insert_text(text)
        self.tab.keyboard.press("Shift+Enter")

    def _wait_for_server(self) -> None:
        for _ in range(600):
            assert self.server.poll() is None, "the Jupyter server ended by itself"
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api", timeout=1).close()
                return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise AssertionError("the Jupyter server did not answer within a minute")

    def close(self) -> None:
        self.server.terminate()
        self.server.wait(timeout=30)


@pytest.fixture
def open_lab(chromium, open_tab, tmp_path):
    labs = []

    def open_(lang: str) -> Lab:
        labs.append(Lab(tmp_path, lang, open_tab()))
        return labs[-1]

    yield open_
    for lab in labs:
        lab.close()
