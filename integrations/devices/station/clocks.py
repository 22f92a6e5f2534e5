"""Two clocks: a steady one for waiting, and the portal's time carried on by it, so that a wrong clock of this machine does no harm."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

FRESH_S = 86_400.0  # after a day without the portal the time is called stale


def steady() -> float:
    """Seconds that never go back and go on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The time for events: the portal's as last heard, else this machine's, never before a time that was given out."""

    def __init__(
        self, newest: datetime | None = None, *, steady: Callable[[], float] = steady,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._lock = threading.Lock()
        self._steady, self._wall = steady, wall
        self._newest = newest or datetime.min.replace(tzinfo=UTC)
        self._heard: tuple[datetime, float] | None = None

    def hear(self, at: datetime, read_at: float) -> None:
        """The portal's clock showed `at` when the steady one showed `read_at`."""
        with self._lock:
            self._heard = (at, read_at)
            self._newest = at  # the portal's word counts, also backwards

    def now(self) -> datetime:
        """UTC; later than or the same as every time given out before, unless the portal said otherwise."""
        with self._lock:
            if self._heard is not None:
                at, read_at = self._heard
                found = at + timedelta(seconds=self._steady() - read_at)
            else:
                found = self._wall()
            self._newest = max(found, self._newest)
            return self._newest

    def stamp(self) -> str:
        """`now` as an event writes it: RFC 3339, UTC, milliseconds."""
        return self.now().isoformat(timespec="milliseconds")

    def trust(self) -> str:
        """`synced`, `stale` or `own`: how far the time may be believed."""
        with self._lock:
            if self._heard is None:
                return "own"
            return "synced" if self._steady() - self._heard[1] < FRESH_S else "stale"

    def offset_s(self) -> float | None:
        """Seconds by which the portal is ahead of this machine's clock."""
        with self._lock:
            if self._heard is None:
                return None
            at, read_at = self._heard
            return (at + timedelta(seconds=self._steady() - read_at) - self._wall()).total_seconds()
