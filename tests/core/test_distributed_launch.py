"""`torchrun … -m aigc_course.cli train gpt`: as one process that accumulates, and as if nobody had killed a worker."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing
from safetensors.torch import load_file

from aigc_course.cli import main
from aigc_course.runs.together import torchrun

pytestmark = [
    pytest.mark.slow,          # five processes import torch
    pytest.mark.skipif(not dist.is_gloo_available(), reason="this torch has no gloo backend"),
]
METHODS = torch.multiprocessing.get_all_start_methods()
STEPS, SAVED, KILLED = 10, 3, 7
FIXED = f"--device cpu --precision fp32 --threads 1 --steps {STEPS} --save-every {SAVED} --log-every 1 --tokens 64"
NET = "--net.width 16 --net.heads 2 --net.layers 1 --net.context 16 --net.vocab 300"
SUICIDAL = f"""
import os, signal
from aigc_course.data import batches
from aigc_course.cli import main

class Deadly(batches.Sharded):
    def __getitem__(self, step):
        if step == {KILLED} and self.rank == 1 and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__getitem__(step)

batches.Sharded = Deadly          # before the engine looks for it
main()
"""


def words(folder: Path, name: str) -> list[str]:
    return ["train", "gpt", "--data", str(folder / "text.txt"), *FIXED.split(), *NET.split(), "--out",
            str(folder / name)]


def joined(rank: int, folder: str, port: int) -> None:
    """What torchrun does for one of two processes."""
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port), RANK=str(rank), LOCAL_RANK=str(rank),
                      WORLD_SIZE="2", AIGC_STATIC="1")
    main(words(Path(folder), "two"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The run folders: "one" process that accumulates two batches, "two" processes, and two of which one "died"."""
    folder = tmp_path_factory.mktemp("launch")
    (folder / "text.txt").write_text("".join(f"{n} and {n + 1} are {2 * n + 1}.\n" for n in range(2000)), "utf-8")
    (folder / "suicidal.py").write_text(SUICIDAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIGC_STATIC", "1")
        with pytest.raises(SystemExit) as ended:
            main([*words(folder, "one"), "--accumulate", "2"])
        assert not ended.value.code
    method = "forkserver" if "forkserver" in METHODS else "spawn"
    torch.multiprocessing.start_processes(joined, (str(folder), free_port()), nprocs=2, start_method=method)
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--max-restarts", "1",
               "--master-port", str(free_port()), str(folder / "suicidal.py"), *words(folder, "died")]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "AIGC_STATIC": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    with open(folder / "died.txt", "w") as file:
        agent = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
        try:
            agent.wait(timeout=500)
        finally:
            agent.terminate()                              # it ends its workers; killed, it would leave them behind
            agent.wait()
    assert agent.returncode == 0, (folder / "died.txt").read_text()[-3000:]
    return folder


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]


def test_two_processes_have_the_losses_of_one(folder):
    one, two = rows(folder / "one"), rows(folder / "two")
    assert [row["step"] for row in two] == list(range(1, STEPS + 1))
    for ours, theirs in zip(one, two, strict=True):
        assert ours["gpt"] == pytest.approx(theirs["gpt"], rel=1e-6)
        assert ours["gpt/grad"] == pytest.approx(theirs["gpt/grad"], rel=1e-5)


def test_a_killed_worker_changes_nothing(folder):
    """Both start again from the last checkpoint, end with the same weights bit for bit, and log no round twice."""
    straight, died = (torch.load(folder / name / "checkpoint.pt", weights_only=True) for name in ("two", "died"))
    assert straight["step"] == died["step"] == STEPS
    for name, tensor in straight["learners"]["gpt"]["net"].items():
        assert torch.equal(tensor, died["learners"]["gpt"]["net"][name]), name
    assert [row["gpt"] for row in rows(folder / "died")] == [row["gpt"] for row in rows(folder / "two")]
    since = [part["from_round"] for part in json.loads((folder / "died" / "versions.json").read_text("utf-8"))]
    assert since == [0, KILLED // SAVED * SAVED]


def test_sharded_nets_come_from_the_same_command(folder):
    printed = torchrun("-m", "aigc_course.cli", *words(folder, "sharded"), "--shard")
    found, parts = re.search(r"of the (\d+) bytes .* this process kept (\d+)", printed).groups()
    assert int(parts) < 0.6 * int(found) and f"{STEPS} rounds" in printed
    two, sharded = (load_file(folder / name / "weights/model.safetensors") for name in ("two", "sharded"))
    for name, tensor in two.items():
        torch.testing.assert_close(sharded[name].float(), tensor.float(), rtol=2e-2, atol=2e-3, msg=name)


def test_one_set_of_files(folder):
    """The first process alone writes: the same files as one process leaves."""
    def names(run: str) -> set[str]:
        return {str(path.relative_to(folder / run)) for path in (folder / run).rglob("*")
                if not path.name.startswith("events.")}
    assert names("one") == names("two")
    weights = [load_file(next((folder / run / "weights").glob("*.safetensors"))) for run in ("one", "two")]
    assert all(torch.isfinite(tensor.float()).all() for one in weights for tensor in one.values())
