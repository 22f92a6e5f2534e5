"""The clock: rings for work that is due. `python -m workers.schedule`.

One scheduler works at a time: whoever holds an advisory lock of PostgreSQL, on a connection kept for nothing else; the lock is gone when
the connection is. The clock remembers nothing: everything in SCHEDULE is rung for when a scheduler takes over, and doing it
once too often does no harm.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg2
import structlog
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from tenants import logs, scope
from tenants.planes import Plane
from tenants.services import label_claims
from tenants.services.apply.inbox import anything_due
from tenants.services.imports import claims as imports
from tenants.services.totals import at_night, changes_wait
from tenants.settings import Settings
from workers import queues, stopping
from workers.queues import JobName

TICK = 1.0  # seconds
HOUR = 3600.0
LOCK = 0x6761_7310  # one scheduler at a time

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Regularly:
    """Ring for a job every so many seconds, if there is a reason to."""

    job: JobName
    every: float
    reason: Callable[[], bool] = lambda: True


SCHEDULE = (
    Regularly(JobName.DRAIN_UPLOADS, TICK, anything_due),
    Regularly(JobName.FOLD_TOTALS, 5.0, changes_wait),
    Regularly(JobName.CHECK_TOTALS, 20 * HOUR, at_night),
    Regularly(JobName.RUN_IMPORTS, 2 * TICK, imports.anything_due),
    Regularly(JobName.MAKE_LABELS, 2 * TICK, label_claims.anything_due),
    Regularly(JobName.KEEP_PARTITIONS, 6 * HOUR),
    Regularly(JobName.SWEEP_IMPORTS, 12 * HOUR),
    Regularly(JobName.SWEEP_SESSIONS, HOUR),
)


class Clock:
    """Rings for what is due; `now` is any clock in seconds."""

    def __init__(self, ring: Callable[[str], bool], now: Callable[[], float] = time.monotonic) -> None:
        self._ring = ring
        self._now = now
        self._next: dict[JobName, float] = {}

    def tick(self) -> None:
        """Look through the schedule once; a bell that wasn't heard is rung again at the next look."""
        for entry in SCHEDULE:
            now = self._now()
            if now >= self._next.get(entry.job, now) and (not entry.reason() or self._ring(entry.job.value)):
                self._next[entry.job] = now + entry.every - TICK / 2


@contextmanager
def the_lock(engine: Engine) -> Iterator[Connection | None]:
    """A connection that holds the lock, or None when another scheduler has it."""
    with engine.connect() as connection:
        taken = connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK})
        yield connection if taken else None


def keep_time(settings: Settings) -> None:
    """Wait for the lock, ring while it is held, and begin anew when the connection is lost; until told to stop."""
    address = settings.plane_url(Plane.RELAY)
    engine = create_engine(
        address, poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 5}
    )
    while not stopping.wanted():
        try:
            with the_lock(engine) as connection:
                clock = Clock(queues.ring)
                while connection is not None and not stopping.wanted():
                    connection.execute(
                        text("SELECT 1")
                    )  # raises when the connection, and so the lock, is lost
                    clock.tick()
                    stopping.wait(TICK)
        except (SQLAlchemyError, psycopg2.Error) as problem:
            log.warning("clock_stands_still", problem=type(problem).__name__)
        stopping.wait(TICK)


def main() -> int:
    """Keep time until SIGTERM or Ctrl-C."""
    logs.configure()
    settings = Settings.from_env()
    stopping.listen()
    scope.configure(settings)
    queues.configure(settings.redis_url)
    keep_time(settings)
    scope.dispose()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
