"""Everything that must hold, stage by stage: one that fails hides no other, and the end names all that failed.

    python tools/stages.py              all of them: what `make test` runs
    python tools/stages.py unit types   these
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTEST = ["-m", "pytest"]
UNIT = ["tests", "--ignore=tests/browser"]
STAGES = {
    "style": ["-m", "ruff", "check"],
    "types": ["-m", "basedpyright", "--pythonpath", sys.executable],
    "unit": [*PYTEST, "-n", "2", "-m", "not soak and not browser", *UNIT],
    "notebooks": [*PYTEST, "-n", "2", "--nbval", "--nbval-current-env", "notebooks/zh"],
    "mutants": ["-m", "tests.mutants", "--changed"],
    "browser": [*PYTEST, "-m", "not soak", "tests/browser"],
}
"""Name -> what follows `python`."""


def run(name: str) -> bool:
    """Whether the stage is green; says how long it took."""
    print(f"\n=== {name}: python {' '.join(STAGES[name])}", flush=True)
    begun = time.monotonic()
    # One thread for each of two processes is about three times faster than two threads each on two shared cores.
    status = subprocess.run([sys.executable, *STAGES[name]], cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"})
    outcome = "failed" if status.returncode else "passed"
    print(f"=== {name} {outcome} after {time.monotonic() - begun:.0f} s", flush=True)
    return status.returncode == 0


def main(names: list[str]) -> str | None:
    """Run the stages of these names, or all; the sentence with which the program fails, or None."""
    if unknown := [name for name in names if name not in STAGES]:
        return f"There is no stage {unknown[0]}: choose among {', '.join(STAGES)}."
    chosen = names or list(STAGES)
    failed = [name for name in chosen if not run(name)]
    again = f'`make test only="{" ".join(failed)}"` runs them again.'
    return f"\nFailed: {', '.join(failed)}. {again}" if failed else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
