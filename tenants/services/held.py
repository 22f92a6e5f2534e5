"""What a revoked device still sent: kept, not applied, until a manager accepts or declines it with a reason.

Such an event is pending with the code `device_revoked`, which the worker passes over; its body is in its upload like any other's. Accepting
takes the code away, and the worker applies it as if it had just come in.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tenants import audit
from tenants.errors import Conflict, NotFound
from tenants.models import DeviceEvent, Upload
from tenants.models.inbox import HELD
from tenants.permissions import Actor

DECLINED = "declined"
SAID = {
    "zh": "设备已吊销，记录已隔离，待管理员确认",
    "en": "The device is revoked; the event waits for a manager's decision",
}


def accept(session: Session, actor: Actor, event_id: UUID, reason: str, now: datetime) -> None:
    """Let a held event be applied; raises NotFound, or Conflict when it was decided before."""
    event = _held(session, event_id)
    event.code, event.message = "", {}
    session.execute(
        update(Upload)
        .where(Upload.id == event.upload_id)
        .values(state="queued", due_at=now, attempts=0)
        .execution_options(synchronize_session=False)
    )
    audit.write(session, actor, audit.Action.EVENT_ACCEPTED, str(event_id), reason=reason)


def decline(session: Session, actor: Actor, event_id: UUID, reason: str) -> None:
    """Leave a held event unapplied for good; it stays on record with the reason."""
    event = _held(session, event_id)
    event.state, event.code = "rejected", DECLINED
    event.message = {"zh": f"管理员未采纳：{reason}", "en": f"Declined by the manager: {reason}"}
    audit.write(session, actor, audit.Action.EVENT_DECLINED, str(event_id), reason=reason)


def _held(session: Session, event_id: UUID) -> DeviceEvent:
    event = session.scalars(
        select(DeviceEvent).where(DeviceEvent.id == event_id).with_for_update()
    ).one_or_none()
    if event is None:
        raise NotFound(f"There is no event {event_id}.")
    if event.code != HELD:
        raise Conflict("This event was decided before.")
    return event
