"""The devices of an enterprise as its manager sees them: who is there, who has fallen silent, what waits for a decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from tenants.models import Device
from tenants.models.inbox import HELD
from tenants.queries.paging import Found, Wanted, count, ordered, page_of
from tenants.rules.states import EventKind, Role

SILENT_AFTER = timedelta(hours=4)
WORKING_HOURS = range(8, 18)  # o'clock in Asia/Shanghai
SORTS = {"name": Device.name, "last_seen_at": Device.last_seen_at, "created_at": Device.created_at}
STATES = ("active", "silent", "never_seen", "revoked")
MOST_HELD = 100


@dataclass(frozen=True, slots=True)
class DeviceLine:
    """One device."""

    id: UUID
    name: str
    role: Role
    model: str
    state: str
    last_seen_at: datetime | None
    battery: int | None
    app_version: str
    created_at: datetime
    revoked_reason: str


@dataclass(frozen=True, slots=True)
class HeldLine:
    """One event of a revoked device that waits for a decision."""

    id: UUID
    device: str
    kind: EventKind
    label: str
    occurred_at: str
    received_at: datetime


def device_list(session: Session, wanted: Wanted, now: datetime) -> Found[DeviceLine]:
    """A page of devices, revoked ones too."""
    conditions = _conditions(wanted, now)
    statement = select(Device).where(*conditions)
    column = SORTS.get(wanted.sort, Device.created_at)
    rows = session.scalars(
        page_of(statement.order_by(ordered(column, wanted.descending or not wanted.sort), Device.id), wanted)
    )
    return Found(tuple(_line(row, now) for row in rows), count(session, Device, conditions))


def state_of(device: Device, now: datetime) -> str:
    """One of STATES; a device is silent when nothing was heard of it for four hours, told in working time only."""
    if device.revoked_at is not None:
        return "revoked"
    if device.last_seen_at is None:
        return "never_seen"
    return "silent" if _works(now) and now - device.last_seen_at > SILENT_AFTER else "active"


def held_events(session: Session) -> Sequence[HeldLine]:
    """What waits for a decision, the oldest first, at most a hundred."""
    rows = session.execute(
        text("""
        SELECT e.id, d.name, e.kind, b ->> 'label' AS label, b ->> 'occurred_at' AS occurred_at, e.received_at
        FROM gas.device_event e JOIN gas.device d ON d.tenant_id = e.tenant_id AND d.id = e.device_id
        JOIN gas.upload u ON u.tenant_id = e.tenant_id AND u.id = e.upload_id
        LEFT JOIN LATERAL (SELECT b FROM jsonb_array_elements(u.events) b WHERE b ->> 'id' = CAST(e.id AS text)) s(b) ON true
        WHERE e.state = 'pending' AND e.code = :held AND d.revoked_at IS NOT NULL ORDER BY e.received_at, e.position LIMIT :most"""),
        {"held": HELD, "most": MOST_HELD},
    )
    return tuple(
        HeldLine(
            row.id, row.name, EventKind(row.kind), row.label or "", row.occurred_at or "", row.received_at
        )
        for row in rows
    )


def names_of(session: Session, ids: Sequence[UUID]) -> Sequence[tuple[UUID, str]]:
    """Names of chosen devices; another enterprise's are not found."""
    return [
        (row[0], row[1]) for row in session.execute(select(Device.id, Device.name).where(Device.id.in_(ids)))
    ]


def _line(row: Device, now: datetime) -> DeviceLine:
    return DeviceLine(
        row.id, row.name, Role(row.role), row.model, state_of(row, now), row.last_seen_at, row.battery,
        row.app_version, row.created_at, row.revoked_reason,
    )  # fmt: skip


def _conditions(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    state = wanted.filters.get("state")
    quiet_since = now - SILENT_AFTER if _works(now) else datetime.min.replace(tzinfo=now.tzinfo)
    if state == "revoked":
        found.append(Device.revoked_at.is_not(None))
    elif state in STATES:
        found.append(Device.revoked_at.is_(None))
    if state == "never_seen":
        found.append(Device.last_seen_at.is_(None))
    if state == "silent":
        found.append(Device.last_seen_at < quiet_since)
    if state == "active":
        found.append(Device.last_seen_at >= quiet_since)
    if wanted.search:
        found.append(Device.name.contains(wanted.search, autoescape=True))
    return found


def _works(now: datetime) -> bool:
    return now.astimezone(ZoneInfo("Asia/Shanghai")).hour in WORKING_HOURS
