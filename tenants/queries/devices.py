"""The devices of an enterprise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from tenants.models import Device


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device; the token isn't kept anywhere."""

    device_id: UUID
    name: str
    role: str
    created_at: datetime
    last_seen_at: datetime | None
    revoked_at: datetime | None


def list_devices(session: Session) -> tuple[DeviceRow, ...]:
    """Every device of the scope's enterprise, the newest first, revoked ones included."""
    rows = session.execute(
        select(
            Device.id, Device.name, Device.role, Device.created_at, Device.last_seen_at, Device.revoked_at
        ).order_by(Device.created_at.desc(), Device.id)
    )
    return tuple(DeviceRow(*row) for row in rows)
