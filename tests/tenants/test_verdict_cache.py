"""The verdict cache keeps copies, never secrets of another enterprise, and never an error."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from tenants import scope
from tenants.rules.facts import CylinderFacts
from tenants.rules.refusal import Refusal
from tenants.rules.states import CylinderStatus
from tenants.services.epoch import cache_epoch
from tenants.services.facts import cylinder_facts, enterprise_facts
from tenants.services.verdicts import Wanted, judge
from tenants.verdict_cache import CacheAway, CachedSource, Kept, VerdictCache, keys, store, warm
from tests.cast import A, B, Enterprise
from tests.tenants.frail_redis import FrailRedis, frail_redis

GOOD, SCRAPPED = A.cylinder_id("good"), A.cylinder_id("scrapped")
EPOCH = 7
pytestmark = pytest.mark.usefixtures("walls")


@pytest.fixture(scope="module")
def server() -> Iterator[FrailRedis]:
    with frail_redis() as running:
        yield running


@pytest.fixture
def redis(server: FrailRedis) -> FrailRedis:
    if not server.runs:
        server.start()
    server.forget_all()
    return server


@pytest.fixture
def cache(redis: FrailRedis) -> VerdictCache:
    return VerdictCache.at(redis.url)


class Opening:
    """PostgreSQL as a source may open it; counts how often it was asked."""

    def __init__(self, enterprise: Enterprise = A) -> None:
        self.tenant_id = enterprise.tenant_id
        self.asked = 0

    def __call__(self) -> AbstractContextManager[Session]:
        self.asked += 1
        return scope.device_scope(self.tenant_id)


def facts_of(cylinder_id: UUID, enterprise: Enterprise = A) -> CylinderFacts:
    with scope.worker_scope(enterprise.tenant_id) as session:
        return cylinder_facts(session, [cylinder_id])[cylinder_id]


def source(cache: VerdictCache, database: Opening, *waiting: str, epoch: int = EPOCH) -> CachedSource:
    return CachedSource(cache, database.tenant_id, epoch, waiting, database)


def in_cache(cache: VerdictCache, cylinder_id: UUID = GOOD, epoch: int = EPOCH) -> CylinderFacts | None:
    return cache.by_ids(A.tenant_id, epoch, [cylinder_id])[0].get(cylinder_id)


def keep(cache: VerdictCache, facts: CylinderFacts) -> Kept:
    return cache.keep(cache.begin(A.tenant_id, EPOCH), A.tenant_id, [facts])[0]


class TestReading:
    def test_the_second_question_needs_no_database(self, cache: VerdictCache) -> None:
        database = Opening()
        first, second = source(cache, database), source(cache, database)
        answers = [first.by_code(A.code("good")), first.enterprise()]
        assert database.asked == 2
        assert [second.by_code(A.code("good")), second.enterprise()] == answers
        assert database.asked == 2

    def test_a_chip_finds_the_same_cylinder(self, cache: VerdictCache) -> None:
        database, uid = Opening(), facts_of(GOOD).labels[0].uid or ""
        by_code = source(cache, database).by_code(A.code("good"))
        assert source(cache, database).by_uid(uid) == by_code
        assert database.asked == 1

    def test_every_old_label_leads_to_its_cylinder(self, cache: VerdictCache) -> None:
        keep(cache, facts_of(A.cylinder_id("relabelled")))
        database = Opening()
        for name in ("relabelled", "lost", "void"):
            label, cylinder = source(cache, database).by_code(A.code(name))
            assert label is not None
            assert cylinder is not None
            assert (label.code, cylinder.id) == (A.code(name), A.cylinder_id("relabelled"))
        assert database.asked == 0

    def test_a_label_on_no_cylinder_is_asked_of_the_database(self, cache: VerdictCache) -> None:
        database = Opening()
        for _ in range(2):
            label, cylinder = source(cache, database).by_code(A.code("issued"))
            assert label is not None
            assert cylinder is None
        assert database.asked == 2

    def test_a_waiting_subject_is_asked_of_the_database(self, cache: VerdictCache) -> None:
        keep(cache, facts_of(GOOD))
        keep(cache, facts_of(SCRAPPED))
        database = Opening()
        reading = source(cache, database, str(GOOD))
        reading.by_code(A.code("scrapped"))
        assert database.asked == 0
        reading.by_code(A.code("good"))
        assert database.asked == 1

    @pytest.mark.parametrize("waiting", [("all",), tuple(str(UUID(int=n)) for n in range(200))])
    def test_too_much_waiting_means_ask_for_everything(
        self, cache: VerdictCache, waiting: tuple[str, ...]
    ) -> None:
        keep(cache, facts_of(GOOD))
        database = Opening()
        reading = source(cache, database, *waiting)
        reading.by_code(A.code("good"))
        reading.enterprise()
        assert database.asked == 2

    def test_a_verdict_is_the_same_from_either_source(self, cache: VerdictCache) -> None:
        wanted = Wanted(datetime.now(UTC), label=A.code("scrapped"), operator=f"{A.mark}filler")
        database = Opening()
        first, second = (judge(source(cache, database), wanted) for _ in range(2))
        assert first == second
        assert Refusal.CONDEMNED in first.refusals

    def test_warming_brings_in_every_live_cylinder(self, cache: VerdictCache) -> None:
        with scope.worker_scope(A.tenant_id) as session:
            epoch = cache_epoch(session)
        assert warm(cache, A.tenant_id) >= 8
        assert in_cache(cache, GOOD, epoch) == facts_of(GOOD)
        assert in_cache(cache, SCRAPPED, epoch) is None

    def test_a_worker_gets_facts_with_their_version(self, cache: VerdictCache) -> None:
        assert cache.cylinders(A.tenant_id, [GOOD]) == {}
        with scope.worker_scope(A.tenant_id) as session:
            assert cache.enterprise(A.tenant_id) == enterprise_facts(session, A.tenant_id)


class TestKeeping:
    def test_only_a_newer_version_replaces(self, cache: VerdictCache) -> None:
        old = facts_of(GOOD)
        new = dataclasses.replace(old, version=old.version + 1, status=CylinderStatus.SCRAPPED)
        assert keep(cache, new) is Kept.KEPT
        assert keep(cache, old) is Kept.OLDER
        assert in_cache(cache) == new

    def test_of_the_same_version_the_later_reading_stays(self, cache: VerdictCache) -> None:
        early = cache.begin(A.tenant_id, EPOCH)
        assert keep(cache, facts_of(GOOD)) is Kept.KEPT
        assert cache.keep(early, A.tenant_id, [facts_of(GOOD)]) == [Kept.OLDER]

    def test_what_was_read_long_ago_is_not_kept(self, cache: VerdictCache) -> None:
        token = cache.begin(A.tenant_id, EPOCH)
        redis_key = keys.prefix(EPOCH, token.life, A.tenant_id) + "since"
        cache.store._client.set(redis_key, token.at - 60_000_000)
        old = dataclasses.replace(token, at=token.at - store.GREATEST_AGE - 1_000_000)
        assert cache.keep(old, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]
        ahead = dataclasses.replace(token, at=token.at + 60_000_000)
        assert cache.keep(ahead, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]
        assert in_cache(cache) is None

    def test_what_was_read_before_redis_was_emptied_is_not_kept(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        token = cache.begin(A.tenant_id, EPOCH)
        redis.client.flushdb()
        assert cache.keep(token, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]
        cache.begin(A.tenant_id, EPOCH)
        assert cache.keep(token, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]

    def test_a_dropped_entry_keeps_older_readings_out(self, cache: VerdictCache) -> None:
        keep(cache, facts_of(GOOD))
        token = cache.begin(A.tenant_id, EPOCH)
        cache.drop(A.tenant_id, EPOCH, [GOOD])
        assert in_cache(cache) is None
        assert cache.keep(token, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]
        assert keep(cache, facts_of(GOOD)) is Kept.KEPT

    def test_entries_end_by_themselves(self, cache: VerdictCache, redis: FrailRedis) -> None:
        keep(cache, facts_of(GOOD))
        lifetimes = [redis.client.pttl(key) for key in redis.client.keys("qp:*")]
        assert len(lifetimes) == 4
        assert all(0 < lifetime <= 60 * 60 * 1000 for lifetime in lifetimes)
        entry = redis.client.pttl(redis.client.keys("*:c:*")[0])
        assert 13 * 60 * 1000 < entry <= 16.5 * 60 * 1000


class TestAnotherRedisProcess:
    def test_what_an_earlier_process_was_told_is_not_believed(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        keep(cache, facts_of(GOOD))
        redis.write_down()
        redis.kill()
        redis.start()
        assert redis.client.keys("*:c:*")
        assert in_cache(cache) is None

    def test_a_token_does_not_outlive_its_process(self, cache: VerdictCache, redis: FrailRedis) -> None:
        token = cache.begin(A.tenant_id, EPOCH)
        redis.write_down()
        redis.kill()
        redis.start()
        assert cache.keep(token, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]
        assert cache.keep(token, A.tenant_id, [facts_of(GOOD)]) == [Kept.LATE]

    def test_scripts_that_were_flushed_are_loaded_again(self, cache: VerdictCache, redis: FrailRedis) -> None:
        keep(cache, facts_of(GOOD))
        redis.client.script_flush()
        assert in_cache(cache) == facts_of(GOOD)
        redis.client.script_flush()
        cache.drop(A.tenant_id, EPOCH, [GOOD])
        assert in_cache(cache) is None

    def test_another_epoch_knows_nothing_of_this_one(self, cache: VerdictCache) -> None:
        keep(cache, facts_of(GOOD))
        assert in_cache(cache, epoch=EPOCH + 1) is None


class TestAway:
    def test_an_absent_redis_is_passed_by_for_a_second(
        self, cache: VerdictCache, redis: FrailRedis, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = [1000.0]
        clock = SimpleNamespace(monotonic=lambda: now[0])
        monkeypatch.setattr("tenants.verdict_cache.cache.time", clock)
        keep(cache, facts_of(GOOD))
        redis.kill()
        database = Opening()
        assert source(cache, database).by_code(A.code("good"))[1] == facts_of(GOOD)
        redis.start()
        keep(VerdictCache.at(redis.url), facts_of(GOOD))
        source(cache, database).by_code(A.code("good"))
        assert database.asked == 2
        now[0] += 1.5
        source(cache, database).by_code(A.code("good"))
        assert database.asked == 2

    def test_a_silent_redis_does_not_hold_a_verdict_up(self, cache: VerdictCache, redis: FrailRedis) -> None:
        keep(cache, facts_of(GOOD))
        redis.client.execute_command("CLIENT", "PAUSE", "600", "ALL")
        database = Opening()
        assert source(cache, database).by_code(A.code("good"))[1] == facts_of(GOOD)
        assert database.asked == 1

    def test_who_must_know_is_told(self, cache: VerdictCache, redis: FrailRedis) -> None:
        token = cache.begin(A.tenant_id, EPOCH)
        redis.kill()
        with pytest.raises(CacheAway):
            cache.keep(token, A.tenant_id, [facts_of(GOOD)])
        with pytest.raises(CacheAway):
            cache.drop(A.tenant_id, EPOCH, [GOOD])
        with pytest.raises(CacheAway):
            cache.begin(A.tenant_id, EPOCH)

    def test_nobody_else_is(self, cache: VerdictCache, redis: FrailRedis) -> None:
        token = cache.begin(A.tenant_id, EPOCH)
        redis.kill()
        cache.put(token, A.tenant_id, facts_of(GOOD))
        assert cache.cylinders(A.tenant_id, [GOOD]) == {}
        assert cache.enterprise(A.tenant_id) is None


GARBAGE = [
    b"", b"\xff\xfe", b"{", b"[]", b"null", b'{"v":1}', b'{"v":"1","at":1,"facts":{}}', b'{"v":1,"at":1,"facts":[1]}',
    b'{"v":1,"at":1,"facts":{"id":"x","tenant_id":4101}}', b"[" * 100_000,
]  # fmt: skip


class TestDamage:
    @pytest.mark.parametrize("value", GARBAGE, ids=range(len(GARBAGE)))
    def test_what_cannot_be_read_is_not_there(
        self, cache: VerdictCache, redis: FrailRedis, value: bytes
    ) -> None:
        database = Opening()
        good = source(cache, database).by_code(A.code("good"))
        source(cache, database).enterprise()
        for key in redis.client.keys("qp:*"):
            redis.client.set(key, value)
        database.asked = 0
        assert source(cache, database).by_code(A.code("good")) == good
        source(cache, database).enterprise()
        assert database.asked == 2

    def test_a_value_of_another_type_is_not_there_and_is_replaced(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        keep(cache, facts_of(GOOD))
        for key in redis.client.keys("qp:*"):
            redis.client.delete(key)
            redis.client.rpush(key, "a", "b")
        database = Opening()
        for _ in range(3):
            assert source(cache, database).by_code(A.code("good"))[1] == facts_of(GOOD)
        assert database.asked == 2  # the first reading was older than the mark that took the list's place

    def test_a_pointer_to_a_cylinder_without_that_label_is_not_followed(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        keep(cache, facts_of(GOOD))
        keep(cache, facts_of(SCRAPPED))
        [key] = redis.client.keys(f"*:label:{A.code('scrapped')}")
        redis.client.set(key, str(GOOD))
        _, cylinder = source(cache, Opening()).by_code(A.code("scrapped"))
        assert cylinder is not None
        assert cylinder.id == SCRAPPED

    def test_facts_under_another_cylinder_s_key_are_not_there(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        keep(cache, facts_of(GOOD))
        token = cache.begin(A.tenant_id, EPOCH)
        prefix = keys.prefix(EPOCH, token.life, A.tenant_id)
        redis.client.copy(f"{prefix}c:{GOOD}", f"{prefix}c:{SCRAPPED}")
        assert in_cache(cache, SCRAPPED) is None


class TestTheWall:
    def test_the_other_enterprise_finds_nothing(self, cache: VerdictCache) -> None:
        keep(cache, facts_of(GOOD))
        assert cache.by_code(B.tenant_id, EPOCH, A.code("good"))[0] is None
        assert cache.by_ids(B.tenant_id, EPOCH, [GOOD])[0] == {}

    def test_facts_of_another_are_not_kept_under_one_s_own_name(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        cache.put(cache.begin(B.tenant_id, EPOCH), B.tenant_id, facts_of(GOOD))
        assert redis.client.keys("*:c:*") == []

    def test_facts_of_another_that_got_there_all_the_same_are_dropped(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        keep(cache, facts_of(GOOD))
        database = Opening()
        source(cache, database).enterprise()
        token = cache.begin(B.tenant_id, EPOCH)
        own, other = (keys.prefix(EPOCH, token.life, e.tenant_id) for e in (A, B))
        for key in redis.client.keys(own + "*"):
            redis.client.copy(key, other + key.decode().removeprefix(own), replace=True)
        assert cache.by_code(B.tenant_id, EPOCH, A.code("good"))[0] is None
        assert cache.by_ids(B.tenant_id, EPOCH, [GOOD])[0] == {}
        assert cache.of_enterprise(B.tenant_id, EPOCH)[0] is None

    @pytest.mark.parametrize("tenant_id", ["1", "1:t:2", -1, 1.0, True, None])
    def test_a_key_needs_a_whole_number(self, tenant_id: object) -> None:
        with pytest.raises(ValueError, match="whole numbers"):
            keys.prefix(1, "abcdef0123456789", tenant_id)  # type: ignore[arg-type]

    @pytest.mark.parametrize("life", ["", "x:t:1", "abcdefg0", "ABCDEF01"])
    def test_a_key_needs_a_hex_mark(self, life: str) -> None:
        with pytest.raises(ValueError, match="mark"):
            keys.prefix(1, life, 1)

    @pytest.mark.parametrize(
        "text", ["", "1" * 16, "1" * 18, "１" * 17, "1" * 16 + ":", "1" * 17 + "\n", "*" * 17]
    )
    def test_only_17_digits_are_a_label_s_name(self, text: str) -> None:
        assert keys.of_label(text) is None

    @pytest.mark.parametrize(
        "text", ["", "A1B2C3", "a1b2c3d4", "A1B2C3D4E", "A1B2C3D4:", "A1" * 17, "A1B2C3D4\n"]
    )
    def test_only_hex_is_a_chip_s_name(self, text: str) -> None:
        assert keys.of_uid(text) is None

    def test_a_strange_code_is_asked_of_the_database_and_of_nobody_else(
        self, cache: VerdictCache, redis: FrailRedis
    ) -> None:
        database = Opening()
        assert source(cache, database).by_code("0:c:*") == (None, None)
        assert database.asked == 1
        assert redis.client.keys("*") == []
