"""The models, the migrations and the database tell the same story."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, text

from tenants import database
from tenants.models import Base
from tests.databases import Database


def _ours(thing: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    """Partitions and what PostGIS keeps for itself are nobody's model."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    return table != "alembic_version" and not re.search(r"_(default|\d{6})$", str(table))


def differences(connection: Connection) -> list[object]:
    connection.execute(text("SET LOCAL search_path = public"))
    options = {
        "include_schemas": True,
        "include_name": lambda name, kind, _: kind != "schema" or name == "gas",
        "include_object": _ours,
        "compare_type": True,
        "compare_server_default": True,
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, Base.metadata))


def test_models_are_what_the_database_has(cast_database: Database) -> None:
    with cast_database.stage() as connection:
        assert differences(connection) == []


@pytest.mark.parametrize(
    "deed",
    [
        "ALTER TABLE gas.staff ADD COLUMN planted int",
        "ALTER TABLE gas.staff ALTER COLUMN left_on TYPE text",
        "ALTER TABLE gas.staff ALTER COLUMN phone DROP NOT NULL",
        "DROP INDEX gas.ix_fill_cylinder",
        "ALTER TABLE gas.cylinder DROP CONSTRAINT uq_cylinder_tenant_id_serial_no_maker",
        "ALTER TABLE gas.certificate DROP CONSTRAINT fk_certificate_tenant_id_staff_id",
        "CREATE TABLE gas.planted (id int)",
    ],
)
def test_a_planted_difference_is_found(cast_database: Database, deed: str) -> None:
    with cast_database.stage() as connection:
        connection.execute(text(deed))
        assert differences(connection)


def test_checks_are_what_the_models_say(cast_database: Database) -> None:
    """Alembic doesn't compare CHECK constraints; their names and the values they list are compared here."""
    with cast_database.stage() as connection:
        held = {
            (table, name): set(re.findall(r"'([^']*)'::(?:text|character varying)", condition))
            for table, name, condition in connection.execute(
                text(
                    "SELECT r.relname, c.conname, pg_get_constraintdef(c.oid) FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid"
                    " WHERE c.contype = 'c' AND c.connamespace = 'gas'::regnamespace AND NOT r.relispartition"
                )
            )
        }
    said = {
        (table.name, str(check.name)): check
        for table in Base.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert set(held) == set(said)
    for key, check in said.items():
        condition = str(check.sqltext)
        if " IN (" in condition and "CASE" not in condition and " OR " not in condition:
            assert held[key] == set(re.findall(r"'([^']*)'", condition)), key


def test_there_is_one_head() -> None:
    script = ScriptDirectory.from_config(database.alembic_config())
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_a_migration_is_called_after_what_it_does() -> None:
    script = ScriptDirectory.from_config(database.alembic_config())
    folder = Path(database.MIGRATIONS) / "versions"
    files = sorted(path.name for path in folder.glob("*.py") if path.name != "__init__.py")
    assert [re.fullmatch(r"(\d{4})_[a-z]+(_[a-z]+)+\.py", name) is not None for name in files] == [
        True
    ] * len(files), files
    revisions = [revision.revision for revision in reversed(list(script.walk_revisions()))]
    assert revisions == [name[:4] for name in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]


def test_preparing_twice_changes_nothing(own_database: Database) -> None:
    def everything() -> list[tuple[object, ...]]:
        with own_database.stage() as connection:
            query = (
                "SELECT 'policy', policyname, tablename::text, qual FROM pg_policies"
                " UNION ALL SELECT 'relation', relname, relacl::text, relowner::regrole::text FROM pg_class"
                " WHERE relnamespace = 'gas'::regnamespace"
                " UNION ALL SELECT 'function', proname, proacl::text, prosrc FROM pg_proc WHERE pronamespace = 'gas'::regnamespace"
                " UNION ALL SELECT 'role', rolname, rolsuper::text || rolinherit || rolcanlogin || rolbypassrls, '' FROM pg_roles"
                " ORDER BY 1, 2, 3"
            )
            return [tuple(row) for row in connection.execute(text(query))]

    before = everything()
    database.prepare(own_database.url, own_database.settings)
    assert everything() == before
    assert before
