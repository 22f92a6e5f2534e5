"""What a worker does with imports: claims the next with a lease, tells how far it is, and settles it.

Attempts are counted and committed before the work, so that a file that ends its worker is found out. While it works, the worker tells its
progress in short transactions of their own, and renews its lease; whoever has lost it finds that the attempts have gone on.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tenants import scope
from tenants.models import ImportFile, ImportRow, ImportRun
from tenants.rules.states import ImportState

LEASE = timedelta(seconds=30)
MOST_TRIES = 3
KEPT_FOR = timedelta(days=30)
AT_WORK = (ImportState.QUEUED.value, ImportState.APPROVED.value, ImportState.UNDOING.value)


class Overtaken(Exception):
    """Another worker has this import by now; what this one did is rolled back."""


class Cancelled(Exception):
    """Somebody wants the work to stop; what was done is rolled back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One import that this worker holds."""

    tenant_id: int
    run_id: UUID
    attempts: int


_CLAIM = text("""
WITH next AS (
  SELECT tenant_id, id FROM gas.import_run
  WHERE state IN ('queued', 'approved', 'undoing') AND due_at <= now()
  ORDER BY due_at, created_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE gas.import_run r SET attempts = r.attempts + 1, due_at = now() + :lease, phase_at = now()
FROM next WHERE r.tenant_id = next.tenant_id AND r.id = next.id
RETURNING r.tenant_id, r.id, r.attempts
""")


def claim_next() -> Claim | None:
    """Take the import that has waited longest, of whatever enterprise; None when nothing is due."""
    with scope.relay_scope() as session:
        row = session.execute(_CLAIM, {"lease": LEASE}).one_or_none()
    return None if row is None else Claim(row.tenant_id, row.id, row.attempts)


def anything_due() -> bool:
    """Whether an import waits that nobody works on."""
    with scope.relay_scope() as session:
        due = select(ImportRun.id).where(ImportRun.state.in_(AT_WORK), ImportRun.due_at <= func.now())
        return bool(session.scalar(select(due.exists())))


def tell(claim: Claim, done: int, total: int | None = None) -> None:
    """How far the work is, for whoever watches; renews the lease. Raises Cancelled, or Overtaken when another worker has it."""
    values: dict[str, Any] = {"rows_done": done, "due_at": func.now() + LEASE}
    if total is not None:
        values["rows_total"] = total
    with scope.worker_scope(claim.tenant_id) as session:
        told = (
            update(ImportRun)
            .where(
                ImportRun.id == claim.run_id,
                ImportRun.attempts == claim.attempts,
                ImportRun.state.in_(AT_WORK),
            )
            .values(**values)
            .returning(ImportRun.cancel_at)
        )
        row = session.execute(told, execution_options={"synchronize_session": False}).one_or_none()
    if row is None:
        raise Overtaken
    if row.cancel_at is not None:
        raise Cancelled


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
        with suppress(SQLAlchemyError), scope.worker_scope(claim.tenant_id) as session:
            session.execute(
                update(ImportRun)
                .where(
                    ImportRun.id == claim.run_id,
                    ImportRun.attempts == claim.attempts,
                    ImportRun.state.in_(AT_WORK),
                )
                .values(due_at=func.now() + LEASE)
            )


def lock_run(session: Session, claim: Claim) -> ImportRun:
    """The import under lock, at the end of the work; raises Overtaken when it is no longer this worker's."""
    wanted = select(ImportRun).where(ImportRun.id == claim.run_id).with_for_update()
    run = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if run is None or run.attempts != claim.attempts or run.state not in AT_WORK:
        raise Overtaken
    return run


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
