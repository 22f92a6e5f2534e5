"""Keeping the totals: folding what was noted, comparing with a recount, mending. Each function stands in scopes of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from tenants import scope
from tenants.models import Tenant, TotalCheck
from tenants.services import recount

MOST = 100_000  # changes folded in one transaction
NIGHT = range(2, 5)  # hours in Asia/Shanghai
KEPT = 20  # wrong numbers that a check remembers one by one


def changes_wait() -> bool:
    """Whether anything waits to be folded."""
    with scope.relay_scope() as session:
        return recount.waiting(session)


def at_night() -> bool:
    """Whether it is the time for work that reads everything."""
    return datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai")).hour in NIGHT


def fold_all() -> int:
    """Fold until nothing is left of what is there now; how many changes."""
    folded = 0
    while True:
        with scope.relay_scope() as session:
            just = recount.fold(session, MOST)
        folded += just
        if just < MOST:
            return folded


def enterprises() -> Sequence[int]:
    """The ids of all of them."""
    with scope.platform_scope() as session:
        return session.scalars(select(Tenant.id).order_by(Tenant.id)).all()


def check_one(tenant_id: int) -> recount.Totals:
    """Compare one enterprise's totals with a recount and keep the finding; what is wrong."""
    with scope.worker_scope(tenant_id) as session:
        found = recount.drift(session)
        first = [[day.isoformat(), *rest, str(excess)] for (day, *rest), excess in list(found.items())[:KEPT]]
        session.add(TotalCheck(wrong=len(found), detail=first))
    return found


def astray_now() -> int:
    """How many folded numbers the enterprises' own days don't bear out."""
    fold_all()
    with scope.relay_scope() as session:
        return recount.astray(session)


def mend_all(tenant_ids: Sequence[int]) -> int:
    """Make the totals of these enterprises equal to a recount, and every coarser grain equal to them; how many numbers were wrong."""
    mended = 0
    for tenant_id in tenant_ids:
        with scope.worker_scope(tenant_id) as session:
            mended += recount.mend(session)
    fold_all()
    with scope.relay_scope() as session:
        astray = recount.astray(session)
        if astray:
            recount.rebuild(session)
    return mended + astray
