"""A filling place whose time passes only when a test says so."""

from __future__ import annotations

from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.devices.station.agent import Agent
from integrations.devices.station.clocks import Clock
from integrations.devices.station.drivers.simulated import Bench, Cylinder, SimulatedValve
from integrations.devices.station.events import Gun
from integrations.devices.station.judge import Judge
from integrations.devices.station.outbox import Outbox
from integrations.devices.station.portal import NoAnswer
from integrations.devices.station.seen import Limits, Tag, Weight
from integrations.devices.station.sensors import Sensors, Tags
from integrations.devices.station.valve import Valve
from integrations.devices.station.words import Phase

LABEL = "37050200101000001"
BEGIN = datetime(2026, 3, 1, 8, tzinfo=UTC)
TICK = 0.1


def verdict(passed: bool = True, **changes: Any) -> dict[str, Any]:
    said = [] if passed else [{"code": "inspection_overdue", "message": "超期"}]
    return {
        "verdict": "pass" if passed else "block",
        "refusals": said,
        "cautions": [],
        "cylinder": {"max_fill_kg": 15.0, "tare_kg": None},
        "issued_at": "2026-03-01T08:00:00+00:00",
        "valid_until": "2026-03-01T08:01:00+00:00",
        "signature": "hmac-sha256:00",
        **changes,
    }


class Time:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def wall(self) -> datetime:
        return BEGIN + timedelta(seconds=self.seconds - 1000)


class FakePortal:
    """Answers what the test put there; an exception is raised."""

    def __init__(self) -> None:
        self.says: Any = verdict()
        self.asked: list[dict[str, Any]] = []

    def verdict(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(asked)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says


class AtOnce:
    """An executor that has already done it."""

    def submit(self, what: Any, *given: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(what(*given))
        return future

    def shutdown(self, **_: Any) -> None:
        pass


class Place:
    def __init__(self, folder: Path, presence: bool = True, **limits: Any) -> None:
        self.time, self.portal = Time(), FakePortal()
        self.bench = Bench(now=self.time)
        self.sensors = Sensors(Tags(presence, 1.5))
        self.sensors.reader_up = True
        self.presence, self.scale_on, self.flaw, self.stable = presence, True, None, True
        self.outbox = Outbox(folder / "outbox.db")
        self.interlock = SimulatedValve(self.bench)
        self.agent = Agent(
            gun=Gun("G-01", "ZY1", "01"), limits=Limits(presence=presence, **limits), sensors=self.sensors,
            valve=Valve(self.interlock, self.time), judge=Judge(self.portal, self.time, "01", "G-01"),  # type: ignore[arg-type]
            outbox=self.outbox, clock=Clock(steady=self.time, wall=self.time.wall), steady=self.time, asker=AtOnce(),
        )  # fmt: skip
        self.agent.start()

    def put(self, label: str = LABEL, tare_g: int = 15_000) -> Cylinder:
        cylinder = Cylinder(Tag(label=label), tare_g)
        self.bench.put(cylinder)
        if not self.presence:
            self.sensors.tags.saw(cylinder.tag, self.time())
        return cylinder

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.time.seconds += TICK
            if self.presence and self.bench.here is not None:
                self.sensors.tags.saw(self.bench.here.tag, self.time())
            if self.scale_on:
                grams, rests = self.bench.look()
                self.sensors.weight = Weight(
                    grams, stable=rests and self.stable, at=self.time(), flaw=self.flaw
                )
            self.agent.tick()

    def until(self, phase: Phase, most: int = 3000) -> None:
        for _ in range(most):
            if self.agent.state.phase is phase:
                return
            self.tick()
        raise AssertionError(f"still {self.agent.state.phase}: {self.agent.state.why}")

    def fill(self, label: str = LABEL) -> Cylinder:
        cylinder = self.put(label)
        self.until(Phase.OVER)
        return cylinder

    def again(self) -> None:
        """The cylinder is taken away."""
        self.bench.take()
        self.until(Phase.IDLE)

    def events(self) -> list[dict[str, Any]]:
        return list(self.outbox.events())


DOWN = NoAnswer("ConnectionError")
