"""Everything that may happen to the verdict cache, in any order, and what must hold all the while.

At every moment a device that greets PostgreSQL and then asks the cache gets the very refusals that PostgreSQL would give. Faults can be
built in by giving other parts; the test then has to notice.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.orm import Session

from tenants import scope
from tenants.rules.facts import CylinderFacts, EnterpriseFacts
from tenants.services.facts import cylinder_facts, enterprise_facts
from tenants.verdict_cache import CacheAway, CachedSource, RedisStore, Token, VerdictCache, connect
from tests.cast import OXYGEN, A, B
from tests.tenants import cache_world as world
from tests.tenants.frail_redis import FrailRedis
from workers.relay import Relay

CYLINDERS = st.sampled_from((0, 0, 0, 1))  # mostly one and the same, so that things meet
CLIENTS = st.integers(0, 1)
HARM = ("emptied", "loses its last writes", "holds rubbish")
Change = Callable[[VerdictCache, world.Known], None]
CHANGES = st.sampled_from(world.CHANGES)
BREAK_OFF = st.sampled_from(("reading", "react", "mark"))


class Died(Exception):
    """The relay's process ended here."""


class MortalRelay(Relay):
    """A relay that can die before one of its steps."""

    dies_before = ""

    def read(self, session: Session) -> Any:
        rows = super().read(session)
        self._come_to("reading")
        return rows

    def react(self, rows: Any, epoch: int) -> None:
        self._come_to("react")
        super().react(rows, epoch)

    def mark(self, session: Session, rows: Any) -> None:
        self._come_to("mark")
        super().mark(session, rows)

    def restart(self) -> None:
        """A new process in its place, which looks at Redis first."""
        self.dies_before, self._redis, self._look_again = "", None, 0.0

    def _come_to(self, step: str) -> None:
        if self.dies_before == step:
            raise Died


class Onlooker(VerdictCache):
    """A client that reads and leaves nothing behind."""

    def put(self, token: Token | None, tenant_id: int, *facts: CylinderFacts | EnterpriseFacts) -> None:
        """Nothing."""


@dataclass(slots=True)
class Slow:
    """Facts that somebody read and hasn't kept yet."""

    client: int
    token: Token
    facts: tuple[CylinderFacts, EnterpriseFacts]


@dataclass(frozen=True)
class Parts:
    """What the machine is built of; a mutant replaces one."""

    redis: FrailRedis
    store: Callable[[FrailRedis], RedisStore] = field(default=lambda redis: RedisStore(connect(redis.url)))
    relay: type[MortalRelay] = MortalRelay
    source: Callable[[VerdictCache, world.Greeting], CachedSource] = world.source_of


class CacheMachine(RuleBasedStateMachine):
    """One example: two cylinders, two web processes, a relay, a Redis."""

    def __init__(self, parts: Parts) -> None:
        super().__init__()
        self.parts = parts
        self.redis = parts.redis
        self.slow: list[Slow] = []
        self.comes_back_in = 0
        self.cylinders: list[world.Known] = []

    @initialize()
    def set_the_stage(self) -> None:
        world.put_enterprise_in_order()
        self.cylinders = [world.new_cylinder(), world.new_cylinder(OXYGEN)]
        if not self.redis.runs:
            self.redis.start()
        self.redis.forget_all()
        world.clear_outbox()
        self.clients = [VerdictCache(self.parts.store(self.redis)) for _ in range(2)]
        self.onlooker = Onlooker(self.parts.store(self.redis))
        self.relay = self.parts.relay(VerdictCache(self.parts.store(self.redis)), lambda _job: None)
        self.relay.watch_redis()
        world.device_reports(self.clients[0], self.cylinders[0], "check_passed")
        self.relay_runs()
        self.device_asks(0)

    # What people, devices and authorities change

    @rule(which=CYLINDERS, change=CHANGES)
    def something_changes(self, which: int, change: Change) -> None:
        change(self.clients[0], self.cylinders[which])

    # Who reads and keeps

    @rule(client=CLIENTS)
    def device_asks(self, client: int) -> None:
        """Whatever isn't in the cache is brought in."""
        at = datetime.now(UTC)
        source = self.parts.source(self.clients[client], world.greet(A))
        assert world.ask_all(source, self.cylinders, at) == world.truth(self.cylinders, at)

    @rule(client=CLIENTS, which=CYLINDERS)
    def somebody_reads_slowly(self, client: int, which: int) -> None:
        """Facts are read, and kept some steps later."""
        known = self.cylinders[which].id
        with suppress(CacheAway):
            token = self.clients[client].begin(A.tenant_id, world.greet(A).epoch)
            with scope.device_scope(A.tenant_id) as session:
                facts = cylinder_facts(session, [known])[known], enterprise_facts(session, A.tenant_id)
            self.slow.append(Slow(client, token, facts))

    @precondition(lambda self: self.slow)
    @rule()
    def the_slow_one_keeps(self) -> None:
        for late in self.slow:
            self.clients[late.client].put(late.token, A.tenant_id, *late.facts)
        self.slow.clear()

    @precondition(lambda self: self.redis.runs)
    @rule(client=CLIENTS, which=CYLINDERS, change=CHANGES, harm=st.sampled_from((None, *HARM)))
    def a_slow_one_is_overtaken(self, client: int, which: int, change: Change, harm: str | None) -> None:
        """Reading, a change, the relay, perhaps a mishap, and only then keeping: the order that tempts most."""
        self.relay_runs()
        self.device_asks(client)
        self.redis.write_down()
        self.somebody_reads_slowly(client, which)
        self.something_changes(which, change)
        self.relay_runs()
        if harm is not None:
            self.redis_suffers(harm)
        somebody_else, known = self.clients[1 - client], self.cylinders[which]
        somebody_else.by_code(A.tenant_id, world.greet(A).epoch, known.code)
        self.the_slow_one_keeps()

    @rule(client=CLIENTS, which=CYLINDERS)
    def the_other_enterprise_keeps_it_too(self, client: int, which: int) -> None:
        """B's device, with facts of A in its hands."""
        known = self.cylinders[which]
        with suppress(CacheAway):
            token = self.clients[client].begin(B.tenant_id, world.greet(B).epoch)
            with scope.device_scope(A.tenant_id) as session:
                facts = cylinder_facts(session, [known.id])[known.id]
            self.clients[client].put(token, B.tenant_id, facts)

    # The relay

    @rule()
    def relay_runs(self) -> None:
        """Then no change waits any more, unless Redis is away."""
        for _ in range(4):
            with suppress(CacheAway):
                self.relay.watch_redis()
                if self.relay.carry_on() == 0:
                    break
        assert not self.redis.runs or world.waiting_rows() == 0

    @rule(step=BREAK_OFF)
    def relay_dies(self, step: str) -> None:
        self.relay.dies_before = step
        with suppress(Died, CacheAway):
            self.relay.carry_on()
        self.relay.restart()

    # Redis

    @precondition(lambda self: self.redis.runs)
    @rule(what=st.sampled_from(HARM))
    def redis_suffers(self, what: str) -> None:
        if what == "emptied":
            self.redis.client.flushdb()
        elif what == "holds rubbish":
            self._spoil()
        else:
            self.redis.kill()
            self._come_back()

    @precondition(lambda self: self.redis.runs)
    @rule(steps=st.integers(1, 4))
    def redis_goes_away(self, steps: int) -> None:
        self.redis.kill()
        self.comes_back_in = steps

    # What must hold

    @invariant()
    def the_cache_refuses_what_postgresql_refuses(self) -> None:
        if self.cylinders:
            at = datetime.now(UTC)
            true = world.truth(self.cylinders, at)
            assert world.ask_all(self.parts.source(self.onlooker, world.greet(A)), self.cylinders, at) == true

    @invariant()
    def the_other_enterprise_knows_none_of_it(self) -> None:
        if self.cylinders:
            epoch = world.greet(B).epoch
            for known in self.cylinders:
                assert self.onlooker.by_code(B.tenant_id, epoch, known.code)[0] is None
                assert self.onlooker.by_ids(B.tenant_id, epoch, [known.id])[0] == {}

    @invariant()
    def an_outage_ends(self) -> None:
        self.comes_back_in -= 1
        if self.comes_back_in == 0 and not self.redis.runs:
            self._come_back()

    def _come_back(self) -> None:
        self.redis.start()
        for cache in (*self.clients, self.onlooker):
            cache._away_until = 0.0  # nobody waits out the second

    def _spoil(self) -> None:
        for number, key in enumerate(sorted(self.redis.client.keys("qp:*"))):
            self.redis.client.delete(key)
            if number % 3 == 0:
                self.redis.client.rpush(key, "a")
            else:
                self.redis.client.set(key, (b"?", b'{"v":1,"at":1,"facts":{}}')[number % 2])
