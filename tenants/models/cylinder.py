"""A gas cylinder (气瓶): its stamp, its dates, its state, and where it is in its round."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, chars, one_of
from tenants.rules.states import CylinderStatus, DatePrecision, Ownership, Stage

PRECISIONS = ("made", "last_inspection", "next_inspection", "end_of_life", "valve_end_of_life")


class Cylinder(OfTenant, Base):
    """One cylinder for life. Masses in kg, volume in litres, pressure in MPa; each date with its precision (day or month).

    `facts_version` rises with every change that a verdict depends on, taken under the row's lock.
    """

    __tablename__ = "cylinder"
    serial_no: Mapped[str]
    maker: Mapped[str] = mapped_column(default="")
    kind_code: Mapped[str]
    medium_id: Mapped[str]
    registration_no: Mapped[str] = mapped_column(default="")
    ownership: Mapped[str] = mapped_column(default=Ownership.OWN.value)
    made_on: Mapped[date | None]
    made_precision: Mapped[str] = mapped_column(default=DatePrecision.MONTH.value)
    last_inspection_on: Mapped[date | None]
    last_inspection_precision: Mapped[str] = mapped_column(default=DatePrecision.MONTH.value)
    next_inspection_on: Mapped[date | None]
    next_inspection_precision: Mapped[str] = mapped_column(default=DatePrecision.MONTH.value)
    end_of_life_on: Mapped[date | None]
    end_of_life_precision: Mapped[str] = mapped_column(default=DatePrecision.MONTH.value)
    valve_end_of_life_on: Mapped[date | None]
    valve_end_of_life_precision: Mapped[str] = mapped_column(default=DatePrecision.MONTH.value)
    volume_l: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    nominal_pressure_mpa: Mapped[Decimal | None] = mapped_column(Numeric(6, 2))
    tare_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    max_fill_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    porosity: Mapped[Decimal | None] = mapped_column(Numeric(4, 3))
    status: Mapped[str] = mapped_column(default=CylinderStatus.IN_USE.value)
    status_reason: Mapped[str] = mapped_column(default="")
    status_changed_at: Mapped[datetime | None]
    stage: Mapped[str] = mapped_column(default=Stage.NEW.value)
    place: Mapped[str] = mapped_column(default="")
    stopped_at: Mapped[datetime | None]  # since when an inspector's finding forbids filling
    checked_at: Mapped[datetime | None]
    check_passed: Mapped[bool | None]
    filled_at: Mapped[datetime | None]
    filled_kg: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    seen_at: Mapped[datetime | None]
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    tile: Mapped[int | None] = mapped_column(Integer)
    district: Mapped[str] = mapped_column(chars(6))
    note: Mapped[str] = mapped_column(default="")
    facts_version: Mapped[int] = mapped_column(BigInteger, default=1)
    row_version: Mapped[int] = mapped_column(default=1)  # rises with every edit of the archive by a person
    changed: Mapped[int] = mapped_column(BigInteger, server_default="0")  # the transaction that wrote last
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW, onupdate=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "serial_no", "maker"),
        CheckConstraint("serial_no <> ''", name="serial_no"),
        one_of("status", CylinderStatus),
        one_of("stage", Stage),
        one_of("ownership", Ownership),
        *(one_of(f"{name}_precision", DatePrecision) for name in PRECISIONS),
        Index("ix_cylinder_created", "tenant_id", "created_at"),
        Index("ix_cylinder_next_inspection", "tenant_id", "next_inspection_on"),
        Index("ix_cylinder_status", "tenant_id", "status", "medium_id"),
        Index("ix_cylinder_tile", "tenant_id", "tile"),
        Index("ix_cylinder_changed", "changed"),
    )
