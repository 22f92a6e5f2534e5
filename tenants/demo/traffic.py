"""Plausible scans for a simulated day: good rounds of real cylinders, now and then something that the rule refuses.

A `Yard` is one enterprise: it takes its cylinders from the archive, remembers how far each is in its round and makes up the next event.
Nothing is sent from here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tenants.demo.roads import REACH
from tenants.demo.weeks import CHECKED_ITEMS
from tenants.models import Certificate, Cylinder, Label, MediumCode, Staff, Tenant
from tenants.models.base import new_id
from tenants.rules.codes import one_dimensional, printed_url
from tenants.rules.papers import FILLING_ITEMS
from tenants.rules.states import CylinderStatus, EventKind, LabelState, Ownership, Stage

MOST_CYLINDERS = 600
AT_ONCE = 24  # cylinders that are on their way at a time
SLIPS, STRAYS = 0.05, 0.006  # shares of fills that are refused, and of scans of a label that nobody issued
ROUND = (
    EventKind.TAKE_IN,
    EventKind.CHECK_BEFORE_FILL,
    EventKind.FILL,
    EventKind.CHECK_AFTER_FILL,
    EventKind.STORE_OUT,
    EventKind.DELIVER,
    EventKind.RECOVER,
)
NEXT = {Stage.EMPTY_STORED: 1, Stage.CHECKED: 1, Stage.FULL_STORED: 4, Stage.OUT: 5, Stage.DELIVERED: 6}
ON_THE_ROAD = frozenset({EventKind.DELIVER, EventKind.RECOVER})


@dataclass(slots=True)
class Bottle:
    """A cylinder in good order and its place in ROUND."""

    code: str
    family: str
    medium_code: str
    tare_kg: Decimal | None
    max_fill_kg: Decimal | None
    nominal_mpa: Decimal | None
    step: int


@dataclass(slots=True)
class Yard:
    """One enterprise in motion; `filler` may fill, and is None when nobody is known to."""

    code: str
    position: tuple[float, float]
    filler: str | None
    bottles: list[Bottle]
    rng: Random
    seqs: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})

    def next_event(self, now: datetime) -> tuple[bool, dict[str, Any]]:
        """Whether it comes from the road, and the event."""
        rng, place = self.rng, self.rng.randrange(min(AT_ONCE, len(self.bottles)))
        bottle = self.bottles[place]
        kind = ROUND[bottle.step]
        if rng.random() < STRAYS:
            stray = f"{self.code.replace('-', '')}99{rng.randint(990_000, 999_999)}"
            return self._event(EventKind.TAKE_IN, now, stray, {})
        if kind is EventKind.CHECK_BEFORE_FILL and rng.random() < SLIPS / 2:
            return self._event(EventKind.FILL, now, self._scan(bottle), self._filled(bottle))  # not checked
        if kind is EventKind.FILL and rng.random() < SLIPS:
            return self._event(
                EventKind.FILL, now, self._scan(bottle), self._filled(bottle) | {"medium": "98"}
            )
        bottle.step = (bottle.step + 1) % len(ROUND)
        if bottle.step == 0 and len(self.bottles) > AT_ONCE:  # its round is over: another one's turn
            other = rng.randrange(AT_ONCE, len(self.bottles))
            self.bottles[place], self.bottles[other] = self.bottles[other], bottle
        return self._event(kind, now, self._scan(bottle), self._said(kind, bottle))

    def _said(self, kind: EventKind, bottle: Bottle) -> dict[str, Any]:
        match kind:
            case EventKind.CHECK_BEFORE_FILL:
                return {"passed": True, "items": dict.fromkeys(CHECKED_ITEMS, True)}
            case EventKind.CHECK_AFTER_FILL:
                return {"passed": True, "items": {"leak": True, "weight": True}}
            case EventKind.FILL:
                return self._filled(bottle)
        return {}

    def _filled(self, bottle: Bottle) -> dict[str, Any]:
        data: dict[str, Any] = {"medium": bottle.medium_code, "gun": f"G{self.rng.randint(1, 4)}"}
        if bottle.max_fill_kg is not None:
            net = round(float(bottle.max_fill_kg) * self.rng.uniform(0.95, 0.985), 2)
            tare = float(bottle.tare_kg or 0)
            return data | {"net_kg": net, "tare_kg": round(tare, 2), "gross_kg": round(net + tare, 2)}
        full = float(bottle.nominal_mpa or 15)
        return data | {"pressure_mpa": round(full * self.rng.uniform(0.95, 0.98), 2), "temperature_c": 20.0}

    def _scan(self, bottle: Bottle) -> str:
        return (
            printed_url(bottle.code, bottle.family)
            if self.rng.random() < 0.8
            else one_dimensional(bottle.code)
        )

    def _event(
        self, kind: EventKind, now: datetime, label: str, data: dict[str, Any]
    ) -> tuple[bool, dict[str, Any]]:
        away = kind in ON_THE_ROAD
        self.seqs[away] += 1
        far = REACH * self.rng.random() if away else 0.0003
        operator = {
            EventKind.FILL: self.filler,
            EventKind.CHECK_BEFORE_FILL: "C01",
            EventKind.CHECK_AFTER_FILL: "C01",
        }
        event: dict[str, Any] = {
            "id": str(new_id()),
            "seq": self.seqs[away],
            "kind": kind.value,
            "occurred_at": (now + timedelta(microseconds=self.seqs[away] % 1000)).isoformat(),
            "label": label,
            "operator": operator.get(kind, "D01" if away else "W01"),
            "place": None if away else data.get("gun", "M1" if kind is EventKind.STORE_OUT else "K1"),
            "position": {
                "lon": round(self.position[0] + self.rng.uniform(-far, far), 6),
                "lat": round(self.position[1] + self.rng.uniform(-far, far), 6),
                "crs": "CGCS2000",
            },
            "data": data,
        }
        return away, {name: value for name, value in event.items() if value is not None}


def open_yard(session: Session, code: str, seed: int) -> Yard:
    """Cylinders in good order of the scope's enterprise, some hundreds; none when there is no such."""
    tenant = session.execute(select(Tenant.id, func.ST_X(Tenant.position), func.ST_Y(Tenant.position))).one()
    rng = Random(f"{seed} {code}")  # noqa: S311 - a simulation that can be repeated
    bottles = list(_bottles(session))
    rng.shuffle(bottles)
    return Yard(
        code, (tenant[1] or 118.5, tenant[2] or 37.5), _filler(session), bottles[:MOST_CYLINDERS], rng
    )


def _bottles(session: Session) -> Iterator[Bottle]:
    soon = datetime.now(UTC).date() + timedelta(days=40)
    good = (
        select(
            Label.code, Cylinder.medium_id, MediumCode.code.label("medium_code"), Cylinder.tare_kg, Cylinder.max_fill_kg,
            Cylinder.nominal_pressure_mpa, Cylinder.stage,
        )
        .join(Cylinder, Cylinder.id == Label.cylinder_id)
        .join(MediumCode, MediumCode.medium_id == Cylinder.medium_id)
        .where(
            Label.state == LabelState.BOUND.value, Label.disputed_at.is_(None), MediumCode.retired_at.is_(None),
            ~MediumCode.assay_required, Cylinder.status == CylinderStatus.IN_USE.value, Cylinder.registration_no != "",
            Cylinder.ownership == Ownership.OWN.value, Cylinder.kind_code != "NONREFILL",
            *(or_(day.is_(None), day > soon) for day in
              (Cylinder.next_inspection_on, Cylinder.end_of_life_on, Cylinder.valve_end_of_life_on)),
        )
        .order_by(Label.code)
        .limit(MOST_CYLINDERS * 10)
    )  # fmt: skip
    for row in session.execute(good):
        family = "L" if row.medium_id.startswith("LPG") else "Q"
        yield Bottle(
            row.code, family, row.medium_code, row.tare_kg, row.max_fill_kg, row.nominal_pressure_mpa, NEXT.get(Stage(row.stage), 0)
        )  # fmt: skip


def _filler(session: Session) -> str | None:
    """Somebody whose filling certificate holds; None names nobody."""
    today = datetime.now(UTC).date()
    certified = (
        select(Staff.code)
        .join(Certificate, Certificate.staff_id == Staff.id)
        .where(Staff.left_on.is_(None), Certificate.item.in_(FILLING_ITEMS), Certificate.expires_on > today)
        .order_by(Staff.code)
        .limit(1)
    )
    return session.scalar(certified)
