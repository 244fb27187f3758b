"""The kernel that authoring and tests share: same interpreter, one thread, no network, no user settings."""

import os
from pathlib import Path

from aigc_course.authoring.environments import PLAIN, Environment
from aigc_course.authoring.recording import COMPARE, NOTEBOOK, WRITE

CPU_BUDGET_S = 90
CELL_TIMEOUT_S = 3 * CPU_BUDGET_S   # a fuse for hung cells, not a measure: a busy machine may be slow

# Set in the learner's shell, these would change what a notebook shows.
PERSONAL = ("AIGC_LANG", "AIGC_DATA_MIRROR", "JPY_SESSION_NAME", "PYTHONSTARTUP", "MPLBACKEND", "TQDM_DISABLE",
            WRITE, COMPARE, NOTEBOOK)

GUARD = '''\
"""Refuses the network: what runs here must run on an aeroplane."""
import ipaddress
import socket

def _loopback(host):
    try:
        return host in ("localhost", "") or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

def _guarded(method):
    def connect(self, address, *rest):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _loopback(address[0]):
            raise OSError(f"This notebook may not use the network, but asked for {address[0]}.")
        return method(self, address, *rest)
    return connect

def _resolve(host, *rest, _resolve=socket.getaddrinfo, **options):
    if host is not None and not _loopback(host if isinstance(host, str) else host.decode()):
        raise OSError(f"This notebook may not use the network, but asked for {host}.")
    return _resolve(host, *rest, **options)

socket.socket.connect = _guarded(socket.socket.connect)
socket.socket.connect_ex = _guarded(socket.socket.connect_ex)
socket.getaddrinfo = _resolve
del _guarded, _resolve
'''


def environment(scratch: Path, name: str, arithmetic: Environment = PLAIN, startup: str = "",
                **recording: str) -> dict[str, str]:
    """The environment variables of a notebook's kernel.

    scratch: an empty folder that lives as long as the kernel. name: the notebook's. arithmetic: how it computes.
    startup: Python to run before the first cell. recording: WRITE or COMPARE of `recording`, with its file.
    """
    profile = scratch / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True, exist_ok=True)
    for file, source in (("00-no-network.py", GUARD), ("10-arithmetic.py", arithmetic.startup),
                         ("20-more.py", startup)):
        if source:
            (profile / file).write_text(source, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key not in PERSONAL}
    if "ATEN_CPU_CAPABILITY" in arithmetic.variables:
        # torch.compile's cache does not ask for what vectors its code was written: of code for 16 numbers at a time, 8
        # at a time compute every other half.
        kept["TORCHINDUCTOR_CACHE_DIR"] = str(scratch / "inductor")
    return kept | {
        "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0", "AIGC_OFFLINE": "1", "AIGC_STATIC": "1",
        "IPYTHONDIR": str(scratch / "ipython"), "AIGC_PROGRESS": str(scratch / "progress.jsonl"),
        NOTEBOOK: name, **recording, **arithmetic.variables}
