"""Facts kept in Redis and read back. A reader never sees an error: what can't be read or isn't this enterprise's counts as not there.

When Redis is away it is left alone for a second before it is asked again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Self
from uuid import UUID

import structlog

from tenants import scope
from tenants.rules.facts import CylinderFacts, EnterpriseFacts
from tenants.rules.states import LabelState
from tenants.services.epoch import cache_epoch
from tenants.services.facts import enterprise_facts
from tenants.verdict_cache import keys
from tenants.verdict_cache.entries import cylinder_entry, enterprise_entry, read_cylinder, read_enterprise
from tenants.verdict_cache.store import CacheAway, Kept, RedisStore, Token, connect

LEFT_ALONE = 1.0  # seconds for which an absent Redis is not asked
EPOCH_HOLDS = 5.0  # seconds; only for those who compare versions with PostgreSQL anyway

log = structlog.get_logger(__name__)


class Looked(NamedTuple):
    """What stood under the names asked for, and the token for keeping what is read next; no token when Redis is away."""

    token: Token | None
    values: Sequence[bytes | None]


class VerdictCache:
    """The cache of every enterprise; each call names the enterprise it is for."""

    def __init__(self, store: RedisStore) -> None:
        self.store = store
        self._away_until = 0.0
        self._epoch: tuple[int, float] | None = None

    @classmethod
    def at(cls, redis_url: str) -> Self:
        """The cache in this Redis; nothing is connected until it is asked."""
        return cls(RedisStore(connect(redis_url)))

    def by_code(self, tenant_id: int, epoch: int, code: str) -> tuple[CylinderFacts | None, Token | None]:
        """The cylinder that bears or bore this label, in one round trip."""
        looked = self._look(tenant_id, epoch, [keys.of_label(code)])
        facts = read_cylinder(looked.values[0], tenant_id)
        known = facts is not None and any(label.code == code for label in facts.labels)
        return facts if known else None, looked.token

    def by_uid(self, tenant_id: int, epoch: int, uid: str) -> tuple[CylinderFacts | None, Token | None]:
        """The cylinder with this chip in force, in one round trip."""
        looked = self._look(tenant_id, epoch, [keys.of_uid(uid)])
        facts = read_cylinder(looked.values[0], tenant_id)
        known = facts is not None and any(x.uid == uid and x.state is LabelState.BOUND for x in facts.labels)
        return facts if known else None, looked.token

    def by_ids(
        self, tenant_id: int, epoch: int, ids: Iterable[UUID]
    ) -> tuple[dict[UUID, CylinderFacts], Token | None]:
        """Those of these cylinders that are known, in one round trip."""
        wanted = list(dict.fromkeys(ids))
        looked = self._look(tenant_id, epoch, [keys.of_cylinder(cylinder_id) for cylinder_id in wanted])
        read = (read_cylinder(raw, tenant_id, one) for one, raw in zip(wanted, looked.values, strict=True))
        return {facts.id: facts for facts in read if facts is not None}, looked.token

    def of_enterprise(self, tenant_id: int, epoch: int) -> tuple[EnterpriseFacts | None, Token | None]:
        """The enterprise's own facts."""
        looked = self._look(tenant_id, epoch, [keys.ENTERPRISE])
        return read_enterprise(looked.values[0], tenant_id), looked.token

    def put(self, token: Token | None, tenant_id: int, *facts: CylinderFacts | EnterpriseFacts) -> None:
        """Keep facts that were read after the token was given; another enterprise's are left out. Does nothing when Redis is away."""
        if token is None or not self._may_ask():
            return
        try:
            self.keep(token, tenant_id, facts)
        except CacheAway as problem:
            self._leave_alone(problem)

    def keep(
        self, token: Token, tenant_id: int, facts: Iterable[CylinderFacts | EnterpriseFacts]
    ) -> Sequence[Kept]:
        """Like `put`, and says what became of each; raises CacheAway."""
        own = [one for one in facts if one.tenant_id == tenant_id]
        entries = [enterprise_entry(x) if isinstance(x, EnterpriseFacts) else cylinder_entry(x) for x in own]
        return self.store.keep(tenant_id, token, entries) if entries else ()

    def begin(self, tenant_id: int, epoch: int) -> Token:
        """A token for keeping what is read from now on; raises CacheAway."""
        return self.store.look(tenant_id, epoch, ())[0]

    def drop(self, tenant_id: int, epoch: int, ids: Iterable[UUID], *, enterprise: bool = False) -> None:
        """Forget these cylinders (and the enterprise's own facts); copies on their way are kept out. Raises CacheAway."""
        names = [keys.of_cylinder(cylinder_id) for cylinder_id in ids]
        names += [keys.ENTERPRISE] if enterprise else []
        if names:
            self.store.drop(tenant_id, epoch, names)

    def cylinders(self, tenant_id: int, ids: Iterable[UUID]) -> Mapping[UUID, CylinderFacts]:
        """What is known of these cylinders, for a worker that compares versions with the rows it has locked."""
        return self.by_ids(tenant_id, self._some_epoch(tenant_id), ids)[0]

    def enterprise(self, tenant_id: int) -> EnterpriseFacts | None:
        """The enterprise's facts for a worker that compares versions; what isn't there is read and kept. None when Redis is away."""
        facts, token = self.of_enterprise(tenant_id, self._some_epoch(tenant_id))
        if facts is None and token is not None:
            with scope.worker_scope(tenant_id) as session:
                facts = enterprise_facts(session, tenant_id)
            self.put(token, tenant_id, facts)
        return facts

    def _look(self, tenant_id: int, epoch: int, names: Sequence[str | None]) -> Looked:
        wanted = [name for name in names if name is not None]
        if wanted and len(wanted) == len(names) and self._may_ask():
            try:
                return Looked(*self.store.look(tenant_id, epoch, wanted))
            except CacheAway as problem:
                self._leave_alone(problem)
        return Looked(None, [None] * len(names))

    def _may_ask(self) -> bool:
        return time.monotonic() >= self._away_until

    def _leave_alone(self, problem: CacheAway) -> None:
        self._away_until = time.monotonic() + LEFT_ALONE
        log.warning("verdict_cache_away", problem=str(problem)[:200])

    def _some_epoch(self, tenant_id: int) -> int:
        if self._epoch is None or time.monotonic() > self._epoch[1]:
            with scope.worker_scope(tenant_id) as session:
                epoch = cache_epoch(session)
            self._epoch = epoch, time.monotonic() + EPOCH_HOLDS
        return self._epoch[0]
