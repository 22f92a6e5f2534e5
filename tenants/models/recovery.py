"""A recovery (回收单): empty cylinders to be fetched from a customer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base, one_of, within
from tenants.models.errand import Errand, ErrandLine, countable
from tenants.rules.states import RecoveryState


class Recovery(Errand, Base):
    """`number` is HS, the day, and a serial of four."""

    __tablename__ = "recovery"
    state: Mapped[str] = mapped_column(default=RecoveryState.TO_CONFIRM.value)
    collected_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("customer", "customer_id"),
        one_of("state", RecoveryState),
        Index("ix_recovery_created", "tenant_id", "created_at"),
        Index("ix_recovery_customer", "tenant_id", "customer_id"),
    )


class RecoveryLine(ErrandLine, Base):
    """So many empty cylinders of a medium."""

    __tablename__ = "recovery_line"
    recovery_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-1)
    __table_args__ = (within("recovery", "recovery_id"), countable())
