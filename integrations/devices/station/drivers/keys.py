"""A scanner that is a keyboard to Linux (keyboard wedge): its keys are taken from `/dev/input/…` and reach nothing else."""

from __future__ import annotations

import fcntl
import os
import select
import struct
from contextlib import suppress

from integrations.devices.station.drivers.base import DriverProblem
from integrations.devices.station.drivers.ports import MOMENT

EVENT = struct.Struct("llHHi")  # struct input_event: time, type, code, value
EV_KEY, PRESSED = 1, 1
GRAB = 0x40044590  # EVIOCGRAB
SHIFTS = frozenset({42, 54})
PLAIN = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    **dict(zip(range(16, 26), "qwertyuiop", strict=True)),
    **dict(zip(range(30, 39), "asdfghjkl", strict=True)),
    **dict(zip(range(44, 51), "zxcvbnm", strict=True)),
    **dict(zip(range(71, 74), "789", strict=True)),
    **dict(zip(range(75, 78), "456", strict=True)),
    **dict(zip(range(79, 83), "1230", strict=True)),
    12: "-", 13: "=", 39: ";", 51: ",", 52: ".", 53: "/", 57: " ", 78: "+", 28: "\n", 96: "\n", 15: "\n",
}  # fmt: skip
SHIFTED = {"7": "&", "/": "?", ";": ":", "=": "+", "-": "_", "5": "%", "3": "#"}


class Keyboard:
    """A port that gives the letters of the keys pressed, by the US layout that scanners come with."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._file: int | None = None
        self._shift = False

    def open(self) -> None:
        """Take the keyboard for ourselves."""
        self._file = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK)
        with suppress(OSError):  # a pipe in place of a keyboard
            fcntl.ioctl(self._file, GRAB, 1)

    def take(self) -> bytes:
        """The letters that were typed within a moment."""
        if self._file is None:
            raise DriverProblem("not connected")
        ready, _, _ = select.select([self._file], [], [], MOMENT)
        if not ready:
            return b""
        raw = os.read(self._file, EVENT.size * 64)
        if not raw:
            raise DriverProblem("the scanner was unplugged")
        whole = len(raw) - len(raw) % EVENT.size
        return "".join(
            self._letter(*EVENT.unpack_from(raw, at)[2:]) for at in range(0, whole, EVENT.size)
        ).encode()

    def _letter(self, kind: int, code: int, value: int) -> str:
        if kind != EV_KEY:
            return ""
        if code in SHIFTS:
            self._shift = value != 0
            return ""
        letter = PLAIN.get(code, "") if value == PRESSED else ""
        return (SHIFTED.get(letter) or letter.upper()) if self._shift else letter

    def close(self) -> None:
        """Give it back."""
        if self._file is not None:
            os.close(self._file)
        self._file = None
