"""What a worker does with imports: claims the next with a lease, tells how far it is, and settles it.

While it works, the worker tells its progress in short transactions of their own; how work is held by a lease stands in `leases.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError

from tenants import scope
from tenants.models import ImportFile, ImportRow, ImportRun
from tenants.rules.states import ImportState
from tenants.services.leases import Claim, Leases

LEASE = timedelta(seconds=30)
MOST_TRIES = 3
KEPT_FOR = timedelta(days=30)
AT_WORK = (ImportState.QUEUED.value, ImportState.APPROVED.value, ImportState.UNDOING.value)

_leases = Leases(ImportRun, AT_WORK, LEASE)
claim_next, anything_due = _leases.claim_next, _leases.anything_due
lock_run = _leases.lock


def tell(claim: Claim, done: int, total: int | None = None) -> None:
    """How far the work is, for whoever watches; renews the lease. Raises Cancelled, or Overtaken when another worker has it."""
    _leases.tell(claim, rows_done=done, **({} if total is None else {"rows_total": total}))


@contextmanager
def held(claim: Claim) -> Iterator[None]:
    """Renew the lease meanwhile, however long one statement takes; a worker that dies renews nothing."""
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(claim, ended), name="lease", daemon=True)
    renewing.start()
    try:
        yield
    finally:
        ended.set()
        renewing.join()


def _renew(claim: Claim, ended: threading.Event) -> None:
    while not ended.wait(LEASE.total_seconds() / 3):
        with suppress(SQLAlchemyError):
            _leases.renew(claim)


def swept() -> Iterator[tuple[int, UUID]]:
    """Forget files and rows of imports that are older than 30 days; each import that was swept."""
    with scope.relay_scope() as session:
        old = select(ImportRun.tenant_id, ImportRun.id).where(
            ImportRun.created_at < func.now() - KEPT_FOR,
            ImportRun.swept_at.is_(None),
            ImportRun.state.not_in(AT_WORK),
        )
        due = session.execute(old.limit(200)).all()
    for tenant_id, run_id in due:
        with scope.worker_scope(tenant_id) as session:
            for table, key in ((ImportRow, ImportRow.run_id), (ImportFile, ImportFile.id)):
                session.execute(table.__table__.delete().where(key == run_id))  # type: ignore[attr-defined]
            session.execute(update(ImportRun).where(ImportRun.id == run_id).values(swept_at=func.now()))
        yield tenant_id, run_id
