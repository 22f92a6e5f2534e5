"""The number in every key of the verdict cache. A higher one makes all that was kept before unreachable, at once and for everybody."""

from __future__ import annotations

from sqlalchemy import BigInteger, cast, func, select, update
from sqlalchemy.orm import Session

from tenants.models import CacheEpoch


def cache_epoch(session: Session) -> int:
    """The number now."""
    return session.scalars(select(CacheEpoch.epoch)).one()


def raise_epoch(session: Session) -> int:
    """Begin a new epoch, where Redis may have forgotten something or a table that all enterprises share was changed; the new number.

    It is never below the seconds since 1970, so that a database that was restored doesn't come back to a number it has used.
    """
    above = func.greatest(CacheEpoch.epoch + 1, cast(func.extract("epoch", func.now()), BigInteger))
    return session.scalars(update(CacheEpoch).values(epoch=above).returning(CacheEpoch.epoch)).one()
