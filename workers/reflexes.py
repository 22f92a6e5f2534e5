"""What the relay itself does about a change before it says that the change is carried on: the cache gets the newest facts.

Running a reflex twice does no harm. One that fails for a reason that trying again won't mend forgets the subject instead: then whoever
asks reads PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from uuid import UUID

import structlog

from tenants import scope
from tenants.services.apply.batch import is_passing
from tenants.services.facts import cylinder_facts, enterprise_facts
from tenants.verdict_cache import CacheAway, Kept, VerdictCache

Reflex = Callable[[VerdictCache, int, int, Collection[UUID]], None]

log = structlog.get_logger(__name__)


def refresh_cylinders(cache: VerdictCache, tenant_id: int, epoch: int, subjects: Collection[UUID]) -> None:
    """The newest facts of these cylinders stand in the cache, or none. Raises CacheAway, or an error that passes."""
    try:
        _refresh(cache, tenant_id, epoch, subjects)
    except Exception as problem:
        if is_passing(problem) or isinstance(problem, CacheAway):
            raise
        if len(subjects) > 1:
            for subject in subjects:
                refresh_cylinders(cache, tenant_id, epoch, [subject])
            return
        _say_forgotten(tenant_id, subjects, problem)
        cache.drop(tenant_id, epoch, subjects)


def refresh_enterprise(cache: VerdictCache, tenant_id: int, epoch: int, subjects: Collection[UUID]) -> None:
    """The enterprise's newest facts stand in the cache, or none. Raises CacheAway, or an error that passes."""
    try:
        token = cache.begin(tenant_id, epoch)
        with scope.worker_scope(tenant_id) as session:
            facts = enterprise_facts(session, tenant_id)
        _require_kept(cache.keep(token, tenant_id, [facts]))
    except Exception as problem:
        if is_passing(problem) or isinstance(problem, CacheAway):
            raise
        _say_forgotten(tenant_id, subjects, problem)
        cache.drop(tenant_id, epoch, (), enterprise=True)


def forget(cache: VerdictCache, tenant_id: int, epoch: int, subjects: Collection[UUID]) -> None:
    """Nothing of these subjects and of the enterprise stands in the cache: for kinds of events this program doesn't know."""
    cache.drop(tenant_id, epoch, subjects, enterprise=True)


def _refresh(cache: VerdictCache, tenant_id: int, epoch: int, subjects: Collection[UUID]) -> None:
    token = cache.begin(tenant_id, epoch)
    with scope.worker_scope(tenant_id) as session:
        facts = cylinder_facts(session, subjects)
    _require_kept(cache.keep(token, tenant_id, facts.values()))
    cache.drop(tenant_id, epoch, [subject for subject in subjects if subject not in facts])


def _require_kept(answers: Iterable[Kept]) -> None:
    """Facts that came too late, or into a Redis that was emptied or restarted meanwhile, are read again."""
    if Kept.LATE in answers:
        raise CacheAway("the facts were read too long ago, or Redis was emptied meanwhile")


def _say_forgotten(tenant_id: int, subjects: Collection[UUID], problem: Exception) -> None:
    log.error(
        "cache_entry_forgotten", tenant=tenant_id, subjects=[str(one) for one in subjects], exc_info=problem
    )
