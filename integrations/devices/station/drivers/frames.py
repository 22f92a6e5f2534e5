"""Bytes from an XK3190 indicator → readings. What is torn, garbled or of another kind is passed over, never guessed.

| format | frame | source |
|---|---|---|
| `tf0` | `02 ± dddddd n XX 03`: 12 bytes, n decimals, XX the XOR of bytes 2 to 9; no unit, rest or overload | manuals of A9+, A26 |
| `a12e` | `WG004.139kg3D CR LF`: 15 bytes, XX the XOR of bytes 1 to 11; `OL` overload, `LO` far below zero | manual of A12(E) |
| `ascii` | `ww004.139kg LF`: no check | seen in programs of others |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import reduce
from operator import xor

from integrations.devices.station.words import Why

Reading = int | Why  # grams, or why there are none
START, END = 0x02, 0x03
LONGEST = 4096  # bytes kept while looking for a frame
_TF0 = re.compile(rb"[+-][0-9]{6}[0-4]")
_A12E = re.compile(rb"W([GN])(-[0-9. ]{6}|[0-9. ]{7})(kg|lb)")
_ASCII = re.compile(rb"[wW]([wWgGnNtT])(-?[0-9]{1,6}(?:\.[0-9]{0,4})?) ?(kg|lb|g|t)")
_NUMBER = re.compile(rb"(-?)([0-9]{1,6})(?:\.([0-9]{0,4}))?")


def check_of(content: bytes) -> bytes:
    """The two signs that follow: the XOR of the content, as hex digits."""
    return b"%02X" % reduce(xor, content, 0)


def tf0(buffer: bytearray) -> Iterator[Reading]:
    """Take every whole frame out of the buffer, and what can't become one."""
    while (begin := buffer.find(START)) >= 0:
        del buffer[:begin]
        if len(buffer) < 12:
            return
        content = bytes(buffer[1:9])
        if buffer[11] == END and _TF0.fullmatch(content) and bytes(buffer[9:11]) == check_of(content):
            del buffer[:12]
            yield _grams(content[:1] == b"-", content[1:7], content[7] - 0x30)
        else:
            del buffer[:1]
    buffer.clear()


def a12e(buffer: bytearray) -> Iterator[Reading]:
    """Take every whole frame out of the buffer."""
    for line in _lines(buffer):
        content, check = line[:11], line[11:]
        if len(line) != 13 or check != check_of(content):
            continue
        if content == b" " * 9 + b"OL":
            yield Why.SCALE_OVERLOAD
        elif content == b" " * 9 + b"LO":
            yield Why.SCALE_NEGATIVE
        elif found := _A12E.fullmatch(content):
            yield from _shown(found[1], found[2].strip(), found[3])


def plain(buffer: bytearray) -> Iterator[Reading]:
    """Take every whole line out of the buffer."""
    for line in _lines(buffer):
        if found := _ASCII.fullmatch(line.strip()):
            yield from _shown(found[1], found[2], found[3])


FORMATS = {"tf0": tf0, "a12e": a12e, "ascii": plain}


class Frames:
    """A stream of bytes in pieces of any size."""

    def __init__(self, form: str) -> None:
        self._take, self._buffer = FORMATS[form], bytearray()

    def feed(self, piece: bytes) -> list[Reading]:
        """The readings that are whole now."""
        self._buffer += piece
        found = list(self._take(self._buffer))
        if len(self._buffer) > LONGEST:
            del self._buffer[:-64]
        return found


def _lines(buffer: bytearray) -> Iterator[bytes]:
    while (end := buffer.find(b"\n")) >= 0:
        line = bytes(buffer[:end]).removesuffix(b"\r")
        del buffer[: end + 1]
        yield line


def _shown(what: bytes, number: bytes, unit: bytes) -> Iterator[Reading]:
    if what in b"tT":
        return
    found = _NUMBER.fullmatch(number)
    if unit != b"kg":
        yield Why.SCALE_UNIT
    elif what in b"nN":
        yield Why.SCALE_NET
    elif found:
        decimals = found[3] or b""
        yield _grams(found[1] == b"-", found[2] + decimals, len(decimals))


def _grams(negative: bool, digits: bytes, decimals: int) -> int:
    grams: int = round(int(digits) * 1000 / 10**decimals)
    return -grams if negative else grams
