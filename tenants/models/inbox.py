"""The inbox: what devices uploaded, and what became of each event in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, within

HELD = "device_revoked"  # the code of a pending event that a manager must decide about


class Upload(OfTenant, Base):
    """One upload, durable before the device is answered; a worker claims it with a lease, attempts are counted before the work."""

    __tablename__ = "upload"
    device_id: Mapped[UUID]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    event_ids: Mapped[list[str]] = mapped_column(
        JSONB
    )  # of every well-formed event of the call, repeats included
    events: Mapped[list[Any]] = mapped_column(JSONB)  # bodies of the new ones, in the order sent
    state: Mapped[str] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(server_default=NOW)
    done_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        within("device", "device_id"),
        CheckConstraint("state IN ('queued', 'claimed', 'done')", name="state"),
        Index("ix_upload_due", "due_at", postgresql_where=text("state <> 'done'")),
        Index("ix_upload_waiting", "tenant_id", "received_at", postgresql_where=text("state <> 'done'")),
    )


class DeviceEvent(OfTenant, Base):
    """The receipt of one event: `id` is the device's UUIDv7, `body_hash` tells a repeat from a reused id."""

    __tablename__ = "device_event"
    upload_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(Integer)  # in the upload
    device_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger)  # some gateways count in milliseconds
    kind: Mapped[str]
    body_hash: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(
        default=0
    )  # counted only when an upload is taken apart event by event
    refusals: Mapped[list[str]] = mapped_column(JSONB, default=list)
    code: Mapped[str] = mapped_column(default="")
    message: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # {"zh": …, "en": …}
    cylinder_id: Mapped[UUID | None]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        within("upload", "upload_id"),
        within("device", "device_id"),
        CheckConstraint("state IN ('pending', 'applied', 'refused', 'rejected')", name="state"),
        Index("ix_device_event_seq", "tenant_id", "device_id", "seq"),
        Index("ix_device_event_upload", "tenant_id", "upload_id", "position"),
        Index(
            "ix_device_event_rejected",
            "tenant_id",
            "received_at",
            postgresql_where=text("state = 'rejected'"),
        ),
    )
