"""A device of an enterprise: handheld, filling gun, scale, gateway."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, one_of
from tenants.rules.states import Role


class Device(OfTenant, Base):
    """A caller of the device API; the token itself is shown once, the table keeps its SHA-256 (hex)."""

    __tablename__ = "device"
    name: Mapped[str]
    role: Mapped[str]
    model: Mapped[str] = mapped_column(default="", server_default="")
    token_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str] = mapped_column(default="")
    last_seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(server_default="")
    app_version: Mapped[str] = mapped_column(server_default="")
    battery: Mapped[int | None]  # percent
    __table_args__ = (
        UniqueConstraint("tenant_id", "name"),
        one_of("role", Role),
        CheckConstraint("battery BETWEEN 0 AND 100", name="battery"),
        Index("ix_device_token", "token_hash"),
    )
