"""The relay ticks a row off only when nobody can be misled any more, and nothing holds it up for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from tenants import events, scope
from tenants.events import Event
from tenants.faults import CrashPoint
from tenants.models import Outbox, Tenant
from tenants.models.base import new_id
from tenants.rules.facts import CylinderFacts
from tenants.services.epoch import cache_epoch
from tenants.services.facts import cylinder_facts
from tenants.verdict_cache import CacheAway, VerdictCache
from tests.cast import A, B, Enterprise
from tests.databases import Database
from tests.tenants.frail_redis import FrailRedis, frail_redis
from workers import reflexes, relay
from workers.queues import JobName
from workers.relay import Relay, prune
from workers.subscriptions import JOBS, REFLEXES

GOOD, OTHER = A.cylinder_id("good"), A.cylinder_id("overdue")


@pytest.fixture(scope="module")
def server() -> Iterator[FrailRedis]:
    with frail_redis() as running:
        yield running


@pytest.fixture
def redis(server: FrailRedis, own_walls: Database) -> FrailRedis:
    if not server.runs:
        server.start()
    server.forget_all()
    return server


@pytest.fixture
def cache(redis: FrailRedis) -> VerdictCache:
    return VerdictCache.at(redis.url)


@pytest.fixture
def rung() -> list[JobName]:
    return []


@pytest.fixture
def carrier(cache: VerdictCache, rung: list[JobName]) -> Relay:
    return Relay(cache, rung.append)


def happens(kind: Event, *subjects: UUID | None, enterprise: Enterprise = A) -> None:
    with scope.worker_scope(enterprise.tenant_id) as session:
        events.record_all(session, kind, subjects)


def epoch() -> int:
    with scope.relay_scope() as session:
        return cache_epoch(session)


def waiting() -> int:
    with scope.relay_scope() as session:
        return session.scalar(select(func.count(Outbox.id)).where(Outbox.relayed_at.is_(None))) or 0


def kept(cache: VerdictCache, cylinder_id: UUID = GOOD, enterprise: Enterprise = A) -> CylinderFacts | None:
    return cache.by_ids(enterprise.tenant_id, epoch(), [cylinder_id])[0].get(cylinder_id)


def true(cylinder_id: UUID = GOOD, enterprise: Enterprise = A) -> CylinderFacts:
    with scope.worker_scope(enterprise.tenant_id) as session:
        return cylinder_facts(session, [cylinder_id])[cylinder_id]


def test_every_event_has_its_reflex_and_its_jobs() -> None:
    assert set(REFLEXES) == set(JOBS) == set(Event)


class TestCarryingOn:
    def test_the_cache_has_the_newest_facts_before_the_row_is_ticked_off(
        self, carrier: Relay, cache: VerdictCache
    ) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD, OTHER)
        assert carrier.carry_on() == 2
        assert (kept(cache), kept(cache, OTHER)) == (true(), true(OTHER))
        assert waiting() == 0
        assert carrier.carry_on() == 0

    def test_a_change_of_the_enterprise_brings_its_facts(self, carrier: Relay, cache: VerdictCache) -> None:
        happens(Event.ENTERPRISE_CHANGED, None)
        carrier.carry_on()
        facts, _ = cache.of_enterprise(A.tenant_id, epoch())
        assert facts is not None
        assert facts.licence_no == f"{A.mark}-TS-1"

    def test_each_enterprise_s_facts_go_to_its_own_keys(self, carrier: Relay, cache: VerdictCache) -> None:
        theirs = B.cylinder_id("good")
        happens(Event.CYLINDER_CHANGED, GOOD)
        happens(Event.CYLINDER_CHANGED, theirs, enterprise=B)
        carrier.carry_on()
        assert kept(cache, theirs, B) == true(theirs, B)
        assert kept(cache, GOOD) == true()
        assert kept(cache, theirs) is None
        assert kept(cache, GOOD, B) is None

    def test_a_subject_of_another_enterprise_is_nobody(self, carrier: Relay, cache: VerdictCache) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD, enterprise=B)
        assert carrier.carry_on() == 1
        assert kept(cache, GOOD, B) is None
        assert waiting() == 0

    def test_more_than_a_batch_is_carried_in_several(
        self, carrier: Relay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay, "BATCH", 3)
        happens(
            Event.CYLINDER_CHANGED,
            *[A.cylinder_id(name) for name in ("good", "overdue", "oxygen", "scrapped")],
        )
        assert [carrier.carry_on() for _ in range(3)] == [3, 1, 0]

    def test_two_relays_take_different_rows(self, carrier: Relay, cache: VerdictCache) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD)
        with scope.relay_scope() as session:
            assert len(carrier.read(session)) == 1
            assert Relay(cache, print).carry_on() == 0
        assert carrier.carry_on() == 1


class TestRinging:
    def test_one_bell_for_many_uploads(self, carrier: Relay, rung: list[JobName]) -> None:
        happens(Event.UPLOAD_RECEIVED, new_id(), new_id())
        happens(Event.UPLOAD_RECEIVED, new_id(), enterprise=B)
        carrier.carry_on()
        assert rung == [JobName.DRAIN_UPLOADS]

    def test_a_bell_that_cannot_be_rung_holds_nothing_up(self, cache: VerdictCache) -> None:
        def ring(_job: str) -> None:
            raise ConnectionError

        happens(Event.UPLOAD_RECEIVED, new_id())
        assert Relay(cache, ring).carry_on() == 1
        assert waiting() == 0


class TestTrouble:
    def test_nothing_is_ticked_off_while_redis_is_away(
        self, carrier: Relay, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD)
        redis.kill()
        with pytest.raises(CacheAway):
            carrier.carry_on()
        assert waiting() == 1
        redis.start()
        assert carrier.carry_on() == 1
        assert kept(cache) == true()

    def test_a_redis_emptied_meanwhile_is_told_again(
        self, carrier: Relay, cache: VerdictCache, redis: FrailRedis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def emptied_first(*arguments: object) -> dict[UUID, CylinderFacts]:
            redis.client.flushdb()
            return cylinder_facts(*arguments)  # type: ignore[arg-type]

        happens(Event.CYLINDER_CHANGED, GOOD)
        with monkeypatch.context() as patch:
            patch.setattr(reflexes, "cylinder_facts", emptied_first)
            with pytest.raises(CacheAway):
                carrier.carry_on()
        assert waiting() == 1
        carrier.carry_on()
        assert kept(cache) == true()

    def test_a_row_that_cannot_be_carried_is_forgotten_and_holds_nobody_up(
        self, carrier: Relay, cache: VerdictCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def stumbles(session: object, ids: tuple[UUID, ...]) -> dict[UUID, CylinderFacts]:
            if GOOD in ids:
                raise ValueError("a row that nobody foresaw")
            return cylinder_facts(session, ids)  # type: ignore[arg-type]

        cache.put(cache.begin(A.tenant_id, epoch()), A.tenant_id, true())
        happens(Event.CYLINDER_CHANGED, GOOD, OTHER)
        monkeypatch.setattr(reflexes, "cylinder_facts", stumbles)
        assert carrier.carry_on() == 2
        assert kept(cache) is None
        assert kept(cache, OTHER) == true(OTHER)
        assert waiting() == 0

    def test_an_enterprise_that_cannot_be_carried_is_forgotten(
        self, carrier: Relay, cache: VerdictCache, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache.enterprise(A.tenant_id)

        def stumbles(*_: object) -> None:
            raise ValueError("a licence that nobody foresaw")

        happens(Event.ENTERPRISE_CHANGED, None)
        monkeypatch.setattr(reflexes, "enterprise_facts", stumbles)
        assert carrier.carry_on() == 1
        assert cache.of_enterprise(A.tenant_id, epoch())[0] is None

    def test_a_kind_from_a_newer_program_forgets_what_it_may_have_changed(
        self, carrier: Relay, cache: VerdictCache, own_walls: Database
    ) -> None:
        cache.put(cache.begin(A.tenant_id, epoch()), A.tenant_id, true())
        happens(Event.CYLINDER_CHANGED, GOOD)
        with own_walls.as_admin() as connection:
            connection.execute(update(Outbox).where(Outbox.relayed_at.is_(None)).values(kind="melted"))
        assert carrier.carry_on() == 1
        assert kept(cache) is None

    def test_a_passing_error_leaves_the_row_for_later(
        self, carrier: Relay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away(*_: object) -> None:
            raise TimeoutError

        happens(Event.CYLINDER_CHANGED, GOOD)
        with monkeypatch.context() as patch:
            patch.setattr(reflexes, "cylinder_facts", away)
            with pytest.raises(TimeoutError):
                carrier.carry_on()
        assert waiting() == 1

    def test_the_loop_goes_on_after_every_failure(self, carrier: Relay, redis: FrailRedis) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD)
        pauses: list[float] = []
        steps: Iterator[Callable[[], object]] = chain([redis.kill, int, redis.start, int], repeat(int))

        def wait(seconds: float) -> bool:
            pauses.append(seconds)
            next(steps)()
            return len(pauses) > 5

        carrier.run(wait)
        assert waiting() == 0
        assert max(pauses) <= relay.TROUBLED


class TestEpoch:
    def test_a_new_relay_and_a_new_redis_begin_a_new_epoch(
        self, carrier: Relay, redis: FrailRedis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(relay, "LOOK_AT_REDIS", 0.0)
        first = epoch()
        carrier.watch_redis()
        second = epoch()
        carrier.watch_redis()
        assert first < second == epoch()
        redis.kill()
        redis.start()
        carrier.watch_redis()
        assert epoch() > second


class TestPruning:
    def test_rows_go_seven_days_after_they_were_ticked_off(self, carrier: Relay, own_walls: Database) -> None:
        happens(Event.CYLINDER_CHANGED, GOOD, OTHER)
        carrier.carry_on()
        happens(Event.CYLINDER_CHANGED, GOOD)
        with own_walls.as_admin() as connection:
            total = connection.scalar(select(func.count(Outbox.id)))
            long_ago = func.now() - text("interval '8 days'")
            connection.execute(update(Outbox).where(Outbox.subject_id == OTHER).values(relayed_at=long_ago))
        assert prune() == 1
        assert prune() == 0
        assert waiting() == 1
        with own_walls.as_admin() as connection:
            assert connection.scalar(select(func.count(Outbox.id))) == total - 1


class TestTheProcess:
    """`python -m workers.relay` itself."""

    @pytest.fixture
    def start(
        self, own_walls: Database, redis: FrailRedis, tmp_path: Path
    ) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
        started: list[subprocess.Popen[bytes]] = []

        def begin(**more: str) -> subprocess.Popen[bytes]:
            settings = own_walls.settings
            env = {
                **os.environ, "DATABASE_URL": own_walls.url, "REDIS_URL": redis.url, "DATA_DIR": str(tmp_path),
                "SECRET_KEY": settings.secret_key, "DEMO": "0", **more,
            }  # fmt: skip
            started.append(subprocess.Popen([sys.executable, "-m", "workers.relay"], env=env))
            return started[-1]

        yield begin
        for process in started:
            process.kill()
            process.wait()

    @staticmethod
    def until(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def test_it_carries_on_and_ends_cleanly(
        self, start: Callable[..., subprocess.Popen[bytes]], cache: VerdictCache
    ) -> None:
        process = start()
        happens(Event.CYLINDER_CHANGED, GOOD)
        self.until(lambda: waiting() == 0)
        assert kept(cache) == true()
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0

    @pytest.mark.parametrize("point", [CrashPoint.RELAY_AFTER_READ, CrashPoint.RELAY_BEFORE_MARK])
    def test_one_that_is_killed_leaves_the_row_to_the_next(
        self,
        start: Callable[..., subprocess.Popen[bytes]],
        tmp_path: Path,
        point: CrashPoint,
        cache: VerdictCache,
    ) -> None:
        token = tmp_path / "token"
        token.touch()
        happens(Event.CYLINDER_CHANGED, GOOD)
        killed = start(CRASH_AT=f"{point.value}:{token}")
        assert killed.wait(60) == -signal.SIGKILL
        assert waiting() == 1
        start()
        self.until(lambda: waiting() == 0)
        assert kept(cache) == true()


def test_the_facts_version_and_the_cache_agree(carrier: Relay, cache: VerdictCache) -> None:
    with scope.worker_scope(A.tenant_id) as session:
        session.get_one(Tenant, A.tenant_id, with_for_update=True).facts_version += 1
        events.record(session, Event.ENTERPRISE_CHANGED)
    carrier.carry_on()
    with scope.worker_scope(A.tenant_id) as session:
        version = session.scalar(select(Tenant.facts_version).where(Tenant.id == A.tenant_id))
    facts = cache.of_enterprise(A.tenant_id, epoch())[0]
    assert facts is not None
    assert facts.version == version
