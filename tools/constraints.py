"""Write constraints.txt: one tested version of every package, for Python 3.11-3.13 on all systems, no addresses.

Left out are torch and torchvision, which pyproject.toml gives as ranges (each system has its own newest build),
and what only torch asks for.
"""

import re
import subprocess
import sys
from pathlib import Path

from aigc_course.files import write_whole

ROOT = Path(__file__).resolve().parent.parent
# torch's own companions: their versions belong to the torch that is chosen on each system.
TORCHS = re.compile(r"^(torch|torchvision|triton|setuptools|nvidia-[\w-]+|cuda-[\w-]+)==")
HEAD = "# Tested versions; made by `make constraints`. torch and torchvision are left to pyproject.toml.\n"


def main() -> None:
    """Resolve all extras for every supported Python and system at once, and write what is not torch's."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    command += ["--all-extras", "--no-header", "--no-annotate", "--upgrade", "pyproject.toml"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    write_whole(ROOT / "constraints.txt", HEAD + "".join(line + "\n" for line in lines if not TORCHS.match(line)))


if __name__ == "__main__":
    main()
