"""benchmarks/gpu.py where there is no card: every line of it in miniature, and what it says and leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gpu.py"
PARTS = ("peak", "gpt", "pictures", "resume", "fp16", "decoding")
TABLE = SCRIPT.parent / "results" / "gpu.md"


@pytest.mark.slow
def test_all_of_it_in_miniature():
    before = TABLE.read_bytes()
    done = subprocess.run([sys.executable, str(SCRIPT), "--tiny"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    answers = {line.split()[0]: line.split("  ", 1)[1] for line in done.stdout.splitlines() if "  " in line}
    assert tuple(answers) == PARTS
    assert answers["resume"] == "yes"
    assert answers["fp16"].startswith("all finite")
    assert "failed" not in done.stdout
    assert TABLE.read_bytes() == before


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(str(SCRIPT.parent))


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a card")
def test_without_a_card_the_column_stays_empty_and_a_filled_one_untouched(scripts, monkeypatch, capsys, tmp_path):
    import gpu as script

    monkeypatch.setattr(sys, "argv", ["gpu.py", "--out", str(tmp_path)])
    script.main()
    assert "no CUDA card" in capsys.readouterr().out
    rows = [line.split(" | ") for line in (tmp_path / "gpu.md").read_text("utf-8").splitlines() if " | " in line][2:]
    assert [row[0] for row in rows] == [f"| {part}" for part in PARTS] and {row[2] for row in rows} == {"not measured"}
    (tmp_path / "gpu.md").write_text("from a card")
    script.main()
    assert (tmp_path / "gpu.md").read_text() == "from a card"


def test_a_part_that_fails_is_a_row(scripts, monkeypatch):
    import gpu as script

    def work(sizes, compute):
        yield "first", "1"
        raise RuntimeError("out of | memory\nand more")

    monkeypatch.setitem(script.PARTS, "peak", script.Part("?", "", work))
    assert script.measured("peak", tiny=True) == [("first", "1"), ("", "FAILED: RuntimeError: out of / memory")]


@pytest.mark.slow
def test_operations_of_a_training_step(scripts):
    """Against every product counted: 2 · m · n · k forward, twice that backward."""
    import gpu_parts
    from torch.utils.flop_counter import FlopCounterMode

    from aigc_course.models.text.gpt import GPT, GPTConfig, gpt_turns

    config = GPTConfig(vocab=48, context=64, width=32, layers=3, heads=4, dropout=0.0)
    net = GPT(config)
    tokens = torch.randint(4, config.vocab, (2, config.context + 1))
    for module in net.modules():
        module.how = "plain"                                     # so that its products are seen one by one
    with FlopCounterMode(display=False) as counted:
        (turn,) = gpt_turns({"gpt": net}, (tokens,), 0)
        turn.loss.backward()
    causal, full = gpu_parts.flops_per_token(config, sum(p.numel() for p in net.parameters()))
    vectors = sum(p.numel() for p in net.parameters() if p.ndim < 2)                  # in N, but in no product
    assert counted.get_total_flops() / (2 * config.context) == pytest.approx(full - 6 * vectors)
    assert full - causal == 6 * config.layers * config.context * config.width
