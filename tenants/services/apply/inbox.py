"""Claiming work from the inbox.

Attempts are counted and committed before the work, so that an upload that kills its worker is found out.
"""

from __future__ import annotations

from collections.abc import Sequence
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

LEASE = timedelta(
    seconds=3
)  # until its worker has locked it; from then on the row's lock keeps the others away
MOST_AT_ONCE = 50  # uploads
TRIES_TOGETHER = 3  # after that many tries an upload is applied event by event
TRIES_ALONE = 3  # an event that still ends its worker is put aside

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Claim:
    """Uploads of one enterprise, in order, that this worker holds until the lease runs out or, longer, while it has them locked.

    More than one only where none of them was tried more than once before.
    """

    tenant_id: int
    upload_ids: tuple[UUID, ...]
    attempts: int


# One step per enterprise along ix_upload_waiting, however long its queue is.
_CLAIM = text("""
WITH RECURSIVE head AS (
  (SELECT tenant_id, id, received_at FROM gas.upload WHERE state <> 'done' AND attempts <= :together
   ORDER BY tenant_id, received_at LIMIT 1)
  UNION ALL
  SELECT following.* FROM head CROSS JOIN LATERAL (
    SELECT tenant_id, id, received_at FROM gas.upload
    WHERE state <> 'done' AND attempts <= :together AND tenant_id > head.tenant_id
    ORDER BY tenant_id, received_at LIMIT 1) AS following
), eligible AS (
  SELECT * FROM head
  UNION ALL SELECT tenant_id, id, received_at FROM gas.upload WHERE state <> 'done' AND attempts > :together
), next AS (
  SELECT u.tenant_id, u.id, u.received_at, u.attempts FROM gas.upload u JOIN eligible USING (tenant_id, id)
  WHERE u.state <> 'done' AND u.due_at <= now()
  ORDER BY u.received_at LIMIT 1 FOR UPDATE OF u SKIP LOCKED
), behind AS (
  SELECT u.tenant_id, u.id FROM gas.upload u JOIN next USING (tenant_id)
  WHERE u.state <> 'done' AND u.due_at <= now() AND u.attempts = next.attempts AND next.attempts < 2 AND u.id <> next.id
  ORDER BY u.received_at LIMIT :behind FOR UPDATE OF u SKIP LOCKED
)
UPDATE gas.upload u SET state = 'claimed', attempts = u.attempts + 1, due_at = now() + :lease
FROM (SELECT tenant_id, id FROM next UNION ALL SELECT tenant_id, id FROM behind) AS mine
WHERE u.tenant_id = mine.tenant_id AND u.id = mine.id
RETURNING u.tenant_id, u.id, u.attempts, u.received_at
""")


def claim_next() -> Claim | None:
    """Take the upload that has waited longest, of whatever enterprise, and those behind it; None when nothing is due.

    An enterprise's uploads are applied in order, so that a fill isn't judged before the check that came first. Only one that has
    failed several times is overtaken by those behind it.
    """
    with scope.relay_scope() as session:
        wanted = {"together": TRIES_TOGETHER, "lease": LEASE, "behind": MOST_AT_ONCE - 1}
        rows = sorted(session.execute(_CLAIM, wanted).all(), key=lambda row: row.received_at)
    if not rows:
        return None
    crash_point(CrashPoint.AFTER_CLAIM)
    return Claim(rows[0].tenant_id, tuple(row.id for row in rows), rows[0].attempts)


def give_back(claim: Claim) -> None:
    """Leave what is claimed for a little later, a second for each attempt; without a database the lease ends by itself."""
    try:
        with scope.relay_scope() as session:
            session.execute(
                update(Upload)
                .where(Upload.tenant_id == claim.tenant_id, Upload.id.in_(claim.upload_ids))
                .where(Upload.state != "done")
                .where(Upload.attempts == claim.attempts)  # otherwise somebody else has it by now
                .values(due_at=func.now() + min(claim.attempts, 10) * timedelta(seconds=1))
            )
    except SQLAlchemyError as problem:
        log.warning("lease_left_to_end", upload=str(claim.upload_ids[0]), problem=type(problem).__name__)


def lock_uploads(session: Session, upload_ids: Sequence[UUID]) -> Sequence[Upload]:
    """These uploads under lock, in order, without those that another worker has finished meanwhile."""
    wanted = select(Upload).where(Upload.id.in_(upload_ids)).order_by(Upload.received_at, Upload.id)
    return [upload for upload in session.scalars(wanted.with_for_update()) if upload.state != "done"]


def anything_due() -> bool:
    """Whether an upload waits that nobody works on."""
    with scope.relay_scope() as session:
        due = select(Upload.id).where(Upload.state != "done", Upload.due_at <= func.now())
        return bool(session.scalar(select(due.exists())))
