"""What the reader and the scale say now. Each is asked in a thread of its own, so that one that hangs doesn't hold up the valve."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import structlog

from integrations.devices.station.clocks import steady
from integrations.devices.station.drivers.base import Scale, TagReader
from integrations.devices.station.seen import Tag, Weight

AGAIN_S = 1.0  # before a lost line is opened again
log = structlog.get_logger("station.sensors")


class Tags:
    """The tag that counts as there. A reader with `presence` must read it again and again; one that scans once is believed."""

    def __init__(self, presence: bool, gone_s: float) -> None:
        self._presence, self._gone, self._lock = presence, gone_s, threading.Lock()
        self._tag: Tag | None = None
        self._at = float("-inf")

    def saw(self, tag: Tag, at: float) -> None:
        """The reader delivered this."""
        with self._lock:
            self._tag, self._at = tag, at

    def now(self, now: float) -> Tag | None:
        """The tag that is there."""
        with self._lock:
            gone = self._presence and now - self._at > self._gone
            return None if gone else self._tag

    def scanned_since(self, moment: float) -> bool:
        """Whether a reader that scans once has scanned since."""
        with self._lock:
            return not self._presence and self._at > moment

    def forget_before(self, moment: float) -> None:
        """The cylinder was taken away: what was scanned until then is no longer there."""
        with self._lock:
            if not self._presence and self._at <= moment:
                self._tag = None


class Sensors:
    """The newest of everything, and what is out of order."""

    def __init__(self, tags: Tags) -> None:
        self.tags = tags
        self.weight: Weight | None = None
        self.reader_up = False
        self.scale_up = False


class Pump(threading.Thread):
    """Reads one driver until the end, opening it again whenever it fails."""

    def __init__(
        self, name: str, driver: TagReader | Scale, take: Callable[[Any], None], tell: Callable[[bool], None]
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._driver, self._take, self._tell = driver, take, tell
        self._ending = threading.Event()

    def end(self) -> None:
        """Stop soon."""
        self._ending.set()

    def run(self) -> None:
        """Connect, read, and again."""
        while not self._ending.is_set():
            try:
                self._driver.connect()
                self._tell(True)
                log.info("connected", driver=self.name)
                while not self._ending.is_set():
                    if (found := self._driver.read()) is not None:
                        self._take(found)
            except Exception as problem:  # whatever a driver does, the others go on
                self._tell(False)
                log.warning("lost", driver=self.name, said=str(problem)[:200])
            self._driver.close()
            self._ending.wait(AGAIN_S)


def pumps(sensors: Sensors, reader: TagReader, scale: Scale) -> tuple[Pump, Pump]:
    """The two threads, not yet started."""

    def weighed(weight: Weight) -> None:
        sensors.weight = weight

    def reader_is(up: bool) -> None:
        sensors.reader_up = up

    def scale_is(up: bool) -> None:
        sensors.scale_up = up

    return (
        Pump("reader", reader, lambda tag: sensors.tags.saw(tag, steady()), reader_is),
        Pump("scale", scale, weighed, scale_is),
    )
