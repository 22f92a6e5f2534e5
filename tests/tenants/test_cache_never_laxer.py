"""A verdict from the cache is never laxer than PostgreSQL's, whatever happens in whatever order; and faults built in are noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tenants import scope
from tenants.services.epoch import cache_epoch
from tenants.verdict_cache import CachedSource, RedisStore, VerdictCache, connect, scripts
from tests.tenants import cache_world as world
from tests.tenants.cache_machine import CacheMachine, MortalRelay, Parts
from tests.tenants.frail_redis import FrailRedis, frail_redis

pytestmark = pytest.mark.usefixtures("own_walls")

PLAY = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    print_blob=False,
    report_multiple_bugs=False,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
LONG = settings(PLAY, max_examples=40)  # a built-in fault ends it early


@pytest.fixture
def redis() -> Iterator[FrailRedis]:
    with frail_redis() as running:
        yield running


def play(parts: Parts, how: settings = PLAY) -> None:
    run_state_machine_as_test(lambda: CacheMachine(parts), settings=how)


def test_the_cache_is_never_laxer(redis: FrailRedis) -> None:
    play(Parts(redis))


def ignores_what_waits(cache: VerdictCache, greeting: world.Greeting) -> CachedSource:
    return world.source_of(cache, replace(greeting, waiting=()))


class MarksFirst(MortalRelay):
    """Ticks rows off before the cache has heard of them."""

    def carry_on(self) -> int:
        with scope.relay_scope() as session:
            rows = self.read(session)
            self.mark(session, rows) if rows else None
        if rows:
            with scope.relay_scope() as session:
                self.react(rows, cache_epoch(session))
        return len(rows)


class ReactsToNothing(MortalRelay):
    """Ticks rows off and tells the cache nothing."""

    def react(self, rows: object, epoch: int) -> None:
        self._come_to("react")


class OtherScripts(RedisStore):
    """A store whose KEEP script lacks a line."""

    cut: tuple[str, str] = ("", "")

    def _begin(self):  # type: ignore[no-untyped-def]
        whole = scripts.KEEP
        assert self.cut[0] in whole
        scripts.KEEP = whole.replace(*self.cut)
        try:
            return super()._begin()
        finally:
            scripts.KEEP = whole


class KeepsOlderVersions(OtherScripts):
    cut = ("return 'older'", "")


class KeepsWhatWasReadBeforeAnEmptying(OtherScripts):
    cut = ("loaded < since or", "")


class BelievesAnEarlierProcess(RedisStore):
    """Has the same mark in every process."""

    def process(self) -> str:
        return "0123456789abcdef"

    def _begin(self):  # type: ignore[no-untyped-def]
        return replace(super()._begin(), mark=self.process())


def with_store(kind: type[RedisStore]) -> Callable[[Parts], Parts]:
    return lambda parts: replace(parts, store=lambda redis: kind(connect(redis.url)))


FAULTS: dict[str, Callable[[Parts], Parts]] = {
    "what waits is ignored": lambda parts: replace(parts, source=ignores_what_waits),
    "ticked off before refreshed": lambda parts: replace(parts, relay=MarksFirst),
    "never refreshed": lambda parts: replace(parts, relay=ReactsToNothing),
    "an older version replaces a newer one": with_store(KeepsOlderVersions),
    "read before Redis was emptied, and kept": with_store(KeepsWhatWasReadBeforeAnEmptying),
    "an earlier Redis process is believed": with_store(BelievesAnEarlierProcess),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_fault_is_noticed(redis: FrailRedis, fault: Callable[[Parts], Parts]) -> None:
    with pytest.raises(AssertionError):
        play(fault(Parts(redis)), LONG)
