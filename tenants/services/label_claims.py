"""What a worker does with makings: claims the next with a lease, tells how far it is, and settles it.

Holding work by a lease is the same for all that takes long: `leases.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update

from tenants import scope
from tenants.models import LabelFile, LabelMaking
from tenants.rules.label_words import MakingState
from tenants.services.leases import Claim, Leases

LEASE = timedelta(seconds=90)  # the longest that one step takes: writing the last sheet, keeping the file
MOST_TRIES = 3
KEPT_FOR = timedelta(days=90)
QUEUED = MakingState.QUEUED.value

_leases = Leases(LabelMaking, (QUEUED,), LEASE)
claim_next, anything_due = _leases.claim_next, _leases.anything_due
lock_making = _leases.lock


def tell(claim: Claim, made: int) -> None:
    """How many labels are drawn; renews the lease. Raises Cancelled, or Overtaken when another worker has it."""
    _leases.tell(claim, labels_made=made)


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
