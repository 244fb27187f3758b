"""A few processes of this machine that torch.distributed joins, for a function written in a notebook.

`torch.multiprocessing` cannot find such a function on macOS and Windows, where a new process starts empty, and to
fork a notebook's kernel is not safe. So the function's *source* travels: each process is a fresh Python that reads it
from a file, and answers with a file. The processes stay for the next function (starting one costs seconds), and end
when the notebook does, even if it is killed: each of them watches a pipe that closes with the kernel.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import os
import queue
import runpy
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from aigc_course.errors import CourseError
from aigc_course.files import writing


class _Worker(subprocess.Popen):
    """A process that is started with a pipe to it."""

    stdin: IO[str]


class Together:
    """`processes` fresh Pythons, joined into one group over gloo (on the CPU), one thread each.

    Args:
        processes: how many, from 1.
        seconds: how long one call may take, starting the processes included.
    """

    def __init__(self, processes: int = 2, seconds: float = 180.0):
        if processes < 1:
            raise CourseError(f"{processes} processes cannot work together: ask for at least 1.")
        self.processes, self.seconds = processes, seconds
        self._workers: list[_Worker] = []
        self._folder: tempfile.TemporaryDirectory | None = None
        self._calls = 0

    def run(self, work: Callable, **settings: Any) -> list:
        """Call `work(rank, world, **settings)` in every process at once; what each returned, in order of rank.

        work: a function written in a notebook or a file. It brings its own imports and uses no name from outside.
            What it prints is printed here.
        settings, and what it returns: tensors, numbers, strings, None, and lists, tuples and dicts of them.
        Raises: CourseError if it fails in a process, with that error, or takes too long; no process is left then.
        """
        import torch

        until = time.monotonic() + self.seconds
        if not self._workers:
            self._start()
        assert self._folder is not None                                  # it is made with the processes
        folder, self._calls = Path(self._folder.name), self._calls + 1
        (folder / f"work{self._calls}.py").write_text(textwrap.dedent(inspect.getsource(work)), encoding="utf-8")
        torch.save(settings, folder / f"settings{self._calls}.pt")
        try:
            for worker in self._workers:
                with contextlib.suppress(OSError):                       # it has ended: _answer says why
                    worker.stdin.write(json.dumps([self._calls, work.__name__]) + "\n")
                    worker.stdin.flush()
            answers = self._answers(folder, work.__name__, until)
        except BaseException:                                            # an interrupt too: the others wait for ever
            self._end()
            raise
        for rank, answer in enumerate(answers):
            for line in answer["printed"].splitlines():
                print(f"[{rank}] {line}")
        return [answer["returned"] for answer in answers]

    def close(self) -> None:
        """End the processes. The next `run` starts new ones."""
        for worker in self._workers:
            with contextlib.suppress(OSError):
                worker.stdin.close()
        for worker in self._workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(10)
        self._end()

    def __enter__(self) -> Together:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="aigc-together-", ignore_cleanup_errors=True)
        for rank in range(self.processes):
            with open(Path(self._folder.name) / f"log{rank}.txt", "w", encoding="utf-8") as log:
                self._workers.append(_Worker(
                    [sys.executable, "-m", __name__, self._folder.name, str(rank), str(self.processes),
                     str(self.seconds)],
                    stdin=subprocess.PIPE, stdout=log, stderr=log, text=True, encoding="utf-8",
                    env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}))

    def _end(self) -> None:
        for worker in self._workers:
            worker.kill()
            worker.wait()
            with contextlib.suppress(OSError):
                worker.stdin.close()
        self._workers = []
        if self._folder:
            self._folder.cleanup()

    def _answers(self, folder: Path, name: str, until: float) -> list[dict]:
        import torch

        answers: dict[int, dict] = {}
        while len(answers) < self.processes:
            for rank in set(range(self.processes)) - answers.keys():
                path = folder / f"answer{self._calls}.{rank}.pt"
                ended = self._workers[rank].poll() is not None           # asked before looking: no answer comes after
                if path.exists():
                    answers[rank] = torch.load(path, weights_only=True)
                elif ended:
                    last = (folder / f"log{rank}.txt").read_text(encoding="utf-8").strip().splitlines()[-1:]
                    raise CourseError(f"Process {rank} ended while it ran {name}, with exit status "
                                      f"{self._workers[rank].returncode}. {''.join(last)}".strip())
            for rank, answer in sorted(answers.items()):
                if answer["error"]:
                    raise CourseError(f"{name} failed in process {rank}: {answer['error']}")
            if time.monotonic() > until:
                raise CourseError(f"{name} took longer than {self.seconds:.0f} s: processes that wait for one another "
                                  "(one skips a collective that the other calls) never end.")
            time.sleep(0.005)
        return [answers[rank] for rank in range(self.processes)]


def torchrun(*arguments: str | Path, processes: int = 2, seconds: float = 300.0) -> str:
    """Start a script or `-m MODULE` in several processes of this machine by torch's own launcher; what they printed.

    The same as `torchrun --standalone --nproc-per-node PROCESSES ARGUMENTS` in a terminal.
    Raises: CourseError with the last lines that were printed if a process fails or they take too long; none is left.
    """
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1",
               "--nproc-per-node", str(processes), *map(str, arguments)]
    settings = {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    if os.name == "nt":
        settings["USE_LIBUV"] = "0"                                      # which torch is built without on Windows
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        launcher = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | settings)
        try:
            status = launcher.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:                                                         # an interrupt comes through here as well
            if launcher.poll() is None:
                stop(launcher)
        log.seek(0)
        printed = log.read()
    if status != 0:
        why = f"took longer than {seconds:.0f} s" if status is None else f"ended with exit status {status}"
        raise CourseError(f"torchrun {why}. The last that it printed:\n" + "\n".join(printed.splitlines()[-15:]))
    return printed


def stop(launcher: subprocess.Popen) -> None:
    """End a launcher and the processes it has started."""
    if os.name == "nt":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(launcher.pid)], capture_output=True, check=False)
    else:
        launcher.terminate()                                             # it ends its processes before itself
    try:
        launcher.wait(60)
    except subprocess.TimeoutExpired:
        launcher.kill()
        launcher.wait()


def readable(returned: Any, name: str) -> Any:
    """The same object, if the notebook will be able to read it."""
    import torch

    copy = io.BytesIO()
    try:
        torch.save(returned, copy)
        copy.seek(0)
        torch.load(copy, weights_only=True)
    except Exception as error:
        raise CourseError(f"{name} returned something that is no tensor, number, string or collection of them: "
                          "return plain values.") from error
    return returned


def serve(folder: Path, rank: int, world: int, seconds: float) -> None:
    """What each process does: join the group, then answer calls until the pipe closes."""
    import torch
    import torch.distributed as dist

    signal.signal(signal.SIGINT, signal.SIG_IGN)                         # the notebook's interrupt reaches us as a kill
    calls: queue.Queue = queue.Queue()

    def listen() -> None:
        for line in sys.stdin:
            calls.put(json.loads(line))
        calls.put(None)
        time.sleep(5)                                                    # for what still runs: nobody waits for it
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    torch.set_num_threads(1)
    store = dist.FileStore(str(folder / "store"), world)  # pyright: ignore[reportPrivateImportUsage], documented
    dist.init_process_group("gloo", store=store, rank=rank, world_size=world, timeout=timedelta(seconds=seconds))
    while call := calls.get():
        number, name = call
        answer = {"returned": None, "error": "", "printed": ""}
        printed = io.StringIO()
        try:
            settings = torch.load(folder / f"settings{number}.pt", weights_only=True)
            with contextlib.redirect_stdout(printed):
                work = runpy.run_path(str(folder / f"work{number}.py"))[name]
                returned = work(rank, world, **settings)
            answer["returned"] = readable(returned, name)
        except Exception as error:                                       # told to the notebook, which raises it
            traceback.print_exc()
            answer["error"] = (str(error) if isinstance(error, CourseError)
                               else "".join(traceback.format_exception_only(error)).strip())
        answer["printed"] = printed.getvalue()
        with writing(folder / f"answer{number}.{rank}.pt") as part:
            torch.save(answer, part)
    dist.destroy_process_group()
    os._exit(0)                                                          # the thread that listens sleeps


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
