"""The relay: carries domain events from the outbox to the cache and to the bell. `python -m workers.relay`.

A row is ticked off only after its reflexes have run; until then every verdict asks PostgreSQL about its subject. So a relay that dies,
or a Redis that is away, makes verdicts slower and never laxer. Several relays at once do no harm: each takes other rows.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import delete, func, select, text, tuple_, update
from sqlalchemy.orm import Session

from tenants import logs, scope
from tenants.events import Event
from tenants.faults import CrashPoint, crash_point
from tenants.models import Outbox
from tenants.services.epoch import cache_epoch, raise_epoch
from tenants.settings import Settings
from tenants.verdict_cache import CacheAway, VerdictCache
from workers import queues, stopping
from workers.queues import JobName
from workers.reflexes import Reflex, forget
from workers.subscriptions import JOBS, REFLEXES

BATCH = 500
BUSY, IDLE, TROUBLED = 0.05, 0.25, 2.0  # seconds: the longest pauses with work, without it, in trouble
LOOK_AT_REDIS = 1.0  # seconds between two looks at which process answers
PRUNE_EVERY = 600.0  # seconds
KEPT_FOR = "7 days"

Ring = Callable[[JobName], object]
log = structlog.get_logger(__name__)


class Relay:
    """One relay; `run` goes on until told to stop."""

    def __init__(self, cache: VerdictCache, ring: Ring) -> None:
        self._cache = cache
        self._ring = ring
        self._redis: str | None = None
        self._look_again = self._prune_again = 0.0

    def run(self, wait: Callable[[float], bool]) -> None:
        """Carry on what comes until `wait(seconds)` says to stop; after a failure try again, soon at first, then every two seconds."""
        pause = 0.0
        while not wait(pause):
            try:
                self.watch_redis()
                pause = (
                    0.0
                    if (carried := self.carry_on()) == BATCH
                    else BUSY
                    if carried
                    else min(IDLE, pause + BUSY)
                )
                self._prune_at_times()
            except CacheAway as problem:
                pause = min(TROUBLED, 2 * pause + BUSY)
                log.warning("relay_waits_for_redis", problem=str(problem)[:200])
            except Exception:
                pause = min(TROUBLED, 2 * pause + BUSY)
                log.exception("relay_failed")

    def watch_redis(self) -> None:
        """Begin a new epoch at the start and whenever another Redis process answers. Raises CacheAway."""
        if time.monotonic() < self._look_again:
            return
        answers = self._cache.store.process()
        if answers != self._redis:
            with scope.relay_scope() as session:
                epoch = raise_epoch(session)
            log.info("cache_epoch_raised", epoch=epoch)
            self._redis = answers
        self._look_again = time.monotonic() + LOOK_AT_REDIS

    def carry_on(self) -> int:
        """Carry one batch of rows on and tick them off; how many there were. Raises CacheAway, and then nothing is ticked off."""
        with scope.relay_scope() as session:
            rows = self.read(session)
            crash_point(CrashPoint.RELAY_AFTER_READ)
            if rows:
                self.react(
                    rows, cache_epoch(session)
                )  # read after the rows, so no later reader is in an older one
                self.ring_for(rows)
                crash_point(CrashPoint.RELAY_BEFORE_MARK)
                self.mark(session, rows)
        return len(rows)

    def read(self, session: Session) -> Sequence[Any]:
        """The oldest rows that nobody else carries now."""
        waiting = (
            select(Outbox.tenant_id, Outbox.id, Outbox.kind, Outbox.subject_id)
            .where(Outbox.relayed_at.is_(None))
            .order_by(Outbox.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        return session.execute(waiting).all()

    def react(self, rows: Sequence[Any], epoch: int) -> None:
        """Run the reflexes, once for each enterprise and kind, with all its subjects."""
        subjects: defaultdict[tuple[int, str], dict[UUID, None]] = defaultdict(dict)
        for row in rows:
            subjects[row.tenant_id, row.kind].update({row.subject_id: None} if row.subject_id else {})
        for (tenant_id, kind), ids in subjects.items():
            reflex = _reflex_of(kind)
            if reflex is not None:
                reflex(self._cache, tenant_id, epoch, tuple(ids))

    def ring_for(self, rows: Sequence[Any]) -> None:
        """Ring once for each job; a bell that isn't heard is made up for by the scheduler."""
        known = {event.value: event for event in Event}
        jobs = {job: None for row in rows if row.kind in known for job in JOBS[known[row.kind]]}
        for job in jobs:
            try:
                self._ring(job)
            except Exception as problem:
                log.warning("bell_not_heard", job=job, problem=type(problem).__name__)

    def mark(self, session: Session, rows: Sequence[Any]) -> None:
        """Tick the rows off."""
        keys = [(row.tenant_id, row.id) for row in rows]
        wanted = tuple_(Outbox.tenant_id, Outbox.id).in_(keys)
        session.execute(update(Outbox).where(wanted).values(relayed_at=func.now()))

    def _prune_at_times(self) -> None:
        if time.monotonic() >= self._prune_again:
            while prune() == BATCH:
                pass
            self._prune_again = time.monotonic() + PRUNE_EVERY


def prune(most: int = BATCH) -> int:
    """Delete some of the rows that were ticked off more than seven days ago; how many."""
    old = (
        select(Outbox.tenant_id, Outbox.id)
        .where(Outbox.relayed_at < func.now() - text(f"interval '{KEPT_FOR}'"))
        .limit(most)
    )
    with scope.relay_scope() as session:
        gone = session.execute(
            delete(Outbox).where(tuple_(Outbox.tenant_id, Outbox.id).in_(old)).returning(Outbox.id)
        )
        return len(gone.all())


def _reflex_of(kind: str) -> Reflex | None:
    try:
        return REFLEXES[Event(kind)]
    except (ValueError, KeyError):
        return forget


def main() -> None:
    """Run until SIGTERM or Ctrl-C; what is under way is finished first."""
    logs.configure()
    settings = Settings.from_env()
    scope.configure(settings)
    queues.configure(settings.redis_url)
    stopping.listen()
    Relay(VerdictCache.at(settings.redis_url), queues.ring).run(stopping.wait)
    scope.dispose()


if __name__ == "__main__":
    main()
