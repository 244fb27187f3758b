"""The log and the samples of a run as TensorBoard's event files: `tensorboard --logdir FOLDER`.

torch's `SummaryWriter` writes in a thread of its own: an error there, such as a full disk, never reaches the run. Here
every event is written by the one who reports it, with the same protocol buffers.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np

# protobuf makes these classes while the modules are imported, where no checker looks
from tensorboard.compat.proto.event_pb2 import Event, SessionLog  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.compat.proto.summary_pb2 import Summary  # pyright: ignore[reportAttributeAccessIssue]
from tensorboard.summary.writer.record_writer import RecordWriter
from torch.utils.tensorboard import summary


class Events:
    """One event file; a run that goes on adds another one to the folder.

    first: the first round of this file. What earlier files say of it and of later ones comes again, and TensorBoard is
    told to leave it out.
    """

    def __init__(self, folder: Path, first: int = 0):
        now = time.time()
        # TensorBoard reads the files of a folder in the order of their names
        self.path = folder / f"events.out.tfevents.{now:017.6f}.{socket.gethostname()}"
        self.writer = RecordWriter(open(self.path, "xb"))  # noqa: SIM115, closed in __exit__
        self._add(file_version="brain.Event:2")
        self._add(first, session_log=SessionLog(status=SessionLog.START))

    def scalars(self, step: int, values: Mapping[str, float]) -> None:
        """One curve for each name."""
        for name, value in values.items():
            self._add(step, summary=summary.scalar(name, value))

    def image(self, step: int, name: str, pixels: np.ndarray) -> None:
        """A picture, (height, width, 3) bytes."""
        self._add(step, summary=summary.image(name, pixels, dataformats="HWC"))

    def texts(self, step: int, name: str, texts: Sequence[str]) -> None:
        """Texts, each set as it is."""
        blocks = ("\n".join("    " + line for line in text.splitlines()) for text in texts)
        self._add(step, summary=summary.text(name, "\n\n---\n\n".join(blocks)))

    def flush(self) -> None:
        self.writer.flush()

    def __enter__(self) -> Events:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.writer.close()

    def _add(self, step: int = 0, summary: Summary | None = None, **fields) -> None:
        event = Event(wall_time=time.time(), step=step, summary=summary, **fields)
        self.writer.write(event.SerializeToString())


def is_event_file(path: Path) -> bool:
    return "tfevents" in path.name
