"""A filling place without hardware: cylinders that can be put down and taken away, gas that flows while the valve is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from integrations.devices.station.clocks import steady
from integrations.devices.station.seen import Tag, Weight

MOMENT = 0.05  # seconds
DEAD_S = 1.5  # the valve shuts by itself when nobody held it for so long


@dataclass(slots=True)
class Cylinder:
    """What may stand on the scale; grams."""

    tag: Tag
    tare_g: int = 15_000
    gas_g: float = 0.0


@dataclass(slots=True)
class Bench:
    """The place itself. Time passes when it is looked at."""

    flow_gps: float = 1000.0
    now: Callable[[], float] = steady
    here: Cylinder | None = None
    valve: bool = False
    _held_at: float = 0.0
    _looked_at: float = 0.0
    _moved_at: float = 0.0
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def put(self, cylinder: Cylinder) -> None:
        """A cylinder is put down and the gun is on it."""
        with self._lock:
            self.look()
            self.here, self._moved_at = cylinder, self.now()

    def take(self) -> Cylinder | None:
        """The cylinder is taken away."""
        with self._lock:
            self.look()
            taken, self.here, self._moved_at = self.here, None, self.now()
            return taken

    def turn(self, to_open: bool) -> None:
        """Move the valve."""
        with self._lock:
            self.look()
            self.valve, self._held_at = to_open, self.now()

    def hold(self) -> None:
        """Still wanted open."""
        with self._lock:
            self.look()
            self._held_at = self.now()

    def look(self) -> tuple[int, bool]:
        """Grams on the scale, and whether it is at rest."""
        with self._lock:
            now = self.now()
            until = min(now, self._held_at + DEAD_S) if self.valve else self._looked_at
            flowed = max(0.0, until - self._looked_at) * self.flow_gps
            self.valve = self.valve and now <= self._held_at + DEAD_S
            if self.here is not None and flowed:
                self.here.gas_g += flowed
                self._moved_at = now
            self._looked_at = now
            grams = round(self.here.tare_g + self.here.gas_g) if self.here else 0
            return grams, not self.valve and now - self._moved_at > MOMENT


class SimulatedReader:
    """Reads the tag of what stands there, again and again."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._pause = bench, threading.Event()

    def connect(self) -> None:
        """Always there."""

    def read(self) -> Tag | None:
        """The tag, if any."""
        self._pause.wait(MOMENT)
        here = self._bench.here
        return here.tag if here is not None else None

    def close(self) -> None:
        """Nothing to let go."""


class SimulatedScale:
    """Weighs what stands there."""

    def __init__(self, bench: Bench) -> None:
        self._bench, self._pause = bench, threading.Event()

    def connect(self) -> None:
        """Always there."""

    def read(self) -> Weight | None:
        """The weight."""
        self._pause.wait(MOMENT)
        grams, rests = self._bench.look()
        return Weight(grams, stable=rests, at=self._bench.now())

    def close(self) -> None:
        """Nothing to let go."""


class SimulatedValve:
    """A valve that shuts by itself when it isn't held, as a good one does."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def connect(self) -> None:
        """Always there."""

    def release(self) -> None:
        """Open."""
        self._bench.turn(to_open=True)

    def hold(self) -> None:
        """Still wanted open."""
        self._bench.hold()

    def shut(self) -> None:
        """Shut."""
        self._bench.turn(to_open=False)

    def is_open(self) -> bool | None:
        """Whether it is."""
        self._bench.look()
        return self._bench.valve

    def close(self) -> None:
        """Nothing to let go."""
