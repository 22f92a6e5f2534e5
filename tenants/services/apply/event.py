"""One uploaded event, read into typed values; the shape was checked when it came in, its meaning is checked here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tenants.rules.codes import MalformedCode, ScannedCode, parse_scan
from tenants.rules.states import EventKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST = timedelta(days=400)  # a device may come back that late with good evidence
AHEAD = timedelta(minutes=5)
CHIP = re.compile(r"(?:[0-9A-F]{2}){4,16}")
BEYOND = {"kg": 10_000, "mpa": 999, "c": 999}  # by unit; nothing about a cylinder comes near


@dataclass(frozen=True, slots=True)
class Incoming:
    """An event and the clock it is counted with: the device's where it is believable, else the server's."""

    id: UUID
    kind: EventKind
    device_id: UUID
    device_at: datetime
    received_at: datetime
    scanned: str
    code: ScannedCode | None
    malformed: str
    uid: str | None
    operator: str | None
    place: str | None
    position: tuple[float, float] | None
    data: dict[str, Any]

    @property
    def clock_good(self) -> bool:
        """Whether the device's clock is within 400 days before and 5 minutes after the server's."""
        return self.received_at - EARLIEST <= self.device_at <= self.received_at + AHEAD

    @property
    def at(self) -> datetime:
        """The time the record counts with, UTC."""
        return self.device_at if self.clock_good else self.received_at

    @property
    def on(self) -> date:
        """The day in Asia/Shanghai."""
        return self.at.astimezone(SHANGHAI).date()

    def number(self, name: str) -> Decimal | None:
        """A number of `data`, or None when it isn't there; raises ValueError when it is none or beyond what its unit allows."""
        value = self.data.get(name)
        if value is None:
            return None
        try:
            found = Decimal(str(value))
        except InvalidOperation:
            raise ValueError(f"data.{name} is not a number") from None
        if not found.is_finite():
            raise ValueError(f"data.{name} is not a number")
        if abs(found) >= BEYOND[name.rpartition("_")[2]]:
            raise ValueError(f"data.{name} is out of range")
        return found

    def text(self, name: str, most: int = 200) -> str:
        """A text of `data`, cut at `most` characters; empty when it isn't there."""
        value = self.data.get(name)
        return "" if value is None else str(value)[:most]

    def moment(self, name: str) -> datetime | None:
        """A time of `data` with an offset; raises ValueError when it can't be read."""
        value = self.data.get(name)
        if value is None:
            return None
        return _utc(str(value), f"data.{name}")

    def day(self, name: str) -> date | None:
        """A date of `data`; raises ValueError when it can't be read."""
        value = self.data.get(name)
        return None if value is None else date.fromisoformat(str(value))


def read_event(body: dict[str, Any], device_id: UUID, received_at: datetime, district: str) -> Incoming:
    """The typed form of a body that the API accepted; a code that can't be read is kept as `malformed`, not raised."""
    scanned = str(body.get("label") or "")
    code, malformed = None, ""
    try:
        code = parse_scan(scanned, district)
    except MalformedCode as problem:
        malformed = str(problem.reason)
    position = body.get("position")
    return Incoming(
        id=UUID(body["id"]),
        kind=EventKind(body["kind"]),
        device_id=device_id,
        device_at=_utc(body["occurred_at"], "occurred_at"),
        received_at=received_at,
        scanned=scanned[:512],
        code=code,
        malformed=malformed,
        uid=_chip(body.get("uid")),
        operator=body.get("operator"),
        place=body.get("place"),
        position=(float(position["lon"]), float(position["lat"])) if position else None,
        data=dict(body.get("data") or {}),
    )


def _utc(text: str, name: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{name} has no offset")
    try:
        return found.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{name} is out of range") from None


def _chip(uid: object) -> str | None:
    if not uid:
        return None
    found = str(uid).upper()
    if not CHIP.fullmatch(found):
        raise ValueError("uid is not 8 to 32 hexadecimal digits")
    return found
