"""An order (订单): what a customer is to get, empty for full, and how far its delivery is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import Base, one_of, within
from tenants.models.errand import Errand, ErrandLine, countable
from tenants.rules.states import OrderState


class Order(Errand, Base):
    """`number` is the enterprise's three digits, the day, and a serial of four."""

    __tablename__ = "customer_order"
    state: Mapped[str] = mapped_column(default=OrderState.WAITING.value)
    out_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        within("customer", "customer_id"),
        one_of("state", OrderState),
        Index("ix_customer_order_created", "tenant_id", "created_at"),
        Index("ix_customer_order_customer", "tenant_id", "customer_id"),
    )


class OrderLine(ErrandLine, Base):
    """So many full cylinders of a medium for so many empty ones."""

    __tablename__ = "customer_order_line"
    order_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, sort_order=-1)
    empty_medium_id: Mapped[str | None]  # None: nothing is taken back
    __table_args__ = (within("customer_order", "order_id"), countable())
