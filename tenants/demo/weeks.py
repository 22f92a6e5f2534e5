"""A cylinder's weeks, told as the events that devices would have sent and judged by the same rule.

Round after round it is taken in, checked, filled, checked again, delivered and recovered; what goes wrong is in `stories.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any
from uuid import UUID

from tenants.demo.cast import Enterprise
from tenants.demo.ledger import Ledger
from tenants.demo.roads import Roads, Stop
from tenants.demo.seasons import BEIJING, at_work, demand
from tenants.demo.stock import Item, month_of
from tenants.models import Label
from tenants.rules.codes import MalformedCode, ScannedCode, one_dimensional, parse_scan, printed_url
from tenants.rules.facts import EnterpriseFacts
from tenants.rules.numbers import order_number, recovery_number
from tenants.rules.states import CylinderStatus, EventKind
from tenants.services.apply.batch import apply_event
from tenants.services.apply.event import Incoming
from tenants.services.apply.outcome import Outcome

HISTORY = timedelta(days=90)
CHECKED_ITEMS = ("P03", "P05", "P06", "P08", "P09", "P10", "P12", "P14")
DEFECTS = {
    "P10": "阀座护罩缺失", "P06": "颜色与介质不符", "P08": "疑似改装", "P12": "无余压", "P03": "检验标记不清", "P09": "瓶体腐蚀",
}  # fmt: skip
CHECK_HOLDS = timedelta(hours=20)
ON_THE_WAY = timedelta(hours=30)  # what left within it may not be delivered yet
GUNS = 4


class NotYet(Exception):
    """The next event lies in the future, or nobody works here any more: the story ends here."""


@dataclass(slots=True)
class World:
    """One enterprise during these weeks; devices by the work they are for."""

    book: Ledger
    enterprise: Enterprise
    devices: dict[str, UUID]
    roads: Roads
    now: datetime
    rng: Random
    before: EnterpriseFacts  # what was known of it until it was stopped
    after: EnterpriseFacts
    stopped: datetime | None = None
    silent: datetime | None = None
    seen: dict[UUID, datetime] = field(default_factory=dict)

    def facts_at(self, at: datetime) -> EnterpriseFacts:
        """What was known of the enterprise at that moment."""
        return self.before if self.stopped is not None and at < self.stopped else self.after


@dataclass(slots=True)
class Play:
    """One cylinder's weeks; `at` is the moment of its last event."""

    world: World
    item: Item
    label: Label | None
    at: datetime
    rng: Random
    customer: tuple[Stop, int] | None = None

    def tell(self, plot: Callable[[Play], None]) -> None:
        """Everything up to now."""
        with suppress(NotYet):
            plot(self)

    def wait(self, low_minutes: float, high_minutes: float) -> None:
        """Let some time pass until somebody works again."""
        self.at = at_work(
            self.at + timedelta(minutes=self.rng.uniform(low_minutes, high_minutes)), self.world.enterprise.family, self.rng
        )  # fmt: skip
        self.not_beyond()

    def not_beyond(self) -> None:
        """End the story when its next moment is in the future, or some days after the enterprise was stopped."""
        stopped = self.world.stopped
        if self.at > self.world.now or (stopped is not None and self.at > stopped + timedelta(days=5)):
            raise NotYet

    def do(self, kind: EventKind, operator: str | None, place: str | None, **data: Any) -> Outcome:
        """One event of this cylinder, scanned from its label, where it is now."""
        return self.send(
            kind, scan_of(self.label.code, self.item, self.rng) if self.label else "", operator, place, data
        )

    def send(
        self, kind: EventKind, scanned: str, operator: str | None, place: str | None, data: dict[str, Any],
        *, position: tuple[float, float] | None = None, uid: str | None = None,
    ) -> Outcome:  # fmt: skip
        """One event with whatever was scanned."""
        world, rng = self.world, self.rng
        east, north = position or world.enterprise.position
        device = world.devices[_device_for(kind, operator, place)]
        received = self.at + timedelta(seconds=rng.uniform(1, 20))
        code, malformed = _read(scanned, world.enterprise.code[:6])
        event = Incoming(
            id=event_id(self.at, rng), kind=kind, device_id=device, device_at=self.at, received_at=received, scanned=scanned,
            code=code, malformed=malformed, uid=uid, operator=operator, place=place,
            position=(round(east + rng.uniform(-3e-4, 3e-4), 6), round(north + rng.uniform(-3e-4, 3e-4), 6)), data=data,
        )  # fmt: skip
        if received > world.seen.get(device, received - HISTORY):
            world.seen[device] = received
        world.book.enterprise, world.book.now = world.facts_at(self.at), self.at
        return apply_event(world.book, event)

    def take_in(self) -> None:
        """Back into the empty store."""
        self.wait(30, 600)
        self.do(EventKind.TAKE_IN, "W01", "K1")

    def check(self, *, passed: bool = True) -> None:
        """The check before the fill."""
        self.wait(60, 1500)
        self._check(passed)

    def _check(self, passed: bool) -> None:
        item = "" if passed else self.rng.choice(tuple(DEFECTS))
        items = {name: name != item for name in CHECKED_ITEMS}
        self.do(
            EventKind.CHECK_BEFORE_FILL, "C01", "K1", passed=passed, items=items, note=DEFECTS.get(item, "")
        )

    def fill(
        self, operator: str = "F01", uid: str | None = None, scanned: str | None = None, **changes: Any
    ) -> bool:
        """Fill, or try to; whether it was allowed."""
        self.wait(5, 40)
        return self.fill_now(operator, uid, scanned, **changes)

    def fill_now(
        self, operator: str = "F01", uid: str | None = None, scanned: str | None = None, **changes: Any
    ) -> bool:
        """Fill at this very moment; a check that is nearly a day old is made again first."""
        checked, status = self.item.cylinder.checked_at, self.item.cylinder.status
        if (
            checked is not None
            and status == CylinderStatus.IN_USE.value
            and CHECK_HOLDS < self.at - checked < CHECK_HOLDS * 4
        ):
            self._check(True)
            self.at += timedelta(minutes=self.rng.uniform(3, 9))
        gun = f"G{self._gun()}"
        data = fill_data(self.item, self.world.enterprise, self.at, self.rng) | changes | {"gun": gun}
        if scanned is None:
            scanned = scan_of(self.label.code, self.item, self.rng) if self.label else ""
        return self.send(EventKind.FILL, scanned, operator, gun, data, uid=uid).state == "applied"

    def _gun(self) -> int:
        gun, silent = self.rng.randint(1, GUNS), self.world.silent
        return gun - 1 if silent is not None and gun % 2 == 0 and self.at > silent else gun

    def hand_out(self) -> None:
        """Checked again, delivered along a route, and some time later recovered."""
        self.wait(3, 15)
        self.do(EventKind.CHECK_AFTER_FILL, "C01", "M1", passed=True, items={"leak": True, "weight": True})
        self._deliver()
        self._recover()

    def _deliver(self) -> None:
        world, rng = self.world, self.rng
        trip = world.roads.next_trip(self.at + timedelta(minutes=rng.uniform(30, 4000)), rng)
        stop = world.roads.choose(trip, rng)
        job = world.roads.deliver(trip, stop, self.item.model.medium_id)
        said = {"order": order_number(world.enterprise.code[7:], job.written_on, job.serial)} if job else {}
        if world.enterprise.character.complete:
            self.at = trip.leaves - timedelta(minutes=rng.uniform(1, 12))
            self.not_beyond()
            self.do(EventKind.STORE_OUT, "W01", "M1", **said)
            if trip.leaves > world.now - ON_THE_WAY and rng.random() < 0.3:
                raise NotYet  # still on the lorry
        self.at = world.roads.arrival(trip, stop, rng)
        self.not_beyond()
        scanned = scan_of(self.label.code, self.item, rng) if self.label else ""
        self.send(EventKind.DELIVER, scanned, trip.driver, None, dict(said), position=stop.position)
        if job is not None:
            job.do(self.at)
        self.customer = (stop, trip.route)

    def _recover(self) -> None:
        world, rng = self.world, self.rng
        if self.customer is None:
            return
        family = world.enterprise.family
        low, high = world.enterprise.character.away_days
        days = rng.uniform(low, high) / demand(self.at.astimezone(BEIJING).date(), family)
        self.at += timedelta(days=days)
        self.not_beyond()
        (stop, route), self.customer = self.customer, None
        if not world.enterprise.character.complete:
            return
        trip = world.roads.next_visit(route, self.at)
        job = world.roads.fetch(trip, stop, self.item.model.medium_id)
        said = {"order": recovery_number(job.written_on, job.serial)} if job else {}
        self.at = world.roads.arrival(trip, stop, rng)
        self.not_beyond()
        scanned = scan_of(self.label.code, self.item, rng) if self.label else ""
        self.send(EventKind.RECOVER, scanned, trip.driver, None, said, position=stop.position)
        if job is not None:
            job.do(self.at)

    def inspected(self) -> None:
        """Sent to periodic inspection, back some days later with a new date."""
        self.do(EventKind.SEND_TO_INSPECTION, "W01", "K1", reason="到期送检")
        self.wait(3 * 1440, 6 * 1440)
        on = self.at.astimezone(BEIJING).date()
        due = month_of(on, 12 * self.item.model.interval)
        self.do(
            EventKind.INSPECT, "C01", "K1", passed=True, inspected_on=on.isoformat(), next_on=due.isoformat()
        )

    def start(self, low_days: float, high_days: float) -> None:
        """So many days before now, while somebody works; never before what has happened to the cylinder already."""
        self.at = self.world.now - timedelta(days=self.rng.uniform(low_days, high_days))
        seen = self.item.cylinder.seen_at
        self.at = self.at if seen is None else max(self.at, seen + timedelta(hours=1))
        self.wait(0, 1)


@lru_cache(8192)  # a label is scanned a dozen times in its weeks
def _read(scanned: str, district: str) -> tuple[ScannedCode | None, str]:
    try:
        return parse_scan(scanned, district), ""
    except MalformedCode as problem:
        return None, str(problem.reason)


def _device_for(kind: EventKind, operator: str | None, place: str | None) -> str:
    if kind is EventKind.FILL:
        return "gun 2" if place in ("G2", "G4") else "gun 1"
    return (operator or "store") if kind in (EventKind.DELIVER, EventKind.RECOVER) else "store"


def fill_data(item: Item, enterprise: Enterprise, at: datetime, rng: Random) -> dict[str, Any]:
    """What a scale or a manifold sends of a fill that is as it should be."""
    model = item.model
    code = next((code for code, medium in enterprise.media.items() if medium == model.medium_id), "01")
    data: dict[str, Any] = {
        "medium": code,
        "started_at": (at - timedelta(minutes=4)).isoformat(),
        "ended_at": at.isoformat(),
        "batch": batch_of(code, at),
    }
    if model.max_fill_kg is not None:
        net = float(model.max_fill_kg) * rng.uniform(0.955, 0.985)
        tare = float(item.cylinder.tare_kg or 0)
        data |= {"net_kg": f"{net:.2f}", "tare_kg": f"{tare:.2f}", "gross_kg": f"{net + tare:.2f}"}
    if model.kind_code in ("2310", "NONREFILL") and model.medium_id != "CO2":
        full = float(model.nominal_mpa)
        data |= {
            "pressure_mpa": f"{full * rng.uniform(0.95, 0.985):.2f}",
            "temperature_c": f"{rng.uniform(18, 24):.1f}",
        }
        data["residual_mpa"] = f"{rng.uniform(0.1, 0.5):.2f}"
    return data


def batch_of(code: str, at: datetime) -> str:
    """The batch of a medium that is being filled at a moment: one a week."""
    year, week, _ = at.astimezone(BEIJING).isocalendar()
    return f"B{code}-{year}{week:02d}"


def scan_of(code: str, item: Item, rng: Random) -> str:
    """What a reader delivers: mostly the printed address, sometimes the bar code."""
    family = "L" if item.model.medium_id.startswith("LPG") else "Q"
    return printed_url(code, family) if rng.random() < 0.8 else one_dimensional(code)


def event_id(at: datetime, rng: Random) -> UUID:
    """A UUIDv7 of that moment, the same in every load."""
    head = int(at.astimezone(UTC).timestamp() * 1000) << 80
    return UUID(int=head | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62))
