"""The per-tenant verdict cache in Redis: facts of an enterprise's cylinders, by id, by label and by chip, and of the enterprise itself.

PostgreSQL is the truth; what stands here is a copy that may be thrown away at any time. Four things keep a copy from being laxer than
the truth. A reader names the subjects whose changes the relay hasn't carried on yet, and asks PostgreSQL about these. An entry is
replaced only by a newer version. A copy that was read before Redis was emptied, or more than ten seconds ago, is not kept. The number in
every key (the epoch, and the mark of the Redis process itself) changes whenever Redis may have forgotten what it was told.

Only `store.py` knows Redis. Read `source.py` first (how a verdict asks), then `cache.py`, then `store.py`.
"""

from tenants.verdict_cache.cache import VerdictCache
from tenants.verdict_cache.source import CachedSource
from tenants.verdict_cache.store import CacheAway, Kept, RedisStore, Token, connect
from tenants.verdict_cache.warming import warm

__all__ = ["CacheAway", "CachedSource", "Kept", "RedisStore", "Token", "VerdictCache", "connect", "warm"]
