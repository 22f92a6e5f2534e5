"""A warehouse (仓库) of an enterprise, for empty or full cylinders."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, one_of
from tenants.rules.states import PlaceState


class Warehouse(OfTenant, Base):
    """`code` is what a device sends as the place of an event."""

    __tablename__ = "warehouse"
    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    keeper_code: Mapped[str | None]  # staff code
    state: Mapped[str] = mapped_column(default=PlaceState.OPEN.value)
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("code <> ''", name="code"),
        one_of("state", PlaceState),
    )
