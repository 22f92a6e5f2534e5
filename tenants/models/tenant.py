"""A filling enterprise (充装单位) as the platform knows it, and what it may fill."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, NOW, SCHEMA, Base, OfTenant, chars, one_of
from tenants.rules.states import LicenceState, TenantStatus


class Tenant(Base):
    """An enterprise; district (6) and enterprise (3) are the head of every code it issues.

    `facts_version` rises with every change of what a verdict depends on and that isn't a cylinder's: licence, staff, media.
    """

    __tablename__ = "tenant"
    id: Mapped[int] = mapped_column(Integer, Identity(), primary_key=True)
    district: Mapped[str] = mapped_column(chars(6))
    enterprise: Mapped[str] = mapped_column(chars(3))
    name: Mapped[str]
    short_name: Mapped[str]
    credit_code: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    status: Mapped[str] = mapped_column(default=TenantStatus.ACTIVE.value)
    check_valid_hours: Mapped[int] = mapped_column(default=24)
    facts_version: Mapped[int] = mapped_column(BigInteger, default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("district", "enterprise"),
        CheckConstraint("district ~ '^[0-9]{6}$'", name="district"),
        CheckConstraint("enterprise ~ '^[0-9]{3}$'", name="enterprise"),
        CheckConstraint("check_valid_hours BETWEEN 1 AND 720", name="check_valid_hours"),
        one_of("status", TenantStatus),
    )


class Licence(OfTenant, Base):
    """A filling licence: which media until which day (inclusive)."""

    __tablename__ = "licence"
    number: Mapped[str]
    media: Mapped[list[str]]
    issued_on: Mapped[date | None]
    expires_on: Mapped[date]
    state: Mapped[str] = mapped_column(default=LicenceState.VALID.value)
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        one_of("state", LicenceState),
        ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenant.id"]),
        Index("ix_licence_expires", "tenant_id", "expires_on"),
    )


class MediumCode(Base):
    """The two digits that an enterprise prints for a medium; the table is the enterprise's own."""

    __tablename__ = "medium_code"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    code: Mapped[str] = mapped_column(chars(2), primary_key=True)
    medium_id: Mapped[str]
    assay_required: Mapped[bool] = mapped_column(Boolean, default=False)
    retired_at: Mapped[datetime | None]
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id"], [f"{SCHEMA}.tenant.id"]),
        CheckConstraint("code ~ '^[0-9]{2}$'", name="code"),
    )
