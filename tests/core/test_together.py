"""Functions of a notebook in several processes: results in order, failures in one sentence, nobody left behind."""

from __future__ import annotations

import _thread
import signal
import subprocess
import sys
import textwrap
import threading
import time

import pytest
import torch
import torch.distributed as dist

from aigc_course.errors import CourseError
from aigc_course.runs.together import Together, torchrun

pytestmark = [
    pytest.mark.slow,          # each process imports torch
    pytest.mark.skipif(not dist.is_gloo_available(), reason="this torch has no gloo backend"),
]


def total(rank, world, values):
    import torch
    import torch.distributed as dist

    mine = values[rank::world].sum()
    dist.all_reduce(mine)
    print("seen", torch.get_num_threads(), "thread")
    return {"rank": rank, "total": mine}


def refuses(rank, world):
    import torch.distributed as dist

    if rank == 1:
        raise ValueError("no gradient here")
    dist.barrier()                                                 # waits for the one that has failed


def vanishes(rank, world):
    import os

    if rank == 1:
        os._exit(3)


def answers_with_a_function(rank, world):
    return print


def waits_for_ever(rank, world):
    import torch.distributed as dist

    if rank == 0:
        dist.barrier()
    else:
        import time

        time.sleep(600)


@pytest.fixture(scope="module")
def two():
    with Together(2, seconds=120) as processes:
        yield processes


def test_every_process_answers_and_stays_for_the_next_call(two, capsys):
    values = torch.arange(10.0)
    first = two.run(total, values=values)
    workers = list(two._workers)
    assert [(answer["rank"], answer["total"].item()) for answer in first] == [(0, 45.0), (1, 45.0)]
    assert two.run(total, values=values + 1)[1]["total"] == 55
    assert two._workers == workers
    assert capsys.readouterr().out == "[0] seen 1 thread\n[1] seen 1 thread\n" * 2


@pytest.mark.parametrize("work, said", [
    (refuses, "refuses failed in process 1: ValueError: no gradient here"),
    (vanishes, "Process 1 ended while it ran vanishes, with exit status 3"),
    (answers_with_a_function, "answers_with_a_function returned something"),
])
def test_a_failure_is_named_and_the_next_call_starts_afresh(two, work, said):
    two.run(total, values=torch.ones(4))
    workers = list(two._workers)
    with pytest.raises(CourseError, match=said):
        two.run(work)
    assert all(worker.poll() is not None for worker in workers)


def test_processes_that_wait_for_one_another_are_ended(two):
    two.run(total, values=torch.ones(4))
    workers = list(two._workers)
    two.seconds, kept = 1.0, two.seconds
    try:
        with pytest.raises(CourseError, match="longer than 1 s"):
            two.run(waits_for_ever)
    finally:
        two.seconds = kept
    assert all(worker.poll() is not None for worker in workers)


def test_no_process_outlives_a_notebook_that_is_killed(tmp_path):
    """The parent gets no chance to clean up; its processes see the pipe close."""
    script = tmp_path / "parent.py"
    script.write_text(textwrap.dedent("""
        import sys, time
        from aigc_course.runs.together import Together, torchrun

        def hello(rank, world):
            import os
            return os.getpid()

        two = Together(2)
        print(*two.run(hello), flush=True)
        time.sleep(600)
    """), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until = time.monotonic() + 60
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.1)
    assert len(pids) == 2 and not any(map(alive, pids))


def alive(pid: int) -> bool:
    psutil = pytest.importorskip("psutil")                         # comes with ipykernel; Windows has no signal 0
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_no_processes_are_no_group():
    with pytest.raises(CourseError, match="at least 1"):
        Together(0)


def test_the_launcher_is_torchrun(tmp_path):
    script = tmp_path / "sum.py"
    script.write_text(textwrap.dedent("""
        import sys, time
        from pathlib import Path
        import torch
        from aigc_course.distributed import from_environment, rank, sum_scalars, world

        with from_environment("cpu"):
            total, = sum_scalars([rank() + 1.0], torch.device("cpu"))
            print(f"process {rank()} of {world()} has {total:g}", flush=True)
            if "wait" in sys.argv:
                import os
                part = Path(sys.argv[2], f"part{rank()}")
                part.write_text(str(os.getpid()))
                part.rename(Path(sys.argv[2], f"pid{rank()}"))
                time.sleep(600)
    """), encoding="utf-8")
    printed = torchrun(script)
    assert "process 0 of 2 has 3" in printed and "process 1 of 2 has 3" in printed
    with pytest.raises(CourseError, match="exit status 1"):
        torchrun(tmp_path / "missing.py")
    with pytest.raises(CourseError, match="longer than 0 s"):
        torchrun(script, seconds=0.1)

    def interrupt():                                               # as the notebook's stop button, once all are there
        until = time.monotonic() + 200
        while len(list(tmp_path.glob("pid*"))) < 2 and time.monotonic() < until:
            time.sleep(0.1)
        _thread.interrupt_main()

    kept = signal.signal(signal.SIGINT, signal.default_int_handler)    # ignored in a background job
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        with pytest.raises(KeyboardInterrupt):
            torchrun(script, "wait", tmp_path)
    finally:
        signal.signal(signal.SIGINT, kept)
    pids = [int(path.read_text()) for path in tmp_path.glob("pid*")]
    assert len(pids) == 2 and not any(map(alive, pids))
