"""A run that was killed or stopped, and resumed, leaves the folder that it would have left without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
import torch.distributed as dist
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from aigc_course.errors import CourseError
from tests.runs.small import QUICK, SCRIPT, in_a_process

OFTEN = ("--log-every", 3, "--sample-every", 7, "--save-every", 5)


def same(a, b) -> bool:
    """Whether two checkpoints hold the same, bit for bit."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return torch.equal(a, b) if isinstance(a, torch.Tensor) else a == b


CLOCK = ("seconds", "rows per second")


def log(folder: Path) -> list[dict]:
    """The log without what a clock says."""
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name not in CLOCK} for line in lines]


def curves(folder: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard shows: of a doubled step both points."""
    shown = EventAccumulator(str(folder), size_guidance={"scalars": 0, "images": 0, "tensors": 0}).Reload()
    points = {name: [(one.step, one.value) for one in shown.Scalars(name)] for name in shown.Tags()["scalars"]
              if name not in CLOCK}
    return points | {name: [(one.step, one.encoded_image_string) for one in shown.Images(name)]
                     for name in shown.Tags()["images"]}


def require_same(one: Path, other: Path) -> None:
    states = [torch.load(folder / "checkpoint.pt", weights_only=True) for folder in (one, other)]
    assert same(*states)
    assert log(one) == log(other)
    assert curves(one) == curves(other)
    for name in ("samples", "weights"):
        contents = [{file.name: file.read_bytes() for file in (folder / name).iterdir()} for folder in (one, other)]
        assert contents[0] == contents[1]
    assert (one / "metrics.json").read_text() == (other / "metrics.json").read_text()


@pytest.fixture(scope="module")
def straight(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "straight"
    done = in_a_process("--out", folder, *OFTEN)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_killed_at_any_moment(tmp_path, straight):
    """kill -9 before the first checkpoint, between two checkpoints, and after the last."""
    folder = tmp_path / "killed"
    for round in (2, 18, 39):
        resume = ["--resume"] if folder.exists() else [*OFTEN]
        assert in_a_process("--out", folder, *resume, SMALL_DIES_AT=str(round)).returncode == -9
    done = in_a_process("--out", folder, "--resume")
    assert done.returncode == 0, done.stderr
    require_same(folder, straight)
    assert [one["from_round"] for one in json.loads((folder / "versions.json").read_text())] == [0, 0, 15, 35]


@pytest.mark.slow
def test_stopped_and_resumed_with_the_command_that_it_prints(tmp_path, straight):
    folder = tmp_path / "a folder"
    stopped = in_a_process("--out", folder, *OFTEN, SMALL_STOPS_AT="22")
    assert stopped.returncode == 0
    assert "Stopped after round 23 of 40" in stopped.stdout
    command = stopped.stdout.splitlines()[-1]
    assert command == f"Nothing is lost. Go on with: aigc train small --out '{folder}' --resume"
    assert "finished" not in stopped.stdout and not (folder / "card.md").exists()
    assert in_a_process("--out", folder, "--resume").returncode == 0
    require_same(folder, straight)


@pytest.mark.slow
@pytest.mark.skipif(not dist.is_gloo_available(), reason="this torch has no gloo backend")
def test_processes_that_work_together_stop_after_the_same_round(tmp_path):
    """Ctrl-C reaches each of them in a round of its own (here one of them only); they save together, once."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(SCRIPT),
               "small", *QUICK, "--out", str(tmp_path / "run"), "--log-every", "4"]
    environment = os.environ | {"AIGC_STATIC": "1", "OMP_NUM_THREADS": "1", "SMALL_STOPS_AT": "11"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Stopped after round 8 of 40") == 1 and "Go on with: torchrun … -m" in done.stdout
    state = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)
    assert state["step"] == 8 and len(state["rng"]) == 2
    assert [line["step"] for line in log(tmp_path / "run")] == [4, 8]


def test_a_stopped_run_has_saved_the_round_it_stopped_after(aigc_train, tmp_path, monkeypatch):
    monkeypatch.setenv("SMALL_STOPS_AT", "11")
    assert aigc_train("--out", tmp_path / "run") == ""
    assert torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)["step"] == 12
    monkeypatch.delenv("SMALL_STOPS_AT")
    assert aigc_train("--out", tmp_path / "run", "--resume") == ""
    assert [line["step"] for line in log(tmp_path / "run")] == [10, 20, 30, 40]


def test_stopped_between_two_checkpoints_what_came_after_the_first_is_taken_back(aigc_train, tmp_path, monkeypatch):
    """Log, samples and TensorBoard have rounds 15 … 17 twice; nobody sees it."""
    assert aigc_train("--out", tmp_path / "straight", *OFTEN) == ""
    monkeypatch.setenv("SMALL_ENDS_AT", "17")
    assert "Stopped at once" in aigc_train("--out", tmp_path / "ended", *OFTEN, "--sample-every", 2)
    monkeypatch.delenv("SMALL_ENDS_AT")
    assert (tmp_path / "ended/samples/0000016.png").exists() and log(tmp_path / "ended")[-1]["step"] == 15
    with open(tmp_path / "ended/log.jsonl", "a") as file:                           # as a killed process leaves it
        file.write('{"step": 16}\n{"step": 17, "sma')
    assert aigc_train("--out", tmp_path / "ended", "--resume", "--sample-every", 2) == ""
    assert aigc_train("--out", tmp_path / "often", *OFTEN, "--sample-every", 2) == ""
    require_same(tmp_path / "ended", tmp_path / "often")
    assert log(tmp_path / "ended") == log(tmp_path / "straight")


def test_cadence_changes_nothing_of_the_run(aigc_train, tmp_path):
    aigc_train("--out", tmp_path / "rarely")
    aigc_train("--out", tmp_path / "often", "--log-every", 1, "--sample-every", 1, "--save-every", 1)
    rarely, often = (torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in ("rarely", "often"))
    assert same(rarely, often)


def test_other_seeds_are_other_runs(aigc_train, tmp_path):
    aigc_train("--out", tmp_path / "0")
    aigc_train("--out", tmp_path / "1", "--seed", 1)
    assert not same(*(torch.load(tmp_path / name / "checkpoint.pt", weights_only=True) for name in "01"))


def test_a_finished_run_is_left_alone(aigc_train, tmp_path, capsys):
    aigc_train("--out", tmp_path / "run")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")}
    assert aigc_train("--out", tmp_path / "run", "--resume") == ""
    assert "This run is finished, after 40 rounds" in capsys.readouterr().out
    assert before == {path: path.stat().st_mtime_ns for path in (tmp_path / "run").rglob("*")}


def test_killed_while_it_was_measured_the_end_is_made_up_for(aigc_train, tmp_path):
    aigc_train("--out", tmp_path / "run")
    card = (tmp_path / "run/card.md").read_text("utf-8")
    (tmp_path / "run/card.md").unlink()
    (tmp_path / "run/metrics.json").unlink()
    aigc_train("--out", tmp_path / "run", "--resume")
    assert (tmp_path / "run/card.md").read_text("utf-8").splitlines()[:8] == card.splitlines()[:8]


def test_what_a_system_leaves_in_the_folder_is_not_ours(aigc_train, tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    (tmp_path / "run/.DS_Store").touch()
    monkeypatch.setenv("SMALL_STOPS_AT", "11")
    assert aigc_train("--out", tmp_path / "run", *OFTEN) == ""
    monkeypatch.delenv("SMALL_STOPS_AT")
    others = [tmp_path / "run/samples" / name for name in (".DS_Store", "Thumbs.db", "0000100 (copy).png", "notes.txt")]
    for other in others:
        other.touch()
    (tmp_path / "run/samples/.ipynb_checkpoints").mkdir()
    (tmp_path / "run/samples/0000039.png").touch()                       # of a round that comes again
    assert aigc_train("--out", tmp_path / "run", "--resume") == ""
    assert all(other.exists() for other in others) and not (tmp_path / "run/samples/0000039.png").exists()
    card = (tmp_path / "run/card.md").read_text("utf-8")
    assert "(samples/0000040.png)" in card


def test_a_run_goes_on_with_the_data_that_it_began_with(tmp_path, monkeypatch):
    """A text that changed, or a folder with other pictures, would make it another run."""
    from aigc_course.runs.inputs import fingerprints, require_same, whole_path
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.txt").write_text("first")
    (tmp_path / "pictures").mkdir()
    Image.new("L", (4, 4)).save(tmp_path / "pictures/one.png")
    batches = [(torch.tensor([[1, 2]]), torch.rand(2))]
    for number, data in enumerate(("book.txt", "pictures")):
        whole = whole_path(data, ["made"])
        assert whole == str(tmp_path / data) and whole_path("./" + data, ["made"]) == whole
        before = fingerprints(whole, ["made"], batches)
        require_same(before, fingerprints(whole, ["made"], [(torch.tensor([[1, 2]]), torch.rand(2))]), whole)
        require_same({}, before, whole)                                   # a run of before this was kept
        with pytest.raises(CourseError, match="gives other batches than when this run began"):
            require_same(before, fingerprints(whole, ["made"], [(torch.tensor([[1, 3]]),)]), whole)
        (tmp_path / "pictures/.DS_Store").touch()
        require_same(before, fingerprints(whole, ["made"], batches), whole)
        (tmp_path / "book.txt").write_text(f"other {number}")
        Image.new("L", (4, 4), 9 + number).save(tmp_path / "pictures/one.png")
        with pytest.raises(CourseError, match=f"{data} is not what this run began with"):
            require_same(before, fingerprints(whole, ["made"], batches), whole)
    assert whole_path("made", ["made"]) == "made" and "files" not in fingerprints("made", ["made"], batches)


def test_changed_data_stops_a_run_that_shall_go_on(tmp_path, monkeypatch, capsys):
    from aigc_course.cli import main
    monkeypatch.setenv("AIGC_STATIC", "1")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lines.txt").write_text("\n".join(f"line {n}" for n in range(30)))
    small = ("train", "lstm", *QUICK, "--steps", "2", "--net.width", "8", "--net.embed", "8", "--tokens", "50", "--out",
             str(tmp_path / "run"))

    def train(*arguments) -> str:
        with pytest.raises(SystemExit) as end:
            main([*small, *arguments])
        return "" if end.value.code in (0, None) else str(end.value.code)

    assert train("--data", "lines.txt") == ""
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    for data in ([], ["--data", str(tmp_path / "lines.txt")], ["--data", "../lines.txt"]):
        assert train("--resume", *data) == ""
    with open(tmp_path / "lines.txt", "a") as file:
        file.write("\nline 31")
    assert "lines.txt is not what this run began with" in train("--resume")
