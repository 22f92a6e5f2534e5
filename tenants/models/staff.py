"""The people of an enterprise and the certificates that let them work."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, within


class Staff(OfTenant, Base):
    """A worker; `code` is what a device sends as the operator, `kinds` are the kinds of work (充装, 检查, 配送…)."""

    __tablename__ = "staff"
    code: Mapped[str]
    name: Mapped[str]
    kinds: Mapped[list[str]]
    phone: Mapped[str] = mapped_column(default="")
    left_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (UniqueConstraint("tenant_id", "code"),)


class Certificate(OfTenant, Base):
    """A certificate of one person: the item it covers (P, R2…) until which day (inclusive)."""

    __tablename__ = "certificate"
    staff_id: Mapped[UUID]
    item: Mapped[str]
    number: Mapped[str] = mapped_column(default="")
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    __table_args__ = (within("staff", "staff_id"), Index("ix_certificate_staff", "tenant_id", "staff_id"))
