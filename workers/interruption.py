"""Ctrl-C and SIGTERM, heard at safe moments only: a signal sets a flag, and `pause` raises where nothing is half done."""

from __future__ import annotations

import signal
import time
from types import FrameType

_heard: list[int] = []
_listening = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopping(BaseException):
    """The person, or the system, asked for the end; not an error."""


def listen() -> None:
    """From now on the stop signals of this process raise Stopping out of the next `pause`."""
    _heard.clear()
    for number in _listening:
        signal.signal(number, _hear)


def ignore() -> None:
    """From now on the stop signals change nothing, because the end is under way."""
    for number in _listening:
        signal.signal(number, signal.SIG_IGN)
    _heard.clear()


def pause(seconds: float) -> None:
    """Sleep; raises Stopping when a stop signal has come since `listen`, before or during the sleep."""
    if not _heard:
        time.sleep(seconds)
    if _heard:
        raise Stopping


def _hear(number: int, _frame: FrameType | None) -> None:
    _heard.append(number)
