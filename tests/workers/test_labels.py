"""A making in a real worker: the bell wakes it, the scheduler finds what a lost bell left, and a dead worker leaves nothing half done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from tenants.rules.label_words import MakingState
from tests.databases import Database
from tests.services_fixture import Services
from tests.tenants.labels.test_making import Shop
from tests.workers.playing import wait_until
from tests.workers.test_worker import Running
from workers.queues import JobName, QueueName

QUEUE = QueueName.LABELS.value


@pytest.fixture
def running(own_walls: Database, services: Services) -> Iterator[Running]:
    found = Running(own_walls, f"{services.redis_url}?db=9")
    found.redis.flushdb()
    yield found
    found.end()


@pytest.fixture
def shop(own_walls: Database) -> Shop:
    return Shop(own_walls)


def begin(running: Running) -> None:
    running.start("workers.worker", "--queue", QUEUE)
    wait_until(lambda: running.redis.scard(f"rq:workers:{QUEUE}"), "the worker is registered")


def becomes(shop: Shop, making_id: UUID, state: MakingState) -> None:
    wait_until(lambda: shop.state(making_id) is state, f"the making is {state.value}")


def test_the_bell_wakes_a_worker_that_draws(running: Running, shop: Shop) -> None:
    begin(running)
    making_id = shop.ask(shop.order(30))
    running.bell.ring(JobName.MAKE_LABELS)
    becomes(shop, making_id, MakingState.DONE)

    assert len(shop.fetch(making_id).namelist()) == 34


def test_without_a_bell_the_scheduler_finds_it(running: Running, shop: Shop) -> None:
    begin(running)
    making_id = shop.ask(shop.order(3))
    running.start("workers.schedule")
    becomes(shop, making_id, MakingState.DONE)


def test_a_worker_killed_before_the_end_leaves_nothing_and_the_next_finishes(
    running: Running, shop: Shop, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.touch()
    running.env["CRASH_AT"] = f"labels_drawn:{token}"
    begin(running)
    making_id = shop.ask(shop.order(30))
    running.bell.ring(JobName.MAKE_LABELS)
    wait_until(lambda: not token.exists(), "the worker died")
    assert shop.state(making_id) is MakingState.QUEUED
    with shop.database.as_admin() as connection:
        assert (
            connection.scalar(
                text("SELECT count(*) FROM gas.label_file WHERE making_id = :id"), {"id": making_id}
            )
            == 0
        )
        connection.execute(
            text("UPDATE gas.label_making SET due_at = now() WHERE id = :id"), {"id": making_id}
        )
    running.bell.ring(JobName.MAKE_LABELS, again=True)
    becomes(shop, making_id, MakingState.DONE)
