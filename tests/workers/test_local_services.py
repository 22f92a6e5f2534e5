"""The private PostgreSQL and Redis of one data folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from workers import binaries, local_postgres
from workers.accidents import CannotStart
from workers.local_services import (
    LocalPostgres,
    LocalRedis,
    Service,
    needed_services,
    publish_addresses,
    withdraw_addresses,
)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[Service]]:
    """A place for servers that the test starts; they are stopped after it."""
    servers: list[Service] = []
    yield servers
    for server in servers:
        server.stop()


def ask(server: LocalPostgres, statement: str) -> object:
    connection = psycopg2.connect(server.url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0]
    finally:
        connection.close()


def start(started: list[Service], server: Service) -> Service:
    started.append(server)
    server.start()
    return server


def test_a_server_is_made_where_there_was_nothing(tmp_path: Path, started: list[Service]) -> None:
    server = start(started, LocalPostgres(tmp_path, durable=False))

    assert ask(server, "SELECT current_user || '@' || current_database()") == "gas_admin@gas"
    assert ask(server, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is True
    assert ask(server, "SELECT datcollate FROM pg_database WHERE datname = 'gas'") == "C.UTF-8"
    assert ask(server, "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 1


def test_nobody_comes_in_without_the_password(tmp_path: Path, started: list[Service]) -> None:
    database = start(started, LocalPostgres(tmp_path, durable=False))
    start(started, LocalRedis(tmp_path, durable=False))
    password = (tmp_path / "secrets" / "postgres").read_text().strip()

    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(database.url.replace(password, "guessed"))
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(tmp_path / "run" / "redis" / "redis.sock")).ping()


def test_the_folders_of_the_servers_are_closed_to_other_accounts(
    tmp_path: Path, started: list[Service]
) -> None:
    start(started, LocalPostgres(tmp_path, durable=False))
    start(started, LocalRedis(tmp_path, durable=False))

    for name in ("postgres", "redis", "run/postgres", "run/redis", "secrets"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_no_server_runs_as_root(tmp_path: Path, started: list[Service]) -> None:
    for server in (LocalPostgres(tmp_path, durable=False), LocalRedis(tmp_path, durable=False)):
        start(started, server)
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0


@pytest.mark.parametrize("name", ["深" * 40, "with,comma"], ids=["long", "comma"])
def test_a_path_that_no_socket_can_have_is_no_obstacle(
    tmp_path: Path, started: list[Service], name: str
) -> None:
    far_away = tmp_path / name
    far_away.mkdir(mode=0o755)
    database = start(started, LocalPostgres(far_away, durable=False))
    bell = start(started, LocalRedis(far_away, durable=False))

    assert ask(database, "SELECT 1") == 1
    assert redis.Redis.from_url(bell.url).ping()
    assert str(far_away) not in database.url
    folder = Path(str(ask(database, "SHOW unix_socket_directories")).strip('"')).parent
    database.stop()
    bell.stop()
    (folder / "postgres").rmdir()
    (folder / "redis").rmdir()
    folder.rmdir()


def test_a_crowded_or_strange_path_is_no_obstacle(tmp_path: Path, started: list[Service]) -> None:
    strange = tmp_path / "a b'c%d#?\"e"
    strange.mkdir(mode=0o755)
    database = start(started, LocalPostgres(strange, durable=False))
    bell = start(started, LocalRedis(strange, durable=False))

    assert ask(database, "SELECT 1") == 1
    assert redis.Redis.from_url(bell.url).ping()


def test_stopping_twice_and_stopping_what_never_ran_does_nothing(tmp_path: Path) -> None:
    server = LocalRedis(tmp_path, durable=False)
    server.stop()
    server.start()
    server.stop()
    server.stop()

    assert server.pid is None


def test_a_making_that_was_cut_short_is_begun_anew(tmp_path: Path, started: list[Service]) -> None:
    (tmp_path / "postgres.new").mkdir()
    (tmp_path / "postgres.new" / "PG_VERSION").write_text("half")

    assert ask(start(started, LocalPostgres(tmp_path, durable=False)), "SELECT 1") == 1


def test_data_of_a_version_that_is_not_installed_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("9999\n")

    with pytest.raises(CannotStart, match="PostgreSQL 9999 with PostGIS is not installed"):
        LocalPostgres(tmp_path).start()


def test_a_server_that_refuses_its_settings_is_told_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(local_postgres.SETTINGS, "max_connections", "none")

    with pytest.raises(CannotStart, match=r"Starting PostgreSQL failed: .*max_connections.*postgres\.log"):
        LocalPostgres(tmp_path).start()


def test_missing_programs_are_told_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "find_postgres", lambda major=None: None)
    monkeypatch.setattr(binaries, "find_redis", lambda: None)

    with pytest.raises(CannotStart, match="PostgreSQL 15 or newer with PostGIS is not installed"):
        LocalPostgres(tmp_path).start()
    with pytest.raises(CannotStart, match="Redis 7 or newer is not installed"):
        LocalRedis(tmp_path).start()


def test_only_servers_without_an_address_of_their_own_are_needed(tmp_path: Path) -> None:
    def names(**env: str) -> list[str]:
        return [service.name for service in needed_services(tmp_path, env)]

    assert names() == ["postgres", "redis"]
    assert names(DATABASE_URL="postgresql://elsewhere/gas") == ["redis"]
    assert names(REDIS_URL="redis://elsewhere") == ["postgres"]
    assert names(DATABASE_URL="postgresql://elsewhere/gas", REDIS_URL="redis://elsewhere") == []


def test_addresses_are_published_for_the_owner_and_withdrawn(tmp_path: Path, started: list[Service]) -> None:
    bell = start(started, LocalRedis(tmp_path, durable=False))
    file = publish_addresses(tmp_path, [bell])

    assert json.loads(file.read_text()) == {"redis_url": bell.url}
    assert file.stat().st_mode & 0o777 == 0o600
    withdraw_addresses(tmp_path)
    withdraw_addresses(tmp_path)
    assert not file.exists()


def test_a_servers_environment_does_not_depend_on_ours(
    tmp_path: Path, started: list[Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LC_ALL": "zh_CN.GBK", "TZ": "Asia/Shanghai", "PGDATA": "/nowhere"}.items():
        monkeypatch.setenv(name, value)

    server = start(started, LocalPostgres(tmp_path, durable=False))
    assert ask(server, "SHOW lc_messages") == "C.UTF-8"
    assert ask(server, "SHOW timezone") == "UTC"
    assert os.environ["LC_ALL"] == "zh_CN.GBK"
