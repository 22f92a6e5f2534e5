"""What a warehouse and a delivery station share: a place of an enterprise that devices name by its code."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from tenants.models.base import NOW, OfTenant, one_of
from tenants.rules.states import PlaceState


class Yard(OfTenant):
    """`code` is what a device sends as the place of an event."""

    code: Mapped[str]
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    keeper_code: Mapped[str | None]  # staff code
    state: Mapped[str] = mapped_column(default=PlaceState.OPEN.value)
    row_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805
        """Constraints belong to one table each."""
        return (
            UniqueConstraint("tenant_id", "code"),
            CheckConstraint("code <> ''", name="code"),
            one_of("state", PlaceState),
        )
