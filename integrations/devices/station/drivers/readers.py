"""Readers that deliver lines: serial barcode scanners, RFID readers on a serial or TCP port, a scanner that types."""

from __future__ import annotations

from collections import deque

from integrations.devices.station.drivers.ports import Port
from integrations.devices.station.drivers.scanned import Lines, tag_of
from integrations.devices.station.seen import Tag


class LineReader:
    """One tag a line from any port."""

    def __init__(self, port: Port, what: str = "auto") -> None:
        self._port, self._what = port, what
        self._lines, self._found = Lines(), deque[Tag]()

    def connect(self) -> None:
        """Open the port."""
        self._lines, self._found = Lines(), deque()
        self._port.open()

    def read(self) -> Tag | None:
        """The next tag, in the order read."""
        if not self._found:
            for line in self._lines.feed(self._port.take()):
                if tag := tag_of(line, self._what):
                    self._found.append(tag)
        return self._found.popleft() if self._found else None

    def close(self) -> None:
        """Close the port."""
        self._port.close()
