"""A delivery station (配送站) of an enterprise, where cylinders wait for their customers."""

from __future__ import annotations

from tenants.models.base import Base
from tenants.models.yard import Yard


class Station(Yard, Base):
    """See `Yard`."""

    __tablename__ = "station"
