"""The restore drill: what is backed up comes back whole, walls and chain included, or not at all."""

from __future__ import annotations

import gc
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from tenants import audit, backup, scope
from tenants.errors import Conflict, Invalid
from tests import databases
from tests.cast import A
from tests.databases import Database

COUNTED = (
    "cylinder",
    "label",
    "fill",
    "violation",
    "trace_event",
    "audit",
    "account",
    "medium",
    "outbox",
    "alembic_version",
)


@pytest.fixture
def empty(own_database: Database) -> Iterator[Database]:
    made = databases.create(own_database.settings)
    yield made
    databases.drop(made)


@pytest.fixture
def file(own_database: Database, tmp_path: Path) -> Path:
    path = tmp_path / "portal.backup"
    backup.back_up(own_database.settings, path)
    return path


def counts(connection: Connection) -> dict[str, int]:
    return {
        name: connection.execute(text(f"SELECT count(*) FROM gas.{name}")).scalar_one() for name in COUNTED
    }


def walls(connection: Connection) -> list[tuple[object, ...]]:
    """Every policy, every forced table and every grant."""
    policies = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies WHERE schemaname = 'gas'"
    forced = """SELECT relname, relrowsecurity, relforcerowsecurity, relowner::regrole::text, relacl::text
                FROM pg_class WHERE relnamespace = 'gas'::regnamespace AND relkind IN ('r', 'p')"""
    functions = """SELECT proname, proowner::regrole::text, prosecdef, proacl::text FROM pg_proc
                   WHERE pronamespace = 'gas'::regnamespace"""
    return sorted(
        tuple(str(value) for value in row)
        for sql in (policies, forced, functions)
        for row in connection.execute(text(sql))
    )


def test_a_backup_is_for_its_owners_eyes_and_never_overwrites(own_database: Database, file: Path) -> None:
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with pytest.raises(Conflict, match="never overwrites"):
        backup.back_up(own_database.settings, file)


def test_a_folder_that_is_not_there_is_said(own_database: Database, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="can't be written"):
        backup.back_up(own_database.settings, tmp_path / "nowhere" / "file")


def test_everything_comes_back_into_an_empty_database(
    own_database: Database, empty: Database, file: Path
) -> None:
    backup.restore(empty.settings, file)
    with own_database.stage() as before, empty.stage() as after:
        assert counts(after) == counts(before)
        assert walls(after) == walls(before)
    scope.configure(empty.settings)
    with scope.platform_scope() as session:
        chains = audit.verify(session)
    assert chains
    assert not any(chain.broken_at for chain in chains)
    with scope.tenant_scope(A.tenant_id) as session:
        seen = session.execute(text("SELECT DISTINCT tenant_id FROM gas.cylinder")).scalars()
        assert list(seen) == [A.tenant_id]


def test_no_copy_in_redis_looks_newer_than_what_came_back(
    own_database: Database, empty: Database, file: Path
) -> None:
    backup.restore(empty.settings, file)
    with own_database.stage() as before, empty.stage() as after:
        epochs = [
            each.execute(text("SELECT epoch FROM gas.cache_epoch")).scalar_one() for each in (before, after)
        ]
    assert epochs[1] > epochs[0] + 1_000_000


def test_a_database_with_data_is_left_alone_unless_told(own_database: Database, file: Path) -> None:
    with pytest.raises(Conflict, match="say --replace"):
        backup.restore(own_database.settings, file)
    with own_database.as_admin() as connection:
        connection.execute(text("UPDATE gas.tenant SET name = 'changed since'"))
    backup.restore(own_database.settings, file, replace=True)
    with own_database.stage() as connection:
        assert "changed since" not in connection.execute(text("SELECT name FROM gas.tenant")).scalars().all()
        assert connection.execute(text("SELECT to_regnamespace('gas_before_restore')")).scalar_one() is None


def test_a_restore_that_fails_leaves_what_was_there(own_database: Database, file: Path) -> None:
    with own_database.stage() as connection:
        before = counts(connection), walls(connection)
    torn = file.with_name("torn.backup")
    torn.write_bytes(file.read_bytes()[: int(file.stat().st_size * 0.6)])
    with pytest.raises((Invalid, backup.Unavailable)):
        backup.restore(own_database.settings, torn, replace=True)
    with own_database.stage() as connection:
        assert (counts(connection), walls(connection)) == before


def test_what_is_no_backup_is_refused(own_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_text("dear all")
    with pytest.raises(Invalid, match="not a backup that can be read"):
        backup.restore(own_database.settings, path)
    with pytest.raises(Invalid, match="There is no file"):
        backup.restore(own_database.settings, tmp_path / "nothing")


def test_a_running_portal_stops_a_restore(own_walls: Database, file: Path) -> None:
    with scope.platform_scope() as session:
        session.execute(text("SELECT 1"))
        with pytest.raises(Conflict, match="The portal is running"):
            backup.restore(own_walls.settings, file, replace=True)
    scope.dispose()
    gc.collect()
