"""Customers, and the lorries that go to them: two trips a day and driver, each along one route, stop after stop."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import cos, pi, radians, sin
from random import Random

from tenants.demo.cast import Enterprise
from tenants.demo.seasons import BEIJING, moment, shifts

REACH = 0.044  # degrees of latitude; a route stays within the enterprise's own district
STOPS = (7, 13)
LOADING, STOP = 25, 8  # minutes before the first stop, and from one stop to the next
HOUSEHOLDS = ("甲", "乙", "丙", "丁", "戊", "己", "庚", "辛", "壬", "癸")
FIRMS = {
    "L": ("餐馆", "面馆", "食堂", "豆腐坊", "早餐店"),
    "Q": ("机修厂", "焊接车间", "钢构厂", "实验室", "玻璃厂"),
}


@dataclass(frozen=True, slots=True)
class Stop:
    """A customer on a route; `serial` counts within the enterprise, 0 is nobody's."""

    serial: int
    name: str
    company: bool
    address: str
    position: tuple[float, float]
    weight: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A lorry on its way: when it leaves, who drives, which route."""

    leaves: datetime
    driver: str
    route: int


@dataclass(slots=True)
class Errand:
    """What one trip brings to (or fetches from) one customer: cylinders by medium, how many of them are done, and when the last was."""

    trip: Trip
    stop: Stop
    written_on: date
    serial: int
    media: Counter[str] = field(default_factory=Counter)
    done: int = 0
    at: datetime | None = None

    def do(self, at: datetime) -> None:
        """One cylinder of it is done."""
        self.done, self.at = self.done + 1, max(at, self.at or at)


class Roads:
    """The routes of one enterprise and what is carried along them."""

    def __init__(self, enterprise: Enterprise, stock: int, paper_since: datetime, rng: Random) -> None:
        self.paper_since = paper_since
        self.family = enterprise.family
        self.drivers = ("D01", "D02", *(f"D{number:02d}" for number in range(3, 9)))[
            : enterprise.character.drivers
        ]
        self.routes = _routes(enterprise, max(2, stock // 150), rng)
        self.deliveries: dict[tuple[Trip, int], Errand] = {}
        self.recoveries: dict[tuple[Trip, int], Errand] = {}
        self._serials: Counter[tuple[bool, date]] = Counter()

    def next_trip(self, at: datetime, rng: Random) -> Trip:
        """The next trip of some driver."""
        return self._trip(at, rng.randrange(len(self.drivers)))

    def next_visit(self, route: int, at: datetime) -> Trip:
        """The next trip along this route."""
        soonest = at
        for _ in range(60):
            for driver in range(len(self.drivers)):
                trip = self._trip(soonest, driver)
                if trip.route == route:
                    return trip
            soonest = trip.leaves
        return trip

    def deliver(self, trip: Trip, stop: Stop, medium: str) -> Errand | None:
        """One more cylinder for this customer on this trip; None for trips before orders were written down."""
        return self._errand(self.deliveries, trip, stop, medium)

    def fetch(self, trip: Trip, stop: Stop, medium: str) -> Errand | None:
        """One more cylinder to be fetched; None for trips before that was written down."""
        return self._errand(self.recoveries, trip, stop, medium)

    def _errand(
        self, known: dict[tuple[Trip, int], Errand], trip: Trip, stop: Stop, medium: str
    ) -> Errand | None:
        if trip.leaves < self.paper_since:
            return None
        found = known.get((trip, stop.serial))
        if found is None:  # written down on the day before, numbered within it
            day = trip.leaves.astimezone(BEIJING).date() - timedelta(days=1)
            self._serials[known is self.deliveries, day] += 1
            found = Errand(trip, stop, day, self._serials[known is self.deliveries, day])
            known[trip, stop.serial] = found
        found.media[medium] += 1
        return found

    def choose(self, trip: Trip, rng: Random) -> Stop:
        """A customer on the route of this trip; firms want more than households."""
        stops = self.routes[trip.route]
        return rng.choices(stops, [stop.weight for stop in stops])[0]

    def arrival(self, trip: Trip, stop: Stop, rng: Random) -> datetime:
        """When the lorry is there."""
        place = self.routes[trip.route].index(stop) if stop in self.routes[trip.route] else 0
        return trip.leaves + timedelta(minutes=LOADING + STOP * place + rng.uniform(0, STOP - 1))

    def _trip(self, at: datetime, driver: int) -> Trip:
        day = at.astimezone(BEIJING).date()
        while True:
            for half, (begins, _) in enumerate(shifts(day, self.family)):
                leaves = moment(day, begins + 15)
                if leaves > at:
                    turn = (day.toordinal() * 2 + half) * len(self.drivers) + driver + day.toordinal() // 7
                    return Trip(leaves, self.drivers[driver], turn % len(self.routes))
            day += timedelta(days=1)


def _routes(enterprise: Enterprise, many: int, rng: Random) -> list[list[Stop]]:
    routes, serial = [], 0
    for number in range(many):
        stops, bearing = [], 2 * pi * number / many
        for place in range(rng.randint(*STOPS)):
            serial += 1
            stops.append(
                _stop(enterprise, serial, bearing + rng.uniform(-0.12, 0.12), (place + 1) / STOPS[1], rng)
            )
        routes.append(stops)
    return routes


def _stop(enterprise: Enterprise, serial: int, bearing: float, far: float, rng: Random) -> Stop:
    east, north = enterprise.position
    company = enterprise.family == "Q" or rng.random() < 0.35
    mark = f"{HOUSEHOLDS[serial % 10]}{serial}"
    kind = rng.choice(FIRMS[enterprise.family])
    return Stop(
        serial=serial,
        name=f"客户{mark}{kind}" if company else f"客户{mark}",
        company=company,
        address=f"演示路 {serial} 号"
        + ("" if company else f" {rng.randint(1, 6)} 单元 {rng.randint(101, 602)}"),
        position=(
            east + REACH * far * sin(bearing) / cos(radians(north)) * 0.95,
            north + REACH * far * cos(bearing),
        ),
        weight=rng.randint(4, 9) if company else rng.randint(1, 2),
    )
