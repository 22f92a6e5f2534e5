"""How often the devices of one enterprise may call: counted in Redis, or in this process while Redis is away.

Verdicts and uploads have a budget each, so that a gateway that uploads in a loop never keeps a filling gun waiting for its verdict.
A window of ten seconds takes bursts and lets nobody wait longer than that.
"""

from __future__ import annotations

import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from integrations.devices.problems import Problem

WINDOW = 10  # seconds
LEFT_ALONE = 1.0  # seconds for which an absent Redis is not asked
PATIENCE = 0.2  # seconds to wait for Redis
_FEW = RateLimitItemPerMinute(30, namespace="devices")


class Budget:
    """Counts calls by enterprise and purpose."""

    def __init__(self, redis_url: str, per_second: int) -> None:
        self._limit = RateLimitItemPerSecond(per_second * WINDOW, WINDOW, namespace="devices")
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._shared = FixedWindowRateLimiter(storage_of(redis_url)) if redis_url else None
        self._again = 0.0

    def spend(self, tenant_id: int, purpose: str) -> None:
        """Count one call; raises Problem (429) with the seconds to wait when there were too many."""
        self._spend(self._limit, (str(tenant_id), purpose))

    def spend_sparingly(self, who: str, purpose: str) -> None:
        """Count one call of which few are needed: of somebody who hasn't said who they are, or one that costs seconds."""
        self._spend(_FEW, ("few", who, purpose))

    def _spend(self, limit: RateLimitItem, key: tuple[str, ...]) -> None:
        counting = self._counting()
        try:
            allowed = counting.hit(limit, *key)
        except Exception:  # Redis is away, by whatever name the driver says so
            self._again = time.monotonic() + LEFT_ALONE
            counting = self._own
            allowed = counting.hit(limit, *key)
        if not allowed:
            raise Problem("too_many", headers={"Retry-After": str(self._wait(counting, limit, key))})

    def forget(self) -> None:
        """Count from nought, for every enterprise."""
        for counting in filter(None, (self._own, self._shared)):
            counting.storage.reset()

    def _counting(self) -> FixedWindowRateLimiter:
        return self._own if self._shared is None or time.monotonic() < self._again else self._shared

    def _wait(self, counting: FixedWindowRateLimiter, limit: RateLimitItem, key: tuple[str, ...]) -> int:
        try:
            ends = counting.get_window_stats(limit, *key).reset_time
        except Exception:
            return WINDOW
        return min(limit.get_expiry(), max(1, math.ceil(ends - time.time())))


def storage_of(redis_url: str) -> Storage:
    """Where things are counted; gives up soon when Redis is away."""
    url = f"redis+{redis_url}" if redis_url.startswith("unix:") else redis_url
    return storage_from_string(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)
