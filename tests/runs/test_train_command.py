"""`aigc train`: options made from dataclasses, the folder of a run, and one sentence for whatever goes wrong."""

from __future__ import annotations

import errno
import json
import os
import re
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Literal

import pytest
import torch

from aigc_course.cli import main
from aigc_course.errors import CourseError
from aigc_course.policy import Choice, Policy
from aigc_course.recipes.catalogue import FAMILIES, family
from aigc_course.runs import engine
from aigc_course.runs.command import command
from aigc_course.runs.folder import LOCK, Folder
from aigc_course.runs.options import Options, attribute_docs, read, settings, text, values, with_values
from aigc_course.runs.trace import Trace
from tests.runs.small import QUICK, SMALL, NetConfig, SmallRecipe


@pytest.mark.parametrize(("kind", "given", "value"), [
    (int, "12", 12), (float, "3e-3", 0.003), (str, "gelu", "gelu"), (int | None, "none", None), (int | None, "7", 7),
    (tuple[int, ...], "400,20", (400, 20)), (tuple[int, ...], "", ()), (Literal["a", "b"], "b", "b"),
    (tuple[float, ...] | None, "0.5,1.0", (0.5, 1.0)),
])
def test_values_are_read_as_they_are_written(kind, given, value):
    assert read(kind, given) == value
    assert read(kind, text(value)) == value


@pytest.mark.parametrize(("kind", "given", "sentence"), [
    (int, "1.5", "'1.5' is no whole number"), (float, "x", "'x' is no number"), (int, "none", "no whole number"),
    (Literal["a", "b"], "c", "'c' is not one of a, b"), (tuple[int, ...], "1,x", "'x' is no whole number"),
])
def test_what_cannot_be_read_is_a_sentence(kind, given, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(kind, given)


def test_a_config_becomes_settings_and_back():
    flat = values(SmallRecipe())
    assert flat["net.width"] == 8 and flat["sizes"] == (3, 4) and list(flat)[:2] == ["net.width", "net.z_dim"]
    changed = with_values(SmallRecipe(), {"net.width": 16, "net.tied": True, "lr": 1.0, "sizes": [5]})
    assert changed == SmallRecipe(NetConfig(16, tied=True), lr=1.0, sizes=(5,))
    assert with_values(SMALL.presets["gpu"], json.loads(json.dumps(flat))) == SmallRecipe()


def test_the_string_below_a_field_is_its_help_also_an_inherited_one():
    @dataclass(frozen=True)
    class Wider(NetConfig):
        depth: int = 1
        """Layers."""

    assert attribute_docs(SmallRecipe)["lr"] == "Learning rate of the first round; it falls in a straight line."
    assert attribute_docs(Wider) == {"width": "Units of the hidden layer.", "depth": "Layers.",
                                     "tied": "Whether the decoder is the encoder's transpose."}


def test_help_shows_settings_with_help_and_the_defaults_of_the_preset(aigc_train, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    def shown(*arguments: str) -> str:
        aigc_train(*arguments, "--help", quick=False)
        return " ".join(capsys.readouterr().out.replace("│", " ").split())

    laptop, gpu = shown(), shown("--preset", "gpu")
    assert "--net.width INT Units of the hidden layer. [default: 8]" in laptop
    assert "--net.width INT Units of the hidden layer. [default: 32]" in gpu
    assert "--steps INT Rounds of training. [default: 40]" in laptop and "[default: 80]" in gpu
    assert "made: random rows" in laptop and "--precision auto|fp32|bf16|fp16" in laptop
    assert "--net.tied, --net.no-tied" in gpu, "what a preset switches on can be switched off"


def test_a_setting_cannot_hide_an_option_of_every_family():
    @dataclass(frozen=True)
    class Clash:
        steps: int = 1
        seed: int = 0
        device: str = "x"

    with pytest.raises(ValueError, match="device"):
        command(replace(SMALL, presets={"laptop": Clash(), "gpu": Clash()}), "laptop")


def test_a_list_of_the_families_imports_none_of_them_nor_torch():
    code = ("import sys; from aigc_course.cli import main\n"
            "try: main(['train'])\n"
            "finally: print(sorted({'torch', 'numpy', 'aigc_course.runs.job'} & sys.modules.keys()))")
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    *shown, imported = listed.stdout.splitlines()
    assert listed.returncode == 0 and imported == "[]", listed.stderr
    assert all(any(line.split()[:1] == [name] for line in shown) for name in FAMILIES)


@pytest.mark.slow
def test_every_setting_of_every_family_has_help_and_both_presets_have_it():
    assert not [one.path for one in settings(Options(data="made")) if not one.help]
    for name in FAMILIES:
        found = family(name)
        for preset in found.presets.values():
            assert not [one.path for one in settings(preset) if not one.help], name
            assert values(preset).keys() == values(next(iter(found.presets.values()))).keys(), name
        assert all(command(found, preset).format_help() for preset in found.presets)


@pytest.mark.slow
def test_a_real_family_from_the_program_itself(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("AIGC_STATIC", "1")
    with pytest.raises(SystemExit) as end:
        main(["train", "gan", "--data", "ring", "--steps", "3", *QUICK, "--out", str(tmp_path / "run")])
    assert end.value.code in (0, None) and (tmp_path / "run/samples/0000003.png").exists()
    with pytest.raises(SystemExit) as end:
        main(["train", "gan", "--resum", "--out", str(tmp_path / "run")])
    assert "arguments: --resum" in end.value.code and end.value.code.endswith("See `aigc train gan --help`.")


def test_what_trying_chose_is_kept_for_the_rest_of_the_run(aigc_train, tmp_path, monkeypatch):
    found = Policy(Choice(1, "bf16"), {Choice(2, "fp32"): 1.0, Choice(1, "bf16"): 0.5})
    monkeypatch.setattr(engine, "choose_policy", lambda *_, **__: found)
    monkeypatch.setenv("SMALL_STOPS_AT", "11")
    aigc_train("--out", tmp_path / "run", quick=False)
    options_ = Folder(tmp_path / "run").asked().options
    assert (options_["threads"], options_["precision"], options_["device"]) == (1, "bf16", "cpu")
    monkeypatch.setattr(engine, "choose_policy", None)
    assert aigc_train("--out", tmp_path / "run", "--resume", quick=False) == ""
    assert [one["dtype"] for one in json.loads((tmp_path / "run/versions.json").read_text())] == ["bfloat16"] * 2
    assert "was started with --precision bf16" in aigc_train("--out", tmp_path / "run", "--resume")


# --- the folder -------------------------------------------------------------------------------------------------------


def test_everything_is_in_the_folder(aigc_train, tmp_path):
    folder = tmp_path / "deep" / "run"
    assert aigc_train("--out", folder, "--net.width", 12, "--seed", 3, "--makes", "texts") == ""
    asked = json.loads((folder / "config.json").read_text("utf-8"))
    assert asked["family"] == "small" and asked["preset"] == "laptop"
    assert asked["config"]["net.width"] == 12 and asked["config"]["seed"] == 3 and asked["options"]["data"] == "made"
    assert asked["options"]["device"] == "cpu" and asked["options"]["precision"] == "fp32", "auto is replaced"
    (where,) = json.loads((folder / "versions.json").read_text("utf-8"))
    assert where["torch"] == torch.__version__ and where["seed"] == 3 and where["threads"] == 1
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text("utf-8").splitlines()]
    assert [line["step"] for line in lines] == [10, 20, 30, 40]
    assert lines[0]["small/lr"] == pytest.approx(1e-2 * (1 - 9 / 40)) and lines[0]["rows per second"] > 0
    assert sorted(path.name for path in (folder / "samples").iterdir()) == ["0000000.txt", "0000040.txt"]
    assert (folder / "weights/small.safetensors").is_file()
    card = (folder / "card.md").read_text("utf-8")
    for text_ in ("# A small autoencoder for tests", "error (0 to 1)", "| `net.width` | 12 |", torch.__version__,
                  "| parameters of `small` |", "| `weights/small.safetensors` |",
                  (folder / "samples/0000040.txt").read_text("utf-8").rstrip()):
        assert text_ in card
    assert not list(folder.rglob("*.tmp"))


@pytest.mark.parametrize("makes", ["images", "points"])
def test_samples_are_pictures(aigc_train, tmp_path, makes):
    from PIL import Image
    aigc_train("--out", tmp_path / "run", "--makes", makes, "--sample-every", 20)
    first, *_, last = sorted((tmp_path / "run/samples").glob("*.png"))
    assert last.name == "0000040.png" and Image.open(last).size == (480, 480) or makes == "images"
    assert Image.open(last).width >= 480 and first.read_bytes() != last.read_bytes()


def test_without_out_the_run_has_a_folder_of_its_own(aigc_train, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    aigc_train("--steps", 2)
    (folder,) = (tmp_path / "runs").iterdir()
    assert folder.name.startswith("small-") and (folder / "card.md").exists()


def test_switched_off_and_changed_settings_arrive(aigc_train, tmp_path):
    aigc_train("--out", tmp_path / "run", "--preset", "gpu", "--net.no-tied", "--steps", 5, "--sizes", "9,8")
    asked = Folder(tmp_path / "run").asked()
    assert asked.config["net.tied"] is False and asked.config["net.width"] == 32 and asked.config["sizes"] == [9, 8]


# --- what goes wrong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["--net.widht", "3"], "Unrecognized arguments: --net.widht"),
    (["--steps", "many"], "'many' is no whole number"),
    (["--precision", "fp8"], "'fp8' is not one of auto, fp32, bf16, fp16"),
    (["--preset", "phone"], "'phone' is not one of laptop, gpu"),
    (["--accumulate", "0"], "0 is out of range: give a whole number from 1 up to 1,000,000"),
    (["--data", "nothing.txt"], "small knows no 'nothing.txt': choose one of made, other"),
    (["--resume"], "holds no run"),
    (["--steps"], "--steps"),
])
def test_bad_options_are_one_sentence_and_leave_no_folder(aigc_train, tmp_path, arguments, sentence):
    said = aigc_train("--out", tmp_path / "run", *arguments)
    assert sentence in said and "\n" not in said
    assert not (tmp_path / "run").exists()


def test_an_unknown_family_is_one_sentence(aigc_train):
    with pytest.raises(SystemExit) as end:
        main(["train", "smal"])
    assert end.value.code == "There is no recipe 'smal': choose one of small."


@pytest.fixture
def begun(aigc_train, tmp_path):
    """A run of 40 rounds that was stopped after 30."""
    os.environ["SMALL_STOPS_AT"] = "29"
    aigc_train("--out", tmp_path / "run")
    del os.environ["SMALL_STOPS_AT"]
    return tmp_path / "run"


def contents(folder) -> dict:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("arguments", "sentence"), [
    ([], "already holds a run: add --resume"),
    (["--resume", "--lr", "1"], "was started with --lr 0.01"),
    (["--resume", "--steps", "80"], "was started with --steps 40"),
    (["--resume", "--preset", "gpu"], "was started with --preset laptop"),
    (["--resume", "--data", "other"], "was started with --data made"),
    (["--resume", "--accumulate", "2"], "was started with --accumulate 1"),
    (["--resume", "--net.tied"], "was started with --net.tied False"),
])
def test_a_run_is_not_mixed_with_another(aigc_train, begun, arguments, sentence):
    before = contents(begun)
    said = aigc_train("--out", begun, *arguments)
    assert sentence in said and "\n" not in said
    assert contents(begun) == before


def test_the_same_settings_may_be_repeated_and_cadence_changed(aigc_train, begun):
    assert aigc_train("--out", begun, "--resume", "--lr", "0.01", "--sample-every", "5") == ""
    assert (begun / "samples/0000035.png").exists()


def test_another_family_cannot_resume_it(aigc_train, begun):
    asked = json.loads((begun / "config.json").read_text("utf-8"))
    (begun / "config.json").write_text(json.dumps(asked | {"family": "gpt"}))
    assert "holds a run of gpt, not of small: resume it with `aigc train gpt`" in aigc_train("--out", begun, "--resume")


@pytest.mark.parametrize(("name", "content"), [("config.json", b"{"), ("config.json", b"[]"), ("config.json", b"{}"),
                                               ("checkpoint.pt", b"PK"), ("versions.json", b"[{")])
def test_a_damaged_file_is_named(aigc_train, begun, name, content):
    (begun / name).write_bytes(content)
    said = aigc_train("--out", begun, "--resume")
    assert str(begun / name) in said and "damaged" in said
    assert (begun / name).read_bytes() == content


def test_resume_without_a_folder(aigc_train):
    assert aigc_train("--resume") == "--resume needs the folder of the run: name it with --out."


def test_a_folder_with_other_things_is_not_touched(aigc_train, tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    assert "already holds other files" in aigc_train("--out", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(aigc_train, tmp_path):
    (tmp_path / "file").write_text("precious")
    assert "cannot be used as the folder of a run" in aigc_train("--out", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "precious"


def test_a_diverged_run_ends_with_a_sentence_and_keeps_its_last_good_checkpoint(aigc_train, tmp_path):
    said = aigc_train("--out", tmp_path / "run", "--lr", "1e30", "--save-every", 1)
    found = re.match("The loss of 'small' is no number any more after round (\\d+)", said)
    assert found and "smaller --lr" in said
    assert torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)["step"] == int(found[1]) - 1


@pytest.fixture
def full_disk():
    """No file may grow beyond some bytes, which fails as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(bytes: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("bytes", [100, 700, 3000, 10_000])
def test_a_full_disk_is_one_sentence_and_loses_nothing(aigc_train, begun, full_disk, bytes):
    """The log, a picture and the checkpoint fail one after the other."""
    before = (begun / "checkpoint.pt").read_bytes()
    assert len(before) > 10_000
    full_disk(bytes)
    said = aigc_train("--out", begun, "--resume", "--log-every", 1, "--sample-every", 1, "--save-every", 1)
    full_disk(resource.RLIM_INFINITY)
    assert "could not be written" in said and "\n" not in said and f"--out {begun} --resume" in said
    assert (begun / "checkpoint.pt").read_bytes() == before and not list(begun.rglob("*.tmp"))
    assert aigc_train("--out", begun, "--resume") == ""
    assert (begun / "card.md").exists()


def test_a_second_ctrl_c_does_not_wait(aigc_train, tmp_path, monkeypatch):
    monkeypatch.setenv("SMALL_ENDS_AT", "7")
    said = aigc_train("--out", tmp_path / "run", "--save-every", 5)
    assert said.startswith("Stopped at once; the last checkpoint is kept. Go on with: ")
    assert torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)["step"] == 5


def test_what_is_said_of_a_checkpoint_that_is_not_there(aigc_train, tmp_path, monkeypatch):
    """Ctrl-C twice before the first one was saved."""
    def interrupted(folder, run):
        raise KeyboardInterrupt

    monkeypatch.setattr(Folder, "save", interrupted)
    said = aigc_train("--out", tmp_path / "run")
    assert said.startswith("Stopped at once; there was no checkpoint yet. Go on with: ")
    monkeypatch.undo()


def test_runs_that_begin_in_one_second_have_folders_of_their_own(aigc_train, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(engine.time, "strftime", lambda _: "20260131-235959")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: engine.fresh_folder("small"), range(24)))
    assert len(set(found)) == 24 and all(path.is_dir() for path in found)
    assert "no 'nowhere'" in aigc_train("--data", "nowhere", "--steps", 1)
    assert len(list((tmp_path / "runs").iterdir())) == 24, "a run that was refused leaves no folder"
    assert aigc_train("--steps", 1) == "" and (tmp_path / "runs/small-20260131-235959-25/card.md").exists()


def test_one_process_at_a_time_works_on_a_run(aigc_train, begun, tmp_path):
    before = {path: path.read_bytes() for path in begun.iterdir() if path.is_file()}
    with Folder(begun).held():
        said = aigc_train("--out", begun, "--resume")
        assert said == f"Another process is working on the run in {begun}: wait until it has ended, or stop it."
    assert {path: path.read_bytes() for path in begun.iterdir() if path.is_file()} == before
    (begun / LOCK).touch()                                        # as a killed process leaves it
    assert aigc_train("--out", begun, "--resume") == "" and not (begun / LOCK).exists()


def test_when_the_disk_fills_up_the_rounds_so_far_are_saved(aigc_train, begun, monkeypatch):
    scalars = Trace.scalars

    def full(trace: Trace, line: dict) -> None:
        assert (begun / "reserve.tmp").stat().st_size > (begun / "checkpoint.pt").stat().st_size
        if line["step"] == 33:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        scalars(trace, line)

    monkeypatch.setattr(Trace, "scalars", full)
    assert "No space left" in aigc_train("--out", begun, "--resume", "--log-every", 1, "--save-every", 2)
    assert torch.load(begun / "checkpoint.pt", weights_only=True)["step"] == 33


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can make a small disk")
def test_a_really_full_disk(aigc_train, tmp_path):
    """A disk on which something else takes the last byte while the run goes on."""
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", tmp_path]
    made = subprocess.run(command, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"no small disk here: {made.stderr.strip()}")
    try:
        os.environ["SMALL_FILLS"] = f"{tmp_path / 'other'} 17"
        said = aigc_train("--out", tmp_path / "run", "--sample-every", 1, "--log-every", 1)
        assert "No space left" in said and "\n" not in said
        reached = torch.load(tmp_path / "run/checkpoint.pt", weights_only=True)["step"]
        assert 17 < reached < 40
        del os.environ["SMALL_FILLS"]
        (tmp_path / "other").unlink()
        assert aigc_train("--out", tmp_path / "run", "--resume") == ""
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_disk_that_is_too_small_is_found_out_before_the_first_round(aigc_train, tmp_path, full_disk, monkeypatch):
    monkeypatch.setenv("SMALL_DIES_AT", "0")
    full_disk(5000)
    assert "checkpoint.pt could not be written" in aigc_train("--out", tmp_path / "run")


def test_a_config_from_another_version_is_named(begun):
    asked = json.loads((begun / "config.json").read_text("utf-8"))
    (begun / "config.json").write_text(json.dumps({"family": "small"}))
    with pytest.raises(CourseError, match="damaged"):
        Folder(begun).asked()
    assert asked["family"] == "small"


@pytest.mark.parametrize(("change", "sentence"), [
    ({"config": {"net.depth": 3}}, "has --net.depth, unlike version"), ({"options": {"speed": 1}}, "has --speed"),
    ({"config": {"lr": None}}, "lacks --lr, unlike version"), ({"options": {"tf32": None}}, "lacks --tf32"),
    ({"config": {"steps": 0}}, "--steps: 0 is out of range"), ({"config": {"net.tied": "yes"}}, "'yes' is no True or"),
    ({"config": {"lr": float("nan")}}, "'nan' is no number"), ({"config": {"sizes": "x"}}, "'x' is no whole number"),
    ({"preset": "phone"}, "small knows no 'phone': choose one of laptop, gpu"), ({"options": {"data": "x"}}, "no 'x'"),
    ({"config": 3}, "is damaged")])
def test_a_setting_that_one_version_lacks_is_named_with_the_version(aigc_train, begun, change, sentence):
    """None takes a setting away. What another version began is no traceback, nor run with the defaults of today."""
    asked = json.loads((begun / "config.json").read_text("utf-8"))
    for part, value in change.items():
        asked[part] = value if not isinstance(value, dict) else {
            name: one for name, one in (asked[part] | value).items() if value.get(name, one) is not None or one is None
            and name not in value}
    (begun / "config.json").write_text(json.dumps(asked))
    before = contents(begun)
    said = aigc_train("--out", begun, "--resume", quick=False)
    assert sentence in said and "\n" not in said and contents(begun) == before
    if "unlike" in said:
        (where,) = json.loads((begun / "versions.json").read_text("utf-8"))
        assert f"version {where['course']}, commit {where['commit']}" in said and str(begun / "config.json") in said
