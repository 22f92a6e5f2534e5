"""Totals: changes noted by the database's triggers, and what they are folded into, by enterprise and by district.

`grain` says how long `day` lasts: the day itself, the week (from Monday) or month that begins on it, or `ever`. `medium_id` is `*` for
all media together and empty for what has none. Read them through `tenants.queries.totals`, which adds what is not folded yet.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, Integer, Numeric
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, NOW, Base, OfTenant, chars

_GRAINS = "grain IN ('day', 'week', 'month', 'ever')"


class TotalChange(Base):
    """A number that a transaction adds to a total; there until it is folded."""

    __tablename__ = "total_change"
    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True, server_default=CURRENT_TENANT)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    day: Mapped[date]
    metric: Mapped[str]
    key: Mapped[str]
    medium_id: Mapped[str]
    value: Mapped[Decimal] = mapped_column(Numeric(16, 3))


class TenantTotal(Base):
    """A number of one enterprise: metric `fills`, `net_kg`, `refused_fills`, `refusals` (key: reason), `cylinders` (key: state), `due`…"""

    __tablename__ = "tenant_total"
    tenant_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    district: Mapped[str] = mapped_column(chars(6))
    grain: Mapped[str] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    medium_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(16, 3))
    __table_args__ = (
        CheckConstraint(_GRAINS, name="grain"),
        Index(
            "ix_tenant_total_district",
            "grain",
            "metric",
            "medium_id",
            "day",
            "district",
            postgresql_include=["tenant_id", "key", "value"],
        ),
    )


class DistrictTotal(Base):
    """The same by place: the district in which enterprises are registered, or its first four or two digits for all that lies there."""

    __tablename__ = "district_total"
    grain: Mapped[str] = mapped_column(primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    medium_id: Mapped[str] = mapped_column(primary_key=True)
    district: Mapped[str] = mapped_column(chars(6), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(16, 3))
    __table_args__ = (CheckConstraint(_GRAINS, name="grain"),)


class TotalCheck(OfTenant, Base):
    """One comparison of an enterprise's totals with a recount: how many numbers were wrong, and the first of them."""

    __tablename__ = "total_check"
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    wrong: Mapped[int]
    detail: Mapped[list[Any]] = mapped_column(JSONB)
    __table_args__ = (Index("ix_total_check_at", "tenant_id", "at"),)
