"""What a worker does with makings: claims the next with a lease, tells how far it is, and settles it.

As with imports, attempts are counted and committed before the work; whoever has lost the lease finds that the attempts have gone on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from tenants import scope
from tenants.models import LabelFile, LabelMaking
from tenants.rules.label_words import MakingState

LEASE = timedelta(seconds=90)  # the longest that one step takes: writing the last sheet, keeping the file
MOST_TRIES = 3
KEPT_FOR = timedelta(days=90)
QUEUED = MakingState.QUEUED.value


class Overtaken(Exception):
    """Another worker has this making by now."""


class Cancelled(Exception):
    """Somebody wants the work to stop."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One making that this worker holds."""

    tenant_id: int
    making_id: UUID
    attempts: int


_CLAIM = text("""
WITH next AS (
  SELECT tenant_id, id FROM gas.label_making
  WHERE state = 'queued' AND due_at <= now() ORDER BY due_at, created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE gas.label_making m SET attempts = m.attempts + 1, due_at = now() + :lease, phase_at = now()
FROM next WHERE m.tenant_id = next.tenant_id AND m.id = next.id
RETURNING m.tenant_id, m.id, m.attempts
""")


def claim_next() -> Claim | None:
    """Take the making that has waited longest, of whatever enterprise; None when nothing is due."""
    with scope.relay_scope() as session:
        row = session.execute(_CLAIM, {"lease": LEASE}).one_or_none()
    return None if row is None else Claim(row.tenant_id, row.id, row.attempts)


def anything_due() -> bool:
    """Whether a making waits that nobody works on."""
    with scope.relay_scope() as session:
        due = select(LabelMaking.id).where(LabelMaking.state == QUEUED, LabelMaking.due_at <= func.now())
        return bool(session.scalar(select(due.exists())))


def tell(claim: Claim, made: int) -> None:
    """How many labels are drawn; renews the lease. Raises Cancelled, or Overtaken when another worker has it."""
    with scope.worker_scope(claim.tenant_id) as session:
        told = (
            update(LabelMaking)
            .where(
                LabelMaking.id == claim.making_id,
                LabelMaking.attempts == claim.attempts,
                LabelMaking.state == QUEUED,
            )
            .values(labels_made=made, due_at=func.now() + LEASE)
            .returning(LabelMaking.cancel_at)
        )
        row = session.execute(told, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        raise Overtaken
    if row.cancel_at is not None:
        raise Cancelled


def lock_making(session: Session, claim: Claim) -> LabelMaking:
    """The making under lock; raises Overtaken when it is no longer this worker's."""
    wanted = select(LabelMaking).where(LabelMaking.id == claim.making_id).with_for_update()
    making = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if making is None or making.attempts != claim.attempts or making.state != QUEUED:
        raise Overtaken
    return making


def settle(claim: Claim, state: MakingState) -> None:
    """It came to nothing."""
    with scope.worker_scope(claim.tenant_id) as session:
        lock_making(session, claim).state = state.value


def swept() -> Iterator[UUID]:
    """Forget the files of makings that are older than 90 days; each that was swept."""
    with scope.relay_scope() as session:
        old = select(LabelMaking.tenant_id, LabelMaking.id).where(
            LabelMaking.created_at < func.now() - KEPT_FOR,
            LabelMaking.swept_at.is_(None),
            LabelMaking.state != QUEUED,
        )
        due = session.execute(old.limit(200)).all()
    for tenant_id, making_id in due:
        with scope.worker_scope(tenant_id) as session:
            session.execute(delete(LabelFile).where(LabelFile.making_id == making_id))
            session.execute(
                update(LabelMaking).where(LabelMaking.id == making_id).values(swept_at=func.now())
            )
        yield making_id
