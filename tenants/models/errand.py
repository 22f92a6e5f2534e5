"""What an order and a recovery share: a number, a customer, a driver, and lines of media with quantities."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, NOW, OfTenant


class Errand(OfTenant):
    """Times are UTC; `done_at` is when the last state was reached."""

    number: Mapped[str]
    customer_id: Mapped[UUID]
    driver_code: Mapped[str | None]  # staff code
    done_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class ErrandLine:
    """So many cylinders of a medium, in the order written."""

    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    medium_id: Mapped[str]
    quantity: Mapped[int]


def countable() -> CheckConstraint:
    """The CHECK for `quantity`."""
    return CheckConstraint("quantity BETWEEN 1 AND 9999", name="quantity")
