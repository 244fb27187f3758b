"""Runs the Chinese notebook in a fresh kernel and measures what it costs."""

import asyncio
import hashlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import zmq
from ipykernel.kernelspec import RESOURCES, get_kernel_dict
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from aigc_course.authoring import claims
from aigc_course.authoring.environments import PLAIN, Environment
from aigc_course.authoring.kernel import CELL_TIMEOUT_S, environment
from aigc_course.authoring.normalise import WIDGET
from aigc_course.authoring.recording import WRITE
from aigc_course.errors import CourseError

# Asked of the kernel after the last cell, unseen by the notebook. Children: worker processes that ended.
COST = """\
import resource as _r, sys as _s, platform as _p, importlib.metadata as _m
def _versions():
    found = {"python": _p.python_version()}
    for name in ("torch", "numpy", "matplotlib"):
        if name in _s.modules: found[name] = _m.version(name).split("+")[0]
    return found
_all = [_r.getrusage(who) for who in (_r.RUSAGE_SELF, _r.RUSAGE_CHILDREN)]
_unit = 2**20 if _s.platform == "darwin" else 2**10
_cost = {"cpu_seconds": round(sum(u.ru_utime + u.ru_stime for u in _all), 1),
         "memory_mb": round(max(u.ru_maxrss for u in _all) / _unit), "versions": _versions()}
import json as _j
_cost = _j.dumps(_cost)
"""


class SameInterpreter(KernelSpecManager):
    """Whatever kernels the user has installed, ours is this very Python."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())


class WatchedClient(NotebookClient):
    """Notes which cells redraw, or print into a widget: nbval cannot follow them, so it does not compare."""

    kc: Any                                        # there while a kernel runs; its last question here is a private one

    def create_kernel_manager(self):
        self.km = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=SameInterpreter())
        return self.km

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("clear_output", "update_display_data"):
            cell.metadata.setdefault("course", {})["not_compared"] = "live"
        elif _captures_output(msg) or {WIDGET, "text/html"} <= msg["content"].get("data", {}).keys():
            cell.metadata.setdefault("course", {}).setdefault("not_compared", "widget")
        return super().process_message(msg, cell, cell_index)


def _captures_output(msg: dict) -> bool:
    """An Output widget names the cell whose output it takes by that cell's message id."""
    return msg["msg_type"] == "comm_msg" and bool(msg["content"]["data"].get("state", {}).get("msg_id"))


def code_hash(nb) -> str:
    """Hash of all that a run depends on in the notebook: its code cells in order."""
    code = [cell.source for cell in nb.cells if cell.cell_type == "code"]
    return hashlib.sha256(json.dumps(code).encode()).hexdigest()[:16]


class CellFailed(CourseError):
    """A cell that raised or ran too long. cell: its id. brief: what happened, without the traceback."""

    def __init__(self, name: str, cell, why: str, brief: str = ""):
        super().__init__(f"{name}, cell {cell.id} {why}")
        self.cell, self.brief = cell.id, brief or why


def execute(nb, folder: Path, name: str, timeout: float | None = None, arithmetic: Environment = PLAIN,
            forgiving: bool = False) -> dict:
    """Runs `nb` in place, in `folder`, and returns its measurement.

    forgiving: an assertion that fails does not end the run. A later error ends it, but is noted like one.

    Returns {"cpu_seconds": user and system seconds of kernel and children, "memory_mb": peak resident MiB,
    "versions": {...}, "code": code_hash, "numbers": {name: {"value", "tol"}}, "claims": {cell and text: {"gap"}}},
    and "failed": [(cell id, text), …]; without the first three if an error ended the run.

    Raises: CellFailed naming the cell that failed or ran too long (unless forgiving); CourseError if the kernel died,
    or naming the exercise that is not left to the learner.
    """
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            cell.metadata.get("course", {}).pop("not_compared", None)
    timeout = timeout or nb.metadata.get("course", {}).get("cell_timeout_s", CELL_TIMEOUT_S)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        records, watched = Path(scratch) / "records.jsonl", Path(scratch) / "watched.jsonl"
        watch = claims.STARTUP.format(target=str(watched), forgiving=forgiving)
        env = environment(Path(scratch), name, arithmetic, watch, **{WRITE: str(records)})
        cost, noted, failed = {}, [], []
        try:
            cost = asyncio.run(_run(nb, folder, env, timeout, name, lambda cell: noted.extend(
                (cell.id, line) for line in _lines(watched)[len(noted):])))
        except CellFailed as error:
            if not forgiving:
                raise
            failed = [(error.cell, error.brief)]
        numbers = {entry.pop("name"): entry for entry in _lines(records)}
        answered = sorted({event["exercise"] for event in _lines(Path(env["AIGC_PROGRESS"]))})
    if answered:
        raise CourseError(f"{name} answers its own exercise {', '.join(answered)}: leave the stub, the broken code "
                          "as the exercise bank has it, or None.")
    gaps = {f"{cell}: {line['claim']}": {"gap": line["gap"]} for cell, line in noted if "claim" in line}
    unmet = dict.fromkeys((cell, line["failed"]) for cell, line in noted if "failed" in line)
    return cost | {"code": code_hash(nb), "numbers": numbers, "claims": gaps, "failed": [*unmet, *failed]}


def _lines(path: Path) -> list[dict]:
    """The objects of a JSON-lines file that the kernel wrote, if it wrote any."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


@asynccontextmanager
async def awake(sockets: Iterable[zmq.Socket], seconds: float = 1.0):
    """Meanwhile, asks each socket every so often whether a message has come.

    A wake-up can get lost: ZeroMQ signals a socket's *first* unread message only, and an idle kernel's answer then lay
    unread for the whole timeout of a cell (measured: 270 s). Asking for the events makes pyzmq look again.
    """
    async def ask():
        while True:
            await asyncio.sleep(seconds)
            for socket in sockets:
                socket.get(zmq.EVENTS)

    task = asyncio.create_task(ask())
    try:
        yield
    finally:
        task.cancel()


async def _run(nb, folder: Path, env: dict, timeout: float, name: str, ended: Callable[[NotebookNode], None]) -> dict:
    """What the notebook cost; `ended` is told each cell, whether it succeeded or not."""
    client = WatchedClient(nb, timeout=timeout, record_timing=False,
                           resources={"metadata": {"path": str(folder)}})
    client.extra_arguments = ["--IPKernelApp.log_level=ERROR"]
    client.reset_execution_trackers()
    try:
        async with (client.async_setup_kernel(env=env),
                    awake([client.kc.shell_channel.socket, client.kc.iopub_channel.socket])):
            for index, cell in enumerate(nb.cells):
                try:
                    await client.async_execute_cell(cell, index)
                except CellTimeoutError:
                    raise CellFailed(name, cell, f"ran longer than {timeout:.0f} s: make it do less, or set "
                                                 "course.cell_timeout_s in the notebook's metadata.") from None
                except CellExecutionError as error:
                    brief = f"{error.ename}: {error.evalue}".split("\n")[0]
                    raise CellFailed(name, cell, f"failed:\n{error}", brief) from None
                finally:
                    ended(cell)
            reply = await client.kc._async_execute_interactive(
                COST, silent=True, store_history=False, user_expressions={"cost": "_cost"},
                output_hook=lambda message: None, timeout=60)
    except DeadKernelError:
        raise CourseError(f"{name}: the kernel died; it probably ran out of memory.") from None
    answer = reply["content"]["user_expressions"]["cost"]
    if answer["status"] != "ok":
        raise CourseError(f"{name} could not be measured on {sys.platform}: {answer['evalue']}.")
    return json.loads(eval(answer["data"]["text/plain"], {"__builtins__": {}}))
