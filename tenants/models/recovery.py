"""A recovery (回收单): empty cylinders to be fetched from a customer."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, NOW, SCHEMA, Base, OfTenant, one_of, within
from tenants.rules.states import RecoveryState


class Recovery(OfTenant, Base):
    """`number` is HS, the day, and a serial of four; times are UTC."""

    __tablename__ = "recovery"
    number: Mapped[str]
    customer_id: Mapped[UUID]
    driver_code: Mapped[str | None]  # staff code
    state: Mapped[str] = mapped_column(default=RecoveryState.TO_CONFIRM.value)
    collected_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("customer", "customer_id"),
        one_of("state", RecoveryState),
        Index("ix_recovery_created", "tenant_id", "created_at"),
        Index("ix_recovery_customer", "tenant_id", "customer_id"),
    )


class RecoveryLine(Base):
    """So many empty cylinders of a medium."""

    __tablename__ = "recovery_line"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    recovery_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    medium_id: Mapped[str]
    quantity: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "recovery_id"], [f"{SCHEMA}.recovery.tenant_id", f"{SCHEMA}.recovery.id"]
        ),
        CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity"),
    )
