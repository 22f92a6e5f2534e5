"""What follows from each domain event: reflexes, which the relay runs before it ticks the event off, and jobs, for which it rings.

A reflex is what must have happened before anybody may rely on a copy again. A job is work that has its own record in PostgreSQL: the
bell only wakes a worker, and the scheduler finds what a lost bell left lying.
"""

from __future__ import annotations

from tenants.events import Event
from workers.queues import JobName
from workers.reflexes import Reflex, refresh_cylinders, refresh_enterprise

REFLEXES: dict[Event, Reflex | None] = {
    Event.CYLINDER_CHANGED: refresh_cylinders,
    Event.ENTERPRISE_CHANGED: refresh_enterprise,
    Event.FILL_REFUSED: None,  # a violation is in its table already, and no verdict depends on it
    Event.UPLOAD_RECEIVED: None,
    Event.IMPORT_WAITS: None,
    Event.LABELS_WAIT: None,
}

JOBS: dict[Event, tuple[JobName, ...]] = {
    Event.CYLINDER_CHANGED: (),
    Event.ENTERPRISE_CHANGED: (),
    Event.FILL_REFUSED: (),
    Event.UPLOAD_RECEIVED: (JobName.DRAIN_UPLOADS,),
    Event.IMPORT_WAITS: (JobName.RUN_IMPORTS,),
    Event.LABELS_WAIT: (JobName.MAKE_LABELS,),
}
