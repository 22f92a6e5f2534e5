"""The whole life of a cylinder (追溯), one row a step, written by the step itself and never edited."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from geoalchemy2 import Geometry
from sqlalchemy import Index, Integer, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, Base, chars, new_id, one_of, within
from tenants.models.record import Recorded, trusted_time
from tenants.rules.states import EventKind


class TraceEvent(Recorded, Base):
    """One step: what was done and between which stages. Partitioned by month of `at`."""

    __tablename__ = "trace_event"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=new_id, sort_order=-1)
    cylinder_id: Mapped[UUID]
    label_code: Mapped[str | None] = mapped_column(chars(17))
    kind: Mapped[str]
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    implausible: Mapped[bool] = mapped_column(default=False)
    detail: Mapped[dict[str, Any]]
    position: Mapped[Any | None] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False))
    tile: Mapped[int | None]
    __table_args__ = (
        within("cylinder", "cylinder_id"),
        one_of("kind", EventKind),
        trusted_time(),
        Index("ix_trace_event_cylinder", "tenant_id", "cylinder_id", "at"),
        Index("ix_trace_event_at", "tenant_id", "at"),
        {"postgresql_partition_by": "RANGE (at)"},
    )
