"""An import in a real worker: killed in the middle it leaves nothing half done, and the next one finishes it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text

from tenants import scope
from tenants.rules.states import ImportMode, ImportState
from tenants.services.imports import runs
from tests.databases import Database
from tests.services_fixture import Services
from tests.tenants.imports.office import Office, as_csv, good_rows, state_of
from tests.workers.playing import wait_until
from tests.workers.test_worker import Running
from workers.queues import JobName, QueueName
from workers.worker import MOST_MEMORY

QUEUE = QueueName.IMPORTS.value


@pytest.fixture
def running(own_walls: Database, services: Services) -> Iterator[Running]:
    found = Running(own_walls, f"{services.redis_url}?db=9")
    found.redis.flushdb()
    yield found
    found.end()


@pytest.fixture
def office(own_walls: Database) -> Office:
    found = Office(own_walls)
    found.furnish()
    return found


def begin(running: Running) -> None:
    running.start("workers.worker", "--queue", QUEUE)
    wait_until(lambda: running.redis.scard(f"rq:workers:{QUEUE}"), "the worker is registered")


def becomes(office: Office, run_id: UUID, state: ImportState) -> None:
    wait_until(lambda: state_of(office.run(run_id)) is state, f"the import is {state.value}")


def approve(office: Office, run_id: UUID) -> None:
    with scope.tenant_scope(office.enterprise.tenant_id) as session:
        runs.approve(session, office.actor, run_id, ImportMode.ALL)


def lease_ends(office: Office, run_id: UUID) -> None:
    with office.database.as_admin() as connection:
        connection.execute(text("UPDATE gas.import_run SET due_at = now() WHERE id = :id"), {"id": run_id})


def test_the_bell_wakes_a_worker_that_checks_and_writes(running: Running, office: Office) -> None:
    begin(running)
    before = office.count()
    run_id = office.send(as_csv(good_rows(50)))
    running.bell.ring(JobName.RUN_IMPORTS)
    becomes(office, run_id, ImportState.CHECKED)
    assert office.count() == before
    approve(office, run_id)
    running.bell.ring(JobName.RUN_IMPORTS, again=True)
    becomes(office, run_id, ImportState.APPLIED)
    assert office.count() == before + 50


def test_without_a_bell_the_scheduler_finds_it(running: Running, office: Office) -> None:
    begin(running)
    run_id = office.send(as_csv(good_rows(5)))
    running.start("workers.schedule")
    becomes(office, run_id, ImportState.CHECKED)


@pytest.mark.parametrize("place", ["import_checked", "import_mid_apply"])
def test_a_worker_killed_in_the_middle_leaves_nothing_and_the_next_finishes(
    running: Running, office: Office, tmp_path: Path, place: str
) -> None:
    token = tmp_path / "token"
    token.touch()
    running.env["CRASH_AT"] = f"{place}:{token}"
    begin(running)
    before = office.count()
    run_id = office.send(as_csv(good_rows(9000)))
    running.bell.ring(JobName.RUN_IMPORTS)
    if place == "import_mid_apply":
        becomes(office, run_id, ImportState.CHECKED)
        approve(office, run_id)
        running.bell.ring(JobName.RUN_IMPORTS, again=True)
    wait_until(lambda: not token.exists(), "the worker's child is killed")
    assert office.count() == before
    assert state_of(office.run(run_id)) in (ImportState.QUEUED, ImportState.APPROVED)
    lease_ends(office, run_id)
    running.bell.ring(JobName.RUN_IMPORTS, again=True)
    wanted = ImportState.APPLIED if place == "import_mid_apply" else ImportState.CHECKED
    becomes(office, run_id, wanted)
    assert office.count() == before + (9000 if place == "import_mid_apply" else 0)


def test_a_job_that_reads_files_may_hold_so_much_and_no_more() -> None:
    assert MOST_MEMORY[QueueName.IMPORTS] <= 1024**3
