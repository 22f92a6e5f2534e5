"""Keys: the platform's own, whose private halves are sealed, and the public keys of devices."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, one_of, within
from tenants.rules.states import KeyPurpose

PLATFORM_KIDS = (32_768, 33_791)
DEVICE_KIDS = (1, 32_767)


class PlatformKey(Base):
    """An Ed25519 key of the platform for one purpose; `sealed` is its private half, which only the vault can open."""

    __tablename__ = "platform_key"
    kid: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    purpose: Mapped[str]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    signs_from: Mapped[datetime]
    not_after: Mapped[datetime | None]  # nothing it signed counts any longer
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        one_of("purpose", KeyPurpose),
        CheckConstraint(f"kid BETWEEN {PLATFORM_KIDS[0]} AND {PLATFORM_KIDS[1]}", name="kid"),
        CheckConstraint("length(public_key) = 32", name="public_key"),
    )


class DeviceKey(OfTenant, Base):
    """The public key that a device made for itself; `id` is the keyid of its requests, `kid` its number in tags."""

    __tablename__ = "device_key"
    device_id: Mapped[UUID]
    kid: Mapped[int]
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        within("device", "device_id"),
        UniqueConstraint("tenant_id", "kid"),
        UniqueConstraint("tenant_id", "public_key"),
        CheckConstraint(f"kid BETWEEN {DEVICE_KIDS[0]} AND {DEVICE_KIDS[1]}", name="kid"),
        CheckConstraint("length(public_key) = 32", name="public_key"),
        Index("ix_device_key_id", "id"),
        Index("ix_device_key_device", "tenant_id", "device_id"),
    )


class Enrolment(OfTenant, Base):
    """A one-time token for one new device; it is shown once, the table keeps its SHA-256 (hex)."""

    __tablename__ = "enrolment"
    token_hash: Mapped[str]
    role: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    created_by: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[UUID | None]
    __table_args__ = (within("device", "device_id"), Index("ix_enrolment_token", "token_hash"))
