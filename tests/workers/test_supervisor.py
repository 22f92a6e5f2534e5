"""The supervisor keeps a portal alive, ends it cleanly, and recovers from its own violent death."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from tests.services_fixture import Services
from tests.workers.playing import MakeBelieve, is_alive, wait_until


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[MakeBelieve]:
    portal = MakeBelieve(tmp_path / "data")
    yield portal
    portal.tidy()


def addresses(portal: MakeBelieve) -> dict[str, str]:
    return json.loads((portal.data_dir / "run" / "services.json").read_text())


def rows(portal: MakeBelieve, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(addresses(portal)["database_url"])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def answers(portal: MakeBelieve) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


def test_everything_starts_and_a_stop_signal_ends_it_to_the_last_process(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    pids = portal.pids()

    assert set(pids) == {"postgres", "redis", "web", "worker"}
    assert answers(portal)
    assert redis.Redis.from_url(addresses(portal)["redis_url"]).config_get("appendonly") == {
        "appendonly": "yes"
    }
    assert portal.end(run) == 0
    assert not any(is_alive(pid) for pid in pids.values())
    assert not portal.marked()


def test_addresses_and_secrets_are_readable_by_their_owner_only(portal: MakeBelieve) -> None:
    portal.begin_and_wait()

    for name in ("run/services.json", "secret_key", "secrets/postgres", "secrets/redis"):
        assert (portal.data_dir / name).stat().st_mode & 0o777 == 0o600


def test_after_the_end_no_address_is_left_that_leads_nowhere(portal: MakeBelieve) -> None:
    portal.end(portal.begin_and_wait())

    assert not (portal.data_dir / "run" / "services.json").exists()
    assert json.loads((portal.data_dir / "run" / "processes.json").read_text()) == {}


def test_a_second_start_keeps_data_and_secrets(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    rows(portal, "CREATE TABLE kept AS SELECT 7 AS number")
    redis.Redis.from_url(addresses(portal)["redis_url"]).set("kept", "8")
    before = addresses(portal)
    portal.end(run)
    portal.begin_and_wait()

    assert addresses(portal) == before
    assert rows(portal, "SELECT number FROM kept") == [(7,)]
    assert redis.Redis.from_url(addresses(portal)["redis_url"]).get("kept") == b"8"


def test_postgresql_listens_on_no_tcp_port_and_is_careful(portal: MakeBelieve) -> None:
    portal.begin_and_wait()
    wanted = (
        "listen_addresses",
        "data_checksums",
        "fsync",
        "full_page_writes",
        "synchronous_commit",
        "TimeZone",
    )
    settings = rows(portal, f"SELECT {', '.join(f'current_setting({name!r})' for name in wanted)}")

    assert settings == [("", "on", "on", "on", "on", "UTC")]
    assert redis.Redis.from_url(addresses(portal)["redis_url"]).config_get("port") == {"port": "0"}


@pytest.mark.parametrize("name", ["web", "worker", "redis", "postgres"])
def test_what_dies_is_started_again(portal: MakeBelieve, name: str) -> None:
    portal.begin_and_wait()
    before = portal.pids()[name]
    os.kill(before, signal.SIGKILL)

    after = wait_until(
        lambda: portal.pids().get(name, before) != before and portal.pids()[name], f"{name} is back"
    )

    assert is_alive(after)
    assert not is_alive(before)
    if name == "postgres":
        assert rows(portal, "SELECT 1") == [(1,)]


def test_a_dead_workers_child_dies_with_it_even_in_a_session_of_its_own(portal: MakeBelieve) -> None:
    portal.begin_and_wait()
    worker = portal.pids()["worker"]
    family = wait_until(
        lambda: len(portal.marked("worker")) == 2 and portal.marked("worker"), "it has its child"
    )
    os.kill(worker, signal.SIGKILL)

    wait_until(lambda: portal.pids().get("worker", worker) != worker, "the worker is back")

    assert not any(is_alive(pid) for pid in family)


def test_a_killed_supervisor_takes_its_servers_along(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    pids = portal.pids()
    run.kill()
    run.wait()

    wait_until(lambda: not any(is_alive(pid) for pid in pids.values()), "all its processes have ended")


def test_after_kill_dash_nine_it_starts_again_without_repair(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    rows(portal, "CREATE TABLE kept AS SELECT 7 AS number")
    family = portal.marked()
    run.kill()
    again = portal.begin_and_wait()

    assert rows(portal, "SELECT number FROM kept") == [(7,)]
    assert not any(is_alive(pid) for pid in family)
    assert portal.end(again) == 0


def test_when_all_of_it_is_killed_at_once_it_starts_again_without_repair(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    rows(portal, "CREATE TABLE kept AS SELECT 7 AS number")
    victims = portal.pids()
    os.kill(run.pid, signal.SIGSTOP)
    for pid in (*victims.values(), run.pid):
        os.kill(pid, signal.SIGKILL)
    portal.begin_and_wait()

    assert rows(portal, "SELECT number FROM kept") == [(7,)]


def test_a_postgresql_that_outlived_its_supervisor_is_ended_first(portal: MakeBelieve) -> None:
    run = portal.begin_and_wait()
    orphan = portal.pids()["postgres"]
    os.kill(orphan, signal.SIGSTOP)  # so that it can't heed the end of its keeper
    run.kill()
    run.wait()
    again = portal.begin()
    wait_until(
        lambda: (portal.data_dir / "run" / "lock").read_text() == f"running {again.pid}\n",
        "the new one began",
    )
    os.kill(orphan, signal.SIGCONT)

    wait_until(lambda: portal.pids().get("postgres") not in (None, orphan), "a new server runs")
    assert not is_alive(orphan)


def test_a_pid_file_that_names_a_stranger_is_no_obstacle_and_the_stranger_lives(portal: MakeBelieve) -> None:
    portal.end(portal.begin_and_wait())
    (portal.data_dir / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n")
    portal.begin_and_wait()

    assert rows(portal, "SELECT 1") == [(1,)]


def test_an_append_only_file_beyond_repair_is_set_aside(portal: MakeBelieve) -> None:
    portal.end(portal.begin_and_wait())
    for file in (portal.data_dir / "redis" / "appendonlydir").glob("*.aof"):
        file.write_bytes(b"this is no command\n" * 9)
    portal.begin_and_wait()

    assert redis.Redis.from_url(addresses(portal)["redis_url"]).ping()
    assert list((portal.data_dir / "redis").glob("damaged-*"))


def refused(portal: MakeBelieve) -> str:
    run = portal.begin()
    _, said = run.communicate(timeout=120)
    assert run.returncode == 1
    assert said.count("\n") == 1, said
    return said


def test_a_second_run_on_the_same_folder_is_refused_in_one_sentence(portal: MakeBelieve) -> None:
    first = portal.begin_and_wait()

    assert f"already running on {portal.data_dir} (process {first.pid})" in refused(portal)
    assert answers(portal)


def test_a_port_in_use_is_refused_in_one_sentence_before_anything_starts(portal: MakeBelieve) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", portal.port))
        other.listen()
        assert f"Port {portal.port} on 127.0.0.1 is in use" in refused(portal)
    assert not (portal.data_dir / "postgres").exists()


def test_a_full_disk_while_preparing_is_told_in_one_sentence(portal: MakeBelieve) -> None:
    portal.env["MAKE_BELIEVE_STEP"] = "raise SystemExit('could not extend file: No space left on device')"

    assert (
        refused(portal)
        == f"The disk that holds {portal.data_dir} is full: free some space and start again.\n"
    )
    assert not portal.marked()


def test_a_failed_step_is_told_in_one_sentence_that_names_the_log(portal: MakeBelieve) -> None:
    portal.env["MAKE_BELIEVE_STEP"] = "raise SystemExit('the reason')"
    said = refused(portal)

    assert said.startswith("Preparing the data failed: the reason")
    assert "prepare.log" in said


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "eighty"), ("HOST", "no.such.host.invalid"), ("PORT", "70000")]
)
def test_settings_that_make_no_sense_are_told_in_one_sentence(
    portal: MakeBelieve, name: str, value: str
) -> None:
    portal.env[name] = value

    assert name in refused(portal)


def test_without_the_demo_it_refuses_to_start_with_no_secret_of_its_own(portal: MakeBelieve) -> None:
    portal.env["DEMO"] = "0"

    assert "SECRET_KEY" in refused(portal)


def test_a_stop_signal_while_preparing_stops_the_step_too(portal: MakeBelieve) -> None:
    portal.env["MAKE_BELIEVE_STEP"] = "import time; time.sleep(600)"
    run = portal.begin()
    wait_until(portal.marked, "the step runs")

    assert portal.end(run) == 0
    assert not portal.marked()


def test_given_servers_are_used_and_none_is_started(tmp_path: Path, services: Services) -> None:
    portal = MakeBelieve(tmp_path / "data", DATABASE_URL=services.database_url, REDIS_URL=services.redis_url)
    try:
        portal.begin_and_wait()
        assert set(portal.pids()) == {"web", "worker"}
        assert not (portal.data_dir / "postgres").exists()
        assert addresses(portal) == {}
    finally:
        portal.tidy()
