"""The valve with a memory: what was wanted, whether the hardware did it, and since when it doesn't."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import structlog

from integrations.devices.station.drivers.base import Interlock
from integrations.devices.station.words import Why

log = structlog.get_logger("station.valve")


class Valve:
    """Never raises: what fails is one of `problems`. Shutting is tried again with every call until it is sure."""

    def __init__(self, interlock: Interlock, now: Callable[[], float], valve_s: float = 2.0) -> None:
        self._interlock, self._now, self._slow = interlock, now, valve_s
        self._lock = threading.RLock()
        self._connected = False
        self._sure_shut = False
        self._wanted_shut_at: float | None = None
        self._lost: str | None = "not connected yet"
        self._open: bool | None = None

    def release(self) -> bool:
        """Open it; whether the hardware took it."""
        with self._lock:
            self._sure_shut, self._wanted_shut_at = False, None
            done = self._try(self._interlock.release)
            log.warning("valve opened" if done else "valve not opened")
            return done

    def hold(self) -> None:
        """Still wanted open."""
        with self._lock:
            self._try(self._interlock.hold)

    def shut(self, why: Why) -> None:
        """Shut it, unless it surely is."""
        with self._lock:
            if self._wanted_shut_at is None:
                self._wanted_shut_at = self._now()
                log.warning("valve to be shut", why=why)
            if not self._sure_shut:
                self._sure_shut = self._try(self._interlock.shut)

    def shut_now(self, why: Why) -> None:
        """Shut it from another thread, also while the loop hangs inside a driver."""
        got = self._lock.acquire(timeout=1.0)
        try:
            with suppress(Exception):
                self._interlock.shut()
            log.critical("valve shut from outside the loop", why=why, waited=not got)
        finally:
            if got:
                self._lock.release()

    def look(self, now: float) -> bool | None:
        """What the valve reports; None when it doesn't."""
        with self._lock:
            self._open = None
            self._try(self._read)
            if (
                self._open is not False
                and self._wanted_shut_at is not None
                and now - self._wanted_shut_at > self._slow
            ):
                self._sure_shut = self._sure_shut and self._open is None
            return self._open

    def problems(self) -> list[Why]:
        """What is wrong with it."""
        with self._lock:
            wanted = self._wanted_shut_at
            stays = self._open is True and wanted is not None and self._now() - wanted > self._slow
            return [Why.VALVE_STAYS_OPEN] * stays + [Why.VALVE_LOST] * (self._lost is not None)

    def _read(self) -> None:
        self._open = self._interlock.is_open()

    def _try(self, what: Callable[[], None]) -> bool:
        try:
            if not self._connected:
                self._interlock.connect()
                self._connected = True
            what()
        except Exception as problem:  # whatever a driver raises, the loop goes on
            if self._lost is None:
                log.error("valve lost", said=str(problem)[:200])
            self._lost, self._connected, self._sure_shut = str(problem)[:200], False, False
            self._interlock.close()
            return False
        self._lost = None
        return True
