"""Each fault that the doctor knows, made up: one sentence, one remedy, and an error only where nothing else helps."""

import re
from types import SimpleNamespace

import pytest

from aigc_course.cli import doctor as command
from aigc_course.cli import main
from aigc_course.lab import doctor

PAIR = ("pip", "install", "torch>=2.11")


@pytest.fixture
def mirror(tmp_path):
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist/images").write_text("x")
    return tmp_path


def found(tmp_path):
    """Every fault, with the state it must have."""
    return [
        (doctor.check_python((3, 10)), "error", "too old"),
        (doctor.check_python((3, 14)), "error", "too new"),
        (doctor.check_torch("", "0.26.0", "", "", PAIR), "error", "torch is not installed"),
        (doctor.check_torch("2.15.0", "", "", "", PAIR), "error", "torchvision is not installed"),
        (doctor.check_torch("2.15.0", "0.27.0", "torch==2.12.0", "", PAIR), "error", "built for torch==2.12.0"),
        (doctor.check_torch("2.15.0", "0.29.2", "", "libcudart: not found", PAIR), "error", "does not work: libcudart"),
        (doctor.check_device("CPU"), "note", "the CPU is used"),
        (doctor.check_space(1_000_000_000, tmp_path), "error", "Only 1.0 GB"),
        (doctor.check_font(["DejaVuSans", "LiberationMono"], False), "note", "boxes"),
        (doctor.check_mirror("", {}), "note", "No local mirror"),
        (doctor.check_mirror(str(tmp_path / "unplugged"), {}), "error", "not a folder that can be read"),
        (doctor.check_mirror(str(tmp_path), {"mnist": ["images", "labels"]}), "note", "mnist (1 of 2 files)"),
        (doctor.check_lab(False, False, PAIR), "error", "JupyterLab is not installed"),
        (doctor.check_lab(True, False, PAIR), "note", "language pack"),
        (doctor.check_place(None, True), "error", "not the folder of the course"),
        (doctor.check_place(tmp_path, False), "error", "cannot be written"),
    ]


def test_each_fault_is_one_sentence_and_one_remedy(mirror):
    for finding, state, words in found(mirror):
        assert finding.state == state, finding
        assert words in finding.sentence and finding.remedy, finding
        assert len(re.findall(r"\.(?= [A-Z])", finding.sentence)) == 0 and finding.sentence.endswith("."), finding


def test_what_is_well_is_said_in_one_line(mirror):
    well = [
        doctor.check_python((3, 12)),
        doctor.check_torch("2.15.0", "0.29.2", "", "", PAIR),
        doctor.check_device("NVIDIA T4"),
        doctor.check_device("MPS"),
        doctor.check_space(50_000_000_000, mirror),
        doctor.check_font(["NotoSansCJK-Regular"], False),
        doctor.check_mirror(str(mirror), {"mnist": ["images"]}),
        doctor.check_lab(True, True, PAIR),
        doctor.check_place(mirror, True),
    ]
    assert {finding.state for finding in well} == {"ok"} and not any(finding.remedy for finding in well)


def test_only_what_a_command_can_mend_has_one():
    assert doctor.check_torch("2.15.0", "", "", "", PAIR).fix == PAIR
    assert doctor.check_font([], may_install=True).fix[0] == "apt-get" and not doctor.check_font([], False).fix
    assert not doctor.check_mirror("/nowhere/at/all", {}).fix


@pytest.mark.parametrize(
    "torch, requires, unmet",
    [
        ("2.15.0+cu132", ["numpy", "torch==2.15.0", "pillow>=5"], ""),
        ("2.15.0", ["torch>=2.14.0"], ""),
        ("2.15.0", ["torch==2.12.0"], "torch==2.12.0"),
        ("2.13.0", ["torch (>=2.14.0)"], "torch>=2.14.0"),
        ("2.15.0", [], ""),
    ],
)
def test_the_pair_is_judged_by_what_torchvision_asks(torch, requires, unmet):
    assert doctor.unmet_torch(torch, requires) == unmet


@pytest.mark.parametrize("fails", ["import no_such_package", "import os; os._exit(3)"])
def test_a_torch_that_fails_or_kills_its_process_is_told(monkeypatch, fails):
    monkeypatch.setattr(doctor, "PROBE", fails)
    device, trouble = doctor._probe_torch()
    assert device == "CPU" and ("no_such_package" in trouble or "status 3" in trouble)


def diagnosis(monkeypatch, *rounds):
    answers = iter(rounds)
    monkeypatch.setattr(command, "examine", lambda: next(answers))


def test_the_exit_status_tells_errors_from_notes(monkeypatch, capsys, tmp_path):
    diagnosis(monkeypatch, [doctor.check_python((3, 12)), doctor.check_device("CPU")])
    with pytest.raises(SystemExit) as end:
        main(["doctor"])
    assert end.value.code == 0 and "All is well" in capsys.readouterr().out
    diagnosis(monkeypatch, [doctor.check_torch("", "", "", "", PAIR)])
    with pytest.raises(SystemExit) as end:
        main(["doctor"])
    out = capsys.readouterr().out
    assert end.value.code == 1 and "1 problem to solve." in out and "aigc doctor --fix" in out


def test_fix_runs_the_remedy_and_looks_again(monkeypatch, capsys):
    ran = []
    monkeypatch.setattr(command, "subprocess", SimpleNamespace(run=ran.append))
    broken, well = doctor.check_torch("", "", "", "", PAIR), doctor.check_torch("2.15.0", "0.29.2", "", "", PAIR)
    diagnosis(monkeypatch, [broken], [well])
    with pytest.raises(SystemExit) as end:
        main(["doctor", "--fix"])
    assert ran == [PAIR] and end.value.code == 0


@pytest.mark.slow
def test_this_computer_can_run_the_course():
    findings = {finding.what: finding for finding in doctor.examine()}
    assert findings["Python"].state == findings["torch"].state == "ok", findings
