"""Filling the cache of one enterprise in bulk, so that its first scans of the day need no PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from tenants import scope
from tenants.models import Cylinder
from tenants.rules.states import CylinderStatus
from tenants.services.epoch import cache_epoch
from tenants.services.facts import cylinder_facts, enterprise_facts
from tenants.verdict_cache.cache import VerdictCache
from tenants.verdict_cache.store import Kept

CHUNK = 500
LIVE = (CylinderStatus.IN_USE.value, CylinderStatus.SUSPENDED.value)


def warm(cache: VerdictCache, tenant_id: int, most: int = 20_000) -> int:
    """Keep the enterprise's facts and those of its cylinders that aren't out of use for good; how many were kept. Raises CacheAway."""
    with scope.worker_scope(tenant_id) as session:
        epoch = cache_epoch(session)
    token = cache.begin(tenant_id, epoch)
    with scope.worker_scope(tenant_id) as session:
        cache.keep(token, tenant_id, [enterprise_facts(session, tenant_id)])
    kept, last = 0, UUID(int=0)
    while kept < most:
        token = cache.begin(tenant_id, epoch)
        with scope.worker_scope(tenant_id) as session:
            wanted = select(Cylinder.id).where(Cylinder.id > last, Cylinder.status.in_(LIVE))
            ids = session.scalars(wanted.order_by(Cylinder.id).limit(CHUNK)).all()
            facts = cylinder_facts(session, ids)
        if not ids:
            break
        kept += cache.keep(token, tenant_id, facts.values()).count(Kept.KEPT)
        last = ids[-1]
    return kept
