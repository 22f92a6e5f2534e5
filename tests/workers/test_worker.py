"""A worker process hears the bell, applies what waits, dies with its child, and stops when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import psycopg2
import pytest
from redis import Redis

from tenants.rules.states import EventKind
from tests.databases import SECRET, Database
from tests.services_fixture import Services
from tests.tenants.apply.site import Site
from tests.workers.playing import ROOT, wait_until
from workers import schedule
from workers.queues import Bell, JobName
from workers.schedule import LOCK, SCHEDULE, Clock


class Running:
    """Worker and scheduler processes over one database and one Redis."""

    def __init__(self, database: Database, redis_url: str) -> None:
        self.env = {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": database.url,
            "REDIS_URL": redis_url,
            "DATA_DIR": str(database.settings.data_dir),
            "SECRET_KEY": SECRET,
            "DEMO": "0",
        }
        self.redis = Redis.from_url(redis_url)
        self.bell = Bell(redis_url)
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", module, *arguments]
        process = subprocess.Popen(command, env=self.env, cwd=ROOT)
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        process = self.start("workers.worker")
        wait_until(lambda: self.redis.scard("rq:workers:uploads"), "the worker is registered")
        return process

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.redis.flushdb()
        self.redis.close()


@pytest.fixture
def running(own_walls: Database, services: Services) -> Iterator[Running]:
    found = Running(own_walls, f"{services.redis_url}?db=8")
    found.redis.flushdb()
    yield found
    found.end()


@pytest.fixture
def site(own_walls: Database) -> Site:
    return Site(own_walls)


def children(pid: int) -> list[int]:
    return [int(word) for word in open(f"/proc/{pid}/task/{pid}/children").read().split()]


def test_an_upload_is_applied_when_the_bell_rings(running: Running, site: Site) -> None:
    running.worker()
    receipt = site.send(site.check(), site.fill())
    assert running.bell.ring("drain_uploads")

    wait_until(lambda: site.report(receipt).done, "it is applied")
    again = site.send(site.event(EventKind.DELIVER))  # the child lingers and needs no bell
    wait_until(lambda: site.report(again).done, "what came meanwhile is applied")


def test_the_scheduler_rings_for_what_a_lost_bell_left_lying(running: Running, site: Site) -> None:
    running.worker()
    receipt = site.send(site.check())
    running.start("workers.schedule")

    wait_until(lambda: site.report(receipt).done, "the sweeper came by")


def test_a_worker_told_to_stop_stops_although_its_child_lingers(running: Running, site: Site) -> None:
    worker = running.worker()
    running.bell.ring("drain_uploads")
    wait_until(lambda: children(worker.pid), "a child is at work")
    worker.terminate()

    assert worker.wait(30) == 0


def test_an_idle_worker_told_to_stop_stops(running: Running) -> None:
    worker = running.worker()
    worker.terminate()
    assert worker.wait(30) == 0


def test_a_child_dies_with_its_worker(running: Running) -> None:
    worker = running.worker()
    running.bell.ring("drain_uploads")
    (child,) = wait_until(lambda: children(worker.pid), "a child is at work")
    worker.kill()
    worker.wait()

    wait_until(lambda: not _lives(child), "the child is gone too")


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] not in "ZX"
    return False


def test_only_one_scheduler_keeps_time_and_another_takes_over(running: Running, own_walls: Database) -> None:
    connection = psycopg2.connect(own_walls.url)
    connection.autocommit = True
    held = f"SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = {LOCK} AND granted"

    def holders() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(held)
            return [row[0] for row in cursor.fetchall()]

    first = running.start("workers.schedule")
    (before,) = wait_until(holders, "one has the lock")
    running.start("workers.schedule")
    first.send_signal(signal.SIGKILL)
    first.wait()

    wait_until(lambda: holders() not in ([], [before]), "the other has it")
    connection.close()


def test_the_clock_rings_for_each_entry_in_its_time_and_again_when_it_was_not_heard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    always = tuple(replace(entry, reason=lambda: True) for entry in SCHEDULE)
    monkeypatch.setattr(schedule, "SCHEDULE", always)
    rung: list[str] = []
    now, heard = [0.0], [False]
    clock = Clock(lambda job: rung.append(job) or heard[0], lambda: now[0])
    clock.tick()
    assert rung == [entry.job.value for entry in SCHEDULE]
    clock.tick()
    assert len(rung) == 2 * len(SCHEDULE)  # nobody heard
    heard[0] = True
    clock.tick()
    rung.clear()
    clock.tick()
    assert rung == []
    for second in range(1, 4):
        now[0] = float(second)
        clock.tick()
    assert rung.count(JobName.DRAIN_UPLOADS.value) == 3
    now[0] = 24 * 3600.0
    clock.tick()
    assert set(rung) == {job.value for job in JobName}
