"""A customer (客户) of an enterprise. Who they are and where they live is seen by the enterprise's own people and nobody else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW, Base, OfTenant, chars, one_of
from tenants.rules.states import CustomerKind, CustomerState


class Customer(OfTenant, Base):
    """A household or firm that is supplied; `number` is the district's six digits and a serial of four."""

    __tablename__ = "customer"
    number: Mapped[str] = mapped_column(chars(10))
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=CustomerKind.PERSON.value)
    district: Mapped[str] = mapped_column(chars(6))
    contact: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default=CustomerState.ACTIVE.value)
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)
    updated_at: Mapped[datetime] = mapped_column(server_default=NOW, onupdate=NOW)
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        CheckConstraint("number ~ '^[0-9]{10}$'", name="number"),
        CheckConstraint("name <> ''", name="name"),
        one_of("kind", CustomerKind),
        one_of("state", CustomerState),
        Index("ix_customer_created", "tenant_id", "created_at"),
    )
