"""A warehouse (仓库) of an enterprise, for empty or full cylinders."""

from __future__ import annotations

from tenants.models.base import Base
from tenants.models.yard import Yard


class Warehouse(Yard, Base):
    """See `Yard`."""

    __tablename__ = "warehouse"
