"""The bell: wakes a worker for a job. PostgreSQL has the work itself, so a bell that is lost costs time and nothing else.

Every job has one queue, and a worker listens to one queue: a worker of two queues can lose a job when it dies. A job is told by its name
and given ids and nothing else.
"""

from __future__ import annotations

import time
from enum import StrEnum

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from tenants.settings import Settings


class QueueName(StrEnum):
    """Where bells wait; each has a worker of its own."""

    UPLOADS = "uploads"  # what devices sent: soon
    IMPORTS = "imports"  # spreadsheets, one at a time: nobody else waits behind one
    LABELS = "labels"  # artwork of label runs: minutes
    CHORES = "chores"  # housekeeping: some time


class JobName(StrEnum):
    """Everything a worker may be asked to do; `workers/jobs` says how."""

    CHECK_TOTALS = "check_totals"
    DRAIN_UPLOADS = "drain_uploads"
    FOLD_TOTALS = "fold_totals"
    KEEP_PARTITIONS = "keep_partitions"
    MAKE_LABELS = "make_labels"
    RUN_IMPORTS = "run_imports"
    SWEEP_IMPORTS = "sweep_imports"
    SWEEP_SESSIONS = "sweep_sessions"


QUEUE_OF: dict[JobName, QueueName] = {
    JobName.CHECK_TOTALS: QueueName.CHORES,
    JobName.DRAIN_UPLOADS: QueueName.UPLOADS,
    JobName.FOLD_TOTALS: QueueName.CHORES,
    JobName.KEEP_PARTITIONS: QueueName.CHORES,
    JobName.MAKE_LABELS: QueueName.LABELS,
    JobName.RUN_IMPORTS: QueueName.IMPORTS,
    JobName.SWEEP_IMPORTS: QueueName.CHORES,
    JobName.SWEEP_SESSIONS: QueueName.CHORES,
}

PATIENCE = 0.2  # seconds to wait for Redis
LEFT_ALONE = 1.0  # seconds for which an absent Redis is not asked
ECHO_MS = 100  # for so long one ring speaks for all that follow
LONGEST_JOB = 180  # seconds
LONGEST: dict[JobName, int] = {
    JobName.RUN_IMPORTS: 900,
    JobName.MAKE_LABELS: 1800,
}  # where a job may take longer
FAILURE_KEPT = 300  # seconds that Redis remembers a job that failed; the log has the reason

log = structlog.get_logger(__name__)


class Bell:
    """One process's way to the queues; nothing is connected until it rings."""

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._client: Redis | None = None
        self._away_until = 0.0

    def ring(self, job: str, /, *, again: bool = False, **ids: str) -> bool:
        """Wake a worker for this job, unless one is about to wake; False when Redis is away, and never an error for that.

        `again` rings even when the last ring has not died away. Raises ValueError for a job that isn't on the list.
        """
        name = JobName(job)
        if time.monotonic() < self._away_until:
            return False
        try:
            return self._ring(name, again, ids)
        except (RedisError, OSError) as problem:
            self._away_until = time.monotonic() + LEFT_ALONE
            log.warning("bell_not_heard", job=job, problem=type(problem).__name__)
            return False

    def _ring(self, name: JobName, again: bool, ids: dict[str, str]) -> bool:
        client = self._connected()
        if not ids:  # a bell that nobody has answered yet will be answered after this moment
            echo = client.set(f"bell:{name.value}", 1, nx=True, px=ECHO_MS)
            if not (echo or again) or self._waits(client, name):
                return True
        queue = Queue(QUEUE_OF[name].value, connection=client, serializer=JSONSerializer)
        queue.enqueue_call(
            name.value, kwargs=ids, timeout=LONGEST.get(name, LONGEST_JOB), result_ttl=0, failure_ttl=FAILURE_KEPT, description=name.value
        )  # fmt: skip
        return True

    def _waits(self, client: Redis, name: JobName) -> bool:
        """Whether a bell for just this job is the next that a worker will hear; the queue of uploads has no other job."""
        alone = [job for job, queue in QUEUE_OF.items() if queue is QUEUE_OF[name]] == [name]
        return alone and int(client.llen(f"rq:queue:{QUEUE_OF[name].value}")) > 0  # type: ignore[arg-type]

    def _connected(self) -> Redis:
        if self._client is None:
            self._client = Redis.from_url(
                self._redis_url,
                socket_timeout=PATIENCE,
                socket_connect_timeout=PATIENCE,
                retry=Retry(NoBackoff(), 0),
            )
        return self._client


_bell: list[Bell] = []


def configure(redis_url: str) -> None:
    """Say which Redis this process rings in."""
    _bell[:] = [Bell(redis_url)]


def ring(job: str, /, *, again: bool = False, **ids: str) -> bool:
    """Ring this process's bell; see `Bell.ring`. Without `configure` the settings of the environment are used."""
    if not _bell:
        configure(Settings.from_env().redis_url)
    return _bell[0].ring(job, again=again, **ids)
