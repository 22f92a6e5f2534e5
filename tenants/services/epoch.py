"""The number in every key of the verdict cache. A higher one makes all that was kept before unreachable, at once and for everybody."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tenants.models import CacheEpoch


def cache_epoch(session: Session) -> int:
    """The number now."""
    return session.scalars(select(CacheEpoch.epoch)).one()


def raise_epoch(session: Session) -> int:
    """Begin a new epoch, where Redis may have forgotten something or a table that all enterprises share was changed; the new number."""
    raised = update(CacheEpoch).values(epoch=CacheEpoch.epoch + 1).returning(CacheEpoch.epoch)
    return session.scalars(raised).one()
