"""Fills (充装记录) and the checks before and after them (检查记录); both are only ever added to."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import CheckConstraint, Index, Integer, Numeric, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, Base, OfTenant, chars, new_id, within
from tenants.models.record import Recorded, trusted_time


class Fill(Recorded, Base):
    """One filling of one cylinder; a refused one never gets here. Partitioned by month of `at`."""

    __tablename__ = "fill"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)
    cylinder_id: Mapped[UUID]
    label_code: Mapped[str] = mapped_column(chars(17))
    medium_id: Mapped[str]
    net_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    gross_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    tare_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    residual_mpa: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    pressure_mpa: Mapped[Decimal | None] = mapped_column(Numeric(6, 3))
    temperature_c: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))
    gun: Mapped[str | None]
    batch: Mapped[str | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    cautions: Mapped[list[str] | None] = mapped_column(JSONB)
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    tile: Mapped[int | None]
    district: Mapped[str] = mapped_column(chars(6))
    __table_args__ = (
        within("cylinder", "cylinder_id"),
        trusted_time(),
        Index("ix_fill_cylinder", "tenant_id", "cylinder_id", "at"),
        Index("ix_fill_at", "at"),
        Index("ix_fill_tile", "tenant_id", "tile"),
        {"postgresql_partition_by": "RANGE (at)"},
    )


class FillCheck(OfTenant, Recorded, Base):
    """A check before or after a fill, with what was looked at."""

    __tablename__ = "fill_check"
    at: Mapped[datetime]
    stage: Mapped[str]
    cylinder_id: Mapped[UUID]
    label_code: Mapped[str] = mapped_column(chars(17))
    passed: Mapped[bool]
    items: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        within("cylinder", "cylinder_id"),
        trusted_time(),
        CheckConstraint("stage IN ('before', 'after')", name="stage"),
        Index("ix_fill_check_cylinder", "tenant_id", "cylinder_id", "at"),
        Index("ix_fill_check_at", "tenant_id", "at"),
    )
