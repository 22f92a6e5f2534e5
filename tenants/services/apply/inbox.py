"""Claiming work from the inbox.

Attempts are counted and committed before the work, so that an upload that kills its worker is found out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.faults import CrashPoint, crash_point
from tenants.models import Upload

LEASE = timedelta(seconds=10)  # several times what the largest upload takes
TRIES_TOGETHER = 2  # after that many tries an upload is applied event by event
TRIES_ALONE = 3  # an event that still ends its worker is put aside

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """An upload that this worker holds until its lease runs out."""

    tenant_id: int
    upload_id: UUID
    attempts: int


def claim_next() -> Claim | None:
    """Take the upload that has waited longest, of whatever enterprise; None when nothing is due."""
    with scope.relay_scope() as session:
        waiting = (
            select(Upload.tenant_id, Upload.id)
            .where(Upload.state != "done", Upload.due_at <= func.now())
            .order_by(Upload.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = session.execute(waiting).first()
        if row is None:
            return None
        attempts = session.scalar(
            update(Upload)
            .where(Upload.tenant_id == row.tenant_id, Upload.id == row.id)
            .values(state="claimed", attempts=Upload.attempts + 1, due_at=func.now() + LEASE)
            .returning(Upload.attempts)
        )
        claim = Claim(row.tenant_id, row.id, int(attempts or 0))
    crash_point(CrashPoint.AFTER_CLAIM)
    return claim


def give_back(claim: Claim) -> None:
    """Leave a claimed upload for a little later, a second for each attempt; without a database the lease ends by itself."""
    try:
        with scope.relay_scope() as session:
            session.execute(
                update(Upload)
                .where(
                    Upload.tenant_id == claim.tenant_id, Upload.id == claim.upload_id, Upload.state != "done"
                )
                .where(Upload.attempts == claim.attempts)  # otherwise somebody else has it by now
                .values(due_at=func.now() + min(claim.attempts, 10) * timedelta(seconds=1))
            )
    except SQLAlchemyError as problem:
        log.warning("lease_left_to_end", upload=str(claim.upload_id), problem=type(problem).__name__)


def lock_upload(session: Session, upload_id: UUID) -> Upload | None:
    """The upload under lock, or None when another worker has finished it meanwhile."""
    upload = session.scalars(select(Upload).where(Upload.id == upload_id).with_for_update()).one()
    return None if upload.state == "done" else upload


def waiting_count(session: Session) -> tuple[int, float]:
    """How many uploads wait, and for how many seconds the oldest has (relay scope)."""
    row = session.execute(
        text(
            "SELECT count(*), coalesce(extract(epoch FROM now() - min(received_at)), 0) FROM gas.upload WHERE state <> 'done'"
        )
    ).one()
    return int(row[0]), float(row[1])


def anything_due() -> bool:
    """Whether an upload waits that nobody works on."""
    with scope.relay_scope() as session:
        due = select(Upload.id).where(Upload.state != "done", Upload.due_at <= func.now())
        return bool(session.scalar(select(due.exists())))
