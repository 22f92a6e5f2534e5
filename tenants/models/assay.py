"""An assay (化验) of a medium or of one batch of it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant


class Assay(OfTenant, Base):
    """Whether a batch (None: the medium at large) passed, and until which day (inclusive) the result may be used."""

    __tablename__ = "assay"
    medium_id: Mapped[str]
    batch: Mapped[str | None]
    passed: Mapped[bool]
    assayed_on: Mapped[date]
    valid_until: Mapped[date | None]
    recorded_at: Mapped[datetime] = mapped_column(server_default=NOW)
    recorded_by: Mapped[str] = mapped_column(default="")
    changed: Mapped[int] = mapped_column(BigInteger, server_default="0")  # the transaction that wrote last
    __table_args__ = (
        Index("ix_assay_medium", "tenant_id", "medium_id", "assayed_on"),
        Index("ix_assay_changed", "changed"),
    )
