"""The command line on terminals that cannot show Chinese or ticks, and with names that look like markup."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
@pytest.mark.parametrize("command", [["data", "list"], ["progress"], ["train", "lstm", "--help"]])
def test_what_cannot_be_shown_is_replaced(tmp_path, encoding, command):
    settings = {"PYTHONIOENCODING": encoding, "AIGC_PROGRESS": str(tmp_path / "progress.jsonl")}
    done = subprocess.run([sys.executable, "-m", "aigc_course.cli", *command], env=os.environ | settings,
                          capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode(encoding, "replace")
    said = done.stdout.decode(encoding)
    assert len(said.splitlines()) > 10 and (encoding == "gbk" or "?" in said)
