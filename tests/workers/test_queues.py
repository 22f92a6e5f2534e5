"""The bell: rung a thousand times it wakes a worker a few times, and it never stands in the way of whoever rings."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Callback
from rq.serializers import JSONSerializer

from tests.databases import settings_for
from tests.services_fixture import Services
from workers.children import portal_children
from workers.jobs import JOBS
from workers.queues import QUEUE_OF, Bell, JobName, QueueName
from workers.subscriptions import JOBS as FOLLOWING
from workers.worker import make_worker


@pytest.fixture
def redis_url(services: Services) -> str:
    return f"{services.redis_url}?db=7"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    client = Redis.from_url(redis_url)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def waiting(redis: Redis, name: QueueName) -> int:
    return int(redis.llen(f"rq:queue:{name.value}"))  # type: ignore[arg-type]


def test_every_job_has_its_verb_its_queue_and_every_queue_its_worker(
    services: Services, tmp_path: Path
) -> None:
    settings = settings_for(services.database_url, services.redis_url, tmp_path)
    commands = [child.command for child in portal_children(settings, {})]
    served = {c[-1] if "--queue" in c else "uploads" for c in commands if "workers.worker" in c}

    assert set(JOBS) == set(QUEUE_OF) == set(JobName)
    assert {queue.value for queue in QUEUE_OF.values()} == served == {queue.value for queue in QueueName}
    assert {name for names in FOLLOWING.values() for name in names} <= {job.value for job in JobName}
    assert {function.__name__ for function in JOBS.values()} == {job.value for job in JobName}


def test_a_thousand_rings_leave_one_bell_waiting(redis: Redis, redis_url: str) -> None:
    bell = Bell(redis_url)

    assert all(bell.ring("drain_uploads") for _ in range(1000))
    assert waiting(redis, QueueName.UPLOADS) == 1


def test_a_ring_after_the_last_was_answered_rings_anew(redis: Redis, redis_url: str) -> None:
    bell = Bell(redis_url)
    bell.ring("drain_uploads")
    redis.flushdb()  # answered, and its echo gone
    bell.ring("drain_uploads")

    assert waiting(redis, QueueName.UPLOADS) == 1


def test_a_worker_that_goes_on_rings_in_spite_of_the_echo(redis: Redis, redis_url: str) -> None:
    bell = Bell(redis_url)
    bell.ring("drain_uploads")
    redis.delete("rq:queue:uploads")
    bell.ring("drain_uploads")
    assert waiting(redis, QueueName.UPLOADS) == 0
    bell.ring("drain_uploads", again=True)
    assert waiting(redis, QueueName.UPLOADS) == 1


def test_without_redis_the_bell_says_so_and_does_nothing(tmp_path: Path) -> None:
    assert not Bell(f"unix://{tmp_path}/nobody.sock").ring("drain_uploads")


def test_a_job_that_is_not_on_the_list_is_a_mistake(redis: Redis, redis_url: str) -> None:
    with pytest.raises(ValueError, match=r"os\.system"):
        Bell(redis_url).ring("os.system")


def burst(redis: Redis) -> None:
    """Hear every bell there is, in children, as a worker does."""
    make_worker(QueueName.CHORES, redis).work(burst=True, logging_level="CRITICAL")


def plant(redis: Redis, function: str, **options: Any) -> None:
    """What somebody could write who got hold of Redis."""
    queue = Queue(QueueName.CHORES.value, connection=redis, serializer=JSONSerializer)
    queue.enqueue_call(function, result_ttl=60, failure_ttl=60, **options)


@pytest.mark.parametrize(
    "function", ["os.system", "workers.jobs.keep_partitions.keep_partitions", "builtins.exec"]
)
def test_nothing_but_the_listed_jobs_is_ever_called(redis: Redis, tmp_path: Path, function: str) -> None:
    proof = tmp_path / "proof"
    plant(redis, function, args=[f"touch {proof}"])
    burst(redis)

    assert not proof.exists()
    assert redis.zcard("rq:failed:chores") == 1


def test_callbacks_of_a_planted_job_are_not_called(
    redis: Redis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(redis, "no_such_job", args=[], on_failure=Callback("tests.workers.test_queues.leave_proof"))
    monkeypatch.setenv("PROOF", str(tmp_path / "proof"))
    burst(redis)

    assert redis.zcard("rq:failed:chores") == 1
    assert not (tmp_path / "proof").exists()


def leave_proof(*_: Any) -> None:
    """What a planted callback would do."""
    Path(os.environ["PROOF"]).touch()
