"""Stopping a learner's code that does not end."""

import ctypes
import signal
import threading
from collections.abc import Callable
from typing import Any

LIMIT_S = 10.0
AGAIN_S = 0.5   # code that catches everything is interrupted again


class TookTooLong(BaseException):
    """Not an Exception, so that a learner's `except Exception` lets it pass."""


def limited(call: Callable[[], Any], seconds: float = LIMIT_S) -> Any:
    """`call()`, interrupted after `seconds` of wall clock if it is running Python code then.

    A long call into C (one matrix product) is interrupted when it returns.

    Raises: TookTooLong, or whatever `call` raises.
    """
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return _by_signal(call, seconds)
    return _by_thread(call, seconds)


def _by_signal(call: Callable[[], Any], seconds: float) -> Any:
    def interrupt(signum, frame):
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
    try:
        return call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _by_thread(call: Callable[[], Any], seconds: float) -> Any:
    """For Windows, which has no timer signals, and for kernels that run cells in another thread."""
    outcome = {}

    def work():
        try:
            outcome["value"] = call()
        except BaseException as error:   # handed to the caller below, TookTooLong included
            outcome["error"] = error

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    worker.join(seconds)
    assert worker.ident is not None   # it was started
    for _ in range(20):
        if not worker.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident), ctypes.py_object(TookTooLong))
        worker.join(AGAIN_S)
    if worker.is_alive():
        raise TookTooLong
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]
