"""An order (订单): what a customer is to get, empty for full, and how far its delivery is."""

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
from tenants.rules.states import OrderState


class Order(OfTenant, Base):
    """`number` is the enterprise's three digits, the day, and a serial of four; times are UTC."""

    __tablename__ = "customer_order"
    number: Mapped[str]
    customer_id: Mapped[UUID]
    driver_code: Mapped[str | None]  # staff code
    state: Mapped[str] = mapped_column(default=OrderState.WAITING.value)
    out_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("customer", "customer_id"),
        one_of("state", OrderState),
        Index("ix_customer_order_created", "tenant_id", "created_at"),
        Index("ix_customer_order_customer", "tenant_id", "customer_id"),
    )


class OrderLine(Base):
    """So many full cylinders of a medium for so many empty ones."""

    __tablename__ = "customer_order_line"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    order_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    empty_medium_id: Mapped[str | None]  # None: nothing is taken back
    medium_id: Mapped[str]
    quantity: Mapped[int]
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "order_id"], [f"{SCHEMA}.customer_order.tenant_id", f"{SCHEMA}.customer_order.id"]
        ),
        CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity"),
    )
