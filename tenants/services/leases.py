"""Long work that one worker holds at a time: claimed with a lease, which is renewed while it goes on, and lost by a worker that dies.

Attempts are counted and committed before the work, so that work that ends its worker is found out. Whoever has lost the lease finds that
the attempts have gone on. A table of such work has the columns state, due_at, created_at, phase_at, attempts and cancel_at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from tenants import scope
from tenants.models import ImportRun, LabelMaking

M = TypeVar("M", ImportRun, LabelMaking)


class Overtaken(Exception):
    """Another worker has this work by now; what this one did is rolled back."""


class Cancelled(Exception):
    """Somebody wants the work to stop; what was done is rolled back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One piece of work that this worker holds."""

    tenant_id: int
    id: UUID
    attempts: int


class Leases(Generic[M]):
    """The work of one table, as far as it stands in one of these states."""

    def __init__(self, model: type[M], at_work: Sequence[str], lease: timedelta) -> None:
        self._model: type[M] = model
        self._at_work, self._lease = at_work, lease

    def claim_next(self) -> Claim | None:
        """Take what has waited longest, of whatever enterprise; None when nothing is due."""
        m = self._model
        waited = select(m.tenant_id, m.id).where(self._due()).order_by(m.due_at, m.created_at)
        taken = waited.limit(1).with_for_update(skip_locked=True).cte("taken")
        claim = (
            update(m)
            .where(m.tenant_id == taken.c.tenant_id, m.id == taken.c.id)
            .values(attempts=m.attempts + 1, due_at=func.now() + self._lease, phase_at=func.now())
            .returning(m.tenant_id, m.id, m.attempts)
        )
        with scope.relay_scope() as session:
            row = session.execute(claim, execution_options={"synchronize_session": False}).one_or_none()
        return None if row is None else Claim(*row)

    def anything_due(self) -> bool:
        """Whether something waits that nobody works on."""
        with scope.relay_scope() as session:
            return bool(session.scalar(select(select(self._model.id).where(self._due()).exists())))

    def tell(self, claim: Claim, **done: Any) -> None:
        """Keep how far it is and renew the lease. Raises Cancelled, or Overtaken when another worker has it."""
        row = self._renew(claim, **done)
        if row is None:
            raise Overtaken
        if row.cancel_at is not None:
            raise Cancelled

    def renew(self, claim: Claim) -> None:
        """Renew the lease, if it is still this worker's."""
        self._renew(claim)

    def lock(self, session: Session, claim: Claim) -> M:
        """The work under lock, at its end; raises Overtaken when it is no longer this worker's."""
        wanted = select(self._model).where(self._model.id == claim.id).with_for_update()
        work: M | None = session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
        if work is None or work.attempts != claim.attempts or work.state not in self._at_work:
            raise Overtaken
        return work

    def _due(self) -> ColumnElement[bool]:
        return and_(self._model.state.in_(self._at_work), self._model.due_at <= func.now())

    def _renew(self, claim: Claim, **done: Any) -> Any:
        m = self._model
        mine = (m.id == claim.id, m.attempts == claim.attempts, m.state.in_(self._at_work))
        told = update(m).where(*mine).values(due_at=func.now() + self._lease, **done).returning(m.cancel_at)
        with scope.worker_scope(claim.tenant_id) as session:
            return session.execute(told, execution_options={"synchronize_session": False}).one_or_none()
