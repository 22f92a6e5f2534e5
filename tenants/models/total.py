"""Daily totals, kept in the transaction that writes the rows they count."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Date, Index, Integer, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, Base


class DailyTotal(Base):
    """A number of one enterprise for one day (Asia/Shanghai): metric `fills`, `net_kg` (key: medium), `refusals` (key: refusal)…"""

    __tablename__ = "daily_total"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    metric: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Decimal] = mapped_column(Numeric(16, 3))
    __table_args__ = (Index("ix_daily_total_day", "day", "tenant_id"),)
