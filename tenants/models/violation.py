"""A fill that was refused, kept with every reason; it is evidence and is never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base, OfTenant, chars, one_of, within
from tenants.models.record import Recorded, trusted_time
from tenants.rules.states import Severity


class Violation(OfTenant, Recorded, Base):
    """What was tried, with which cylinder (where it is known), and why the rule said no, gravest reason first."""

    __tablename__ = "violation"
    at: Mapped[datetime]
    kind: Mapped[str]  # the event that was refused
    cylinder_id: Mapped[UUID | None]
    scanned: Mapped[str]  # what the reader delivered
    label_code: Mapped[str | None] = mapped_column(chars(17))
    refusal: Mapped[str]  # the gravest
    refusals: Mapped[list[str]]
    severity: Mapped[str]
    medium_id: Mapped[str | None]
    detail: Mapped[dict[str, Any]]
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    tile: Mapped[int | None]
    district: Mapped[str] = mapped_column(chars(6))
    __table_args__ = (
        within("cylinder", "cylinder_id"),
        one_of("severity", Severity),
        trusted_time(),
        Index("ix_violation_at", "tenant_id", "at"),
        Index("ix_violation_cylinder", "tenant_id", "cylinder_id", "at"),
        Index("ix_violation_tile", "tenant_id", "tile"),
    )
