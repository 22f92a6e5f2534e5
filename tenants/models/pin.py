"""The PINs by which workers sign in on a device, and how often somebody tried."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, within


class StaffPin(OfTenant, Base):
    """A worker's PIN as an Argon2id hash; `id` is the worker's."""

    __tablename__ = "staff_pin"
    pin_hash: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=NOW)
    set_by: Mapped[str] = mapped_column(default="")
    __table_args__ = (within("staff", "id"),)


class PinTry(OfTenant, Base):
    """Failed sign-ins of one worker on one device since the last good one."""

    __tablename__ = "pin_try"
    device_id: Mapped[UUID]
    staff_id: Mapped[UUID]
    failed_count: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    __table_args__ = (
        within("device", "device_id"),
        within("staff", "staff_id"),
        UniqueConstraint("tenant_id", "device_id", "staff_id"),
    )
