"""Being told to stop, between two pieces of work: a signal only sets a flag, and whoever works in a loop asks for it."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_told = threading.Event()


def listen(*numbers: signal.Signals) -> None:
    """From now on these signals set the flag of this process."""
    for number in numbers or (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _hear)


def wanted() -> bool:
    """Whether this process has been told to stop."""
    return _told.is_set()


def wait(seconds: float) -> bool:
    """Sleep, but not on after being told; whether it was told."""
    return _told.wait(seconds)


def _hear(_number: int, _frame: FrameType | None) -> None:
    _told.set()
