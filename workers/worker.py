"""A worker: listens to one queue and runs each job in a child process. `python -m workers.worker [--queue uploads]`.

Everything a job needs is imported before the fork, so that a bell is answered within milliseconds. A child dies with its parent; told
to stop, it finishes the upload in hand. When Redis goes away the worker waits for it to come back.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import resource
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Worker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from tenants import logs, scope
from tenants.settings import Settings
from workers import queues, stopping
from workers.known_job import KnownJob
from workers.queues import QueueName

TTL = 60  # seconds for which a silent worker counts as alive
MONITORING = 10
MAINTENANCE = 30
LONGEST_PAUSE = 2.0  # seconds between two tries to reach Redis
PR_SET_PDEATHSIG = 1
# Bytes of data that one job may hold: a file that is a trap ends the job that reads it, not the machine.
MOST_MEMORY: dict[QueueName, int] = {QueueName.IMPORTS: 1024**3}

log = structlog.get_logger(__name__)
_libc = ctypes.CDLL(None, use_errno=True)


class PortalWorker(Worker):
    """RQ's worker, whose children die with it and stop when it is told to."""

    job_class = KnownJob
    max_connection_wait_time = LONGEST_PAUSE
    log_result_lifespan = False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the child: leave the parent's connections alone, and don't outlive it."""
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.pid:  # it died before the kernel was asked
            os._exit(1)
        if most := MOST_MEMORY.get(QueueName(queue.name)):
            resource.setrlimit(resource.RLIMIT_DATA, (most, most))
        scope.dispose()
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """In the child: SIGTERM is a wish to stop, heard between two uploads."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stopping.listen(signal.SIGTERM)

    @property
    def told_to_stop(self) -> bool:
        """Whether it ended because it was told to."""
        return self._shutdown_requested_date is not None

    def _install_signal_handlers(self) -> None:
        super()._install_signal_handlers()
        self._stop_requested = stopping.wanted()  # it may have been told while it was starting

    def handle_warm_shutdown_request(self) -> None:
        """Tell the child, if there is one."""
        if self.horse_pid:
            with suppress(OSError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def maintain_heartbeats(self, job: Job, execution: Any) -> None:
        """A Redis that is away is no reason to leave a child alone that needs it for nothing but speed."""
        with suppress(RedisError):
            super().maintain_heartbeats(job, execution)

    def set_shutdown_requested_date(self) -> None:
        """Nobody reads it, and Redis may be away."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()

    def subscribe(self) -> None:
        """No orders are taken from Redis: not to stop, not to kill."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""

    def teardown(self) -> None:
        """Say farewell, if there is anybody to say it to."""
        with suppress(RedisError):
            super().teardown()


def make_worker(queue: QueueName, connection: Redis) -> PortalWorker:
    """A worker for one queue, not yet started."""
    return PortalWorker(
        [queue.value],
        connection=connection,
        serializer=JSONSerializer,
        worker_ttl=TTL,
        job_monitoring_interval=MONITORING,
        maintenance_interval=MAINTENANCE,
        log_job_description=False,
    )


def work(settings: Settings, queue: QueueName) -> None:
    """Work until told to stop; a Redis that goes away is waited for."""
    pause = 0.1
    while not stopping.wanted():
        stopping.listen()
        worker, began = None, time.monotonic()
        try:
            worker = make_worker(queue, Redis.from_url(settings.redis_url, socket_connect_timeout=5))
            worker.work(logging_level="WARNING")
        except (RedisError, OSError) as problem:
            log.warning("worker_waits_for_redis", problem=type(problem).__name__)
        finally:
            _end_child(worker)
        if worker is not None and worker.told_to_stop:
            return
        pause = 0.1 if time.monotonic() - began > TTL else min(LONGEST_PAUSE, pause * 2)
        stopping.wait(pause)


def _end_child(worker: PortalWorker | None) -> None:
    """A child that is still at work after its worker gave up would not be watched any more."""
    if worker is not None and worker.horse_pid:
        with suppress(OSError):
            os.kill(worker.horse_pid, signal.SIGKILL)
        with suppress(OSError):
            os.waitpid(worker.horse_pid, 0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Work until SIGTERM or Ctrl-C; what is in hand is finished first."""
    parser = argparse.ArgumentParser(prog="python -m workers.worker", description="Works for one queue.")
    parser.add_argument(
        "--queue", default=QueueName.UPLOADS.value, choices=[name.value for name in QueueName]
    )
    chosen = QueueName(parser.parse_args(arguments).queue)
    logs.configure()
    settings = Settings.from_env()
    scope.configure(settings)
    queues.configure(settings.redis_url)
    work(settings, chosen)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
