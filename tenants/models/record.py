"""What every record of work shares: when, by whom, with which device, and how far the device's clock may be believed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tenants.models.base import NOW

TIME_TRUST = "time_trust IN ('good', 'suspect')"


class Recorded:
    """`at` is the time the record counts with: the device's clock where it is believable, else when the server received it.

    `device_at` keeps what the device said and `received_at` what the server saw. `event_id` is the device's own id of the event.
    `corrects_id` points at an earlier record that this one puts right; nothing is ever edited.
    """

    device_at: Mapped[datetime | None]
    received_at: Mapped[datetime] = mapped_column(server_default=NOW)
    time_trust: Mapped[str] = mapped_column(default="good")
    operator_code: Mapped[str | None]
    device_id: Mapped[UUID | None]
    event_id: Mapped[UUID | None]
    place: Mapped[str | None]
    corrects_id: Mapped[UUID | None]


def trusted_time() -> CheckConstraint:
    """The CHECK for `time_trust`."""
    return CheckConstraint(TIME_TRUST, name="time_trust")
