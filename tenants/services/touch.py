"""Saying that something a verdict depends on has changed: a higher version under the row's lock, and an outbox row beside it.

Whatever changes such a thing calls one of these in the same transaction; the relay carries the rest.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from tenants import events
from tenants.models import Cylinder, Tenant


def touch_cylinders(session: Session, cylinders: Sequence[Cylinder]) -> None:
    """These cylinders' facts changed; the rows must be locked by this transaction."""
    for cylinder in cylinders:
        cylinder.facts_version += 1
    events.record_all(session, events.Event.CYLINDER_CHANGED, [cylinder.id for cylinder in cylinders])


def touch_enterprise(session: Session, tenant_id: int) -> None:
    """The enterprise's facts changed: licence, people, media, assays or its own state."""
    tenant = session.get_one(Tenant, tenant_id, with_for_update=True)
    tenant.facts_version += 1
    events.record(session, events.Event.ENTERPRISE_CHANGED, None, tenant_id)
