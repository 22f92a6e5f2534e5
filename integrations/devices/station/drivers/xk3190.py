"""A Yaohua XK3190 indicator on a serial line, sending continuously. See `frames.py` for what it may send."""

from __future__ import annotations

from collections.abc import Callable

from integrations.devices.station.clocks import steady
from integrations.devices.station.drivers.frames import Frames
from integrations.devices.station.drivers.ports import Port
from integrations.devices.station.drivers.rest import Rest
from integrations.devices.station.seen import Weight
from integrations.devices.station.words import Why


class Xk3190:
    """The newest reading counts; those before it in the same piece only tell whether it rests."""

    def __init__(self, port: Port, form: str, rest: Rest, now: Callable[[], float] = steady) -> None:
        self._port, self._form, self._rest, self._now = port, form, rest, now
        self._frames = Frames(form)

    def connect(self) -> None:
        """Open the port."""
        self._frames = Frames(self._form)
        self._rest.forget()
        self._port.open()

    def read(self) -> Weight | None:
        """The newest weight of what came."""
        found: Weight | None = None
        for reading in self._frames.feed(self._port.take()):
            at = self._now()
            if isinstance(reading, Why):
                self._rest.forget()
                found = Weight(0, stable=False, at=at, flaw=reading)
            else:
                found = Weight(reading, stable=self._rest.feed(reading, at), at=at)
        return found

    def close(self) -> None:
        """Close the port."""
        self._port.close()
