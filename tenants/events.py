"""What happened, written into the outbox by the transaction that made it happen.

`workers/subscriptions.py` says what follows from each kind. Until the relay has carried a row on, whoever keeps a copy of its subject
must not rely on the copy.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, literal
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from tenants.models import Outbox


class Event(StrEnum):
    """The closed list of domain events; a value is never renamed."""

    CYLINDER_CHANGED = "cylinder_changed"  # something that a verdict on this cylinder depends on
    ENTERPRISE_CHANGED = (
        "enterprise_changed"  # licence, staff, media, assays: every verdict of the enterprise
    )
    FILL_REFUSED = "fill_refused"  # subject: the violation
    UPLOAD_RECEIVED = "upload_received"  # subject: the upload
    LABELS_WAIT = "labels_wait"  # subject: the making that was asked for
    IMPORT_WAITS = "import_waits"  # subject: the import that was sent, chosen or is to be taken back


def record(
    session: Session, kind: Event, subject_id: UUID | None = None, tenant_id: int | None = None, **detail: Any
) -> None:
    """Write one event into the outbox; `tenant_id` is needed only where the scope is not one enterprise's."""
    record_all(session, kind, [subject_id], tenant_id, **detail)


def record_all(
    session: Session,
    kind: Event,
    subject_ids: Iterable[UUID | None],
    tenant_id: int | None = None,
    **detail: Any,
) -> None:
    """Write one event per subject, in one statement."""
    whose = {} if tenant_id is None else {"tenant_id": tenant_id}
    rows = [{**whose, "kind": kind.value, "subject_id": subject, "detail": detail} for subject in subject_ids]
    if rows:
        session.flush()
        session.execute(insert(Outbox).inline(), rows)


def record_selected(session: Session, kind: Event, subject_ids: Select[UUID]) -> None:
    """Write one event for each subject that the query finds, without fetching them: for a hundred thousand at once."""
    found = subject_ids.subquery()
    rows = found.select().with_only_columns(literal(kind.value), literal({}, JSONB), next(iter(found.c)))
    session.flush()
    session.execute(
        insert(Outbox).from_select(["kind", "detail", "subject_id"], rows, include_defaults=False)
    )
