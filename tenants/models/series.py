"""Series of numbers: how far each has counted, so that no number is given twice."""

from __future__ import annotations

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import CURRENT_TENANT, Base


class NumberSeries(Base):
    """One series of one enterprise, such as `customer` or `order 20261120`, and the last number it gave."""

    __tablename__ = "number_series"
    tenant_id: Mapped[int] = mapped_column(
        Integer, primary_key=True, server_default=CURRENT_TENANT, sort_order=-2
    )
    series: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
