"""The walls as the catalogue knows them: no hole is found, every planted hole is, and every single policy is missed when it falls."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from tests.databases import Database
from tests.house import catalogue

PLANTED = {
    "a table without row-level security": (
        "CREATE TABLE gas.planted (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id))",
        "relation planted",
    ),
    "a table that its owner sees through": (
        "CREATE TABLE gas.planted (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id));"
        "ALTER TABLE gas.planted ENABLE ROW LEVEL SECURITY",
        "relation planted",
    ),
    "a forced table with a grant and no policy": (
        "CREATE TABLE gas.planted (tenant_id int NOT NULL, id int, PRIMARY KEY (tenant_id, id));"
        "ALTER TABLE gas.planted ENABLE ROW LEVEL SECURITY; ALTER TABLE gas.planted FORCE ROW LEVEL SECURITY;"
        "GRANT SELECT ON gas.planted TO gas_tenant",
        "verb planted",
    ),
    "a grant of one column without policy": ("GRANT UPDATE (note) ON gas.fill_check TO gas_tenant", "verb fill_check"),
    "a policy for the wrong verb": ("GRANT DELETE ON gas.staff TO gas_tenant", "verb staff"),
    "a table outside the schema": ("CREATE TABLE public.planted (id int)", "relation public.planted"),
    "a materialized view": ("CREATE MATERIALIZED VIEW gas.planted AS SELECT * FROM gas.tenant", "view planted"),
    "a readable materialized view": (
        "CREATE MATERIALIZED VIEW gas.planted AS SELECT * FROM gas.tenant; GRANT SELECT ON gas.planted TO gas_regulator",
        "view planted: gas_regulator",
    ),
    "a foreign table": (
        "CREATE FOREIGN DATA WRAPPER planted; CREATE SERVER planted FOREIGN DATA WRAPPER planted;"
        "CREATE FOREIGN TABLE gas.planted (id int) SERVER planted",
        "view planted",
    ),
    "a grant on a partition": ("GRANT SELECT ON gas.fill_default TO gas_tenant", "partition fill_default"),
    "a column of a partition": ("GRANT SELECT (id) ON gas.trace_event_default TO gas_device", "partition trace_event_default"),
    "a view that asks as its owner": (
        "CREATE VIEW gas.planted AS SELECT * FROM gas.tenant; GRANT SELECT ON gas.planted TO gas_tenant",
        "view planted",
    ),
    "a right to empty": ("GRANT TRUNCATE ON gas.staff TO gas_worker", "privilege staff"),
    "a right to reference": ("GRANT REFERENCES ON gas.staff TO gas_tenant", "privilege staff"),
    "a right to put triggers": ("GRANT TRIGGER ON gas.staff TO gas_tenant", "privilege staff"),
    "a right of everybody": ("GRANT SELECT ON gas.district TO PUBLIC", "privilege district: public"),
    "a right to create": ("GRANT CREATE ON SCHEMA gas TO gas_tenant", "privilege gas"),
    "a backup that writes": ("GRANT INSERT ON gas.staff TO gas_backup", "privilege staff: the backup"),
    "a foreign key without tenant": (
        "ALTER TABLE gas.staff ADD CONSTRAINT planted_u UNIQUE (id);"
        "ALTER TABLE gas.certificate ADD CONSTRAINT planted FOREIGN KEY (staff_id) REFERENCES gas.staff (id)",
        "key planted",
    ),
    "a unique key across enterprises": ("CREATE UNIQUE INDEX planted ON gas.label (code)", "unique gas.planted"),
    "a tenant table without tenant": (
        "CREATE TABLE gas.planted (id int PRIMARY KEY); ALTER TABLE gas.planted ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE gas.planted FORCE ROW LEVEL SECURITY",
        "unique planted: has no tenant_id",
    ),
    "a lax policy": ("CREATE POLICY planted ON gas.cylinder FOR SELECT TO gas_tenant USING (true)", "policy planted"),
    "an almost right policy": (
        "CREATE POLICY planted ON gas.cylinder FOR SELECT TO gas_tenant"
        " USING (tenant_id = (SELECT gas.current_tenant()) OR status = 'scrapped')",
        "policy planted",
    ),
    "a policy for everybody": (
        "CREATE POLICY planted ON gas.cylinder FOR SELECT USING (tenant_id = (SELECT gas.current_tenant()))",
        "policy planted",
    ),
    "another plane's policy": (
        "CREATE POLICY planted ON gas.cylinder FOR SELECT TO gas_relay USING (tenant_id = (SELECT gas.current_tenant()))",
        "policy planted",
    ),
    "a policy that checks less than it shows": (
        "CREATE POLICY planted ON gas.staff FOR UPDATE TO gas_tenant"
        " USING (tenant_id = (SELECT gas.current_tenant())) WITH CHECK (true)",
        "policy planted",
    ),
    "a function that runs as its owner": (
        "CREATE FUNCTION gas.planted() RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog"
        " AS 'SELECT count(*) FROM gas.tenant'",
        "definer planted",
    ),
    "a known function made over with a loose path": ("ALTER FUNCTION gas.visible_tenants() RESET search_path", "definer visible_tenants"),
    "a function that everybody may call": ("GRANT EXECUTE ON FUNCTION gas.device_by_token(text) TO PUBLIC", "caller device_by_token"),
    "a function in the wrong hands": ("GRANT EXECUTE ON FUNCTION gas.auth_account() TO gas_public", "caller auth_account"),
    "a login of two planes": ("GRANT gas_platform TO gas_public_login", "member gas_public_login"),
    "a login that inherits": ("ALTER ROLE gas_tenant_login INHERIT", "login gas_tenant_login"),
    "a login past the walls": ("ALTER ROLE gas_device_login BYPASSRLS", "login gas_device_login"),
    "a role that logs in": ("ALTER ROLE gas_owner LOGIN", "login gas_owner"),
    "a role that owns a table": ("ALTER TABLE gas.staff OWNER TO gas_platform", "login gas_platform: owns"),
    "a right on whatever comes next": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE gas_owner IN SCHEMA gas GRANT SELECT ON TABLES TO gas_tenant",
        "default r: gas_tenant",
    ),
    "functions open to all again": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE gas_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
        "default f",
    ),
}  # fmt: skip


def test_the_catalogue_knows_no_hole(cast_database: Database) -> None:
    with cast_database.stage() as connection:
        assert "\n".join(catalogue.findings(connection)) == ""


@pytest.mark.parametrize("hole", PLANTED)
def test_a_planted_hole_is_found(cast_database: Database, hole: str) -> None:
    plant, named = PLANTED[hole]
    with cast_database.stage() as connection:
        connection.exec_driver_sql(plant)
        assert [found for found in catalogue.findings(connection) if named in found], (
            f"{named!r} was not found"
        )


def every_policy(connection: Connection) -> list[tuple[str, str, list[str], str]]:
    found = connection.execute(
        text("SELECT tablename, policyname, CAST(roles AS text[]), cmd FROM pg_policies ORDER BY 1, 2")
    )
    return [tuple(row) for row in found]  # type: ignore[misc]


def test_the_audit_misses_every_policy_that_falls(cast_database: Database) -> None:
    """Each policy in turn is dropped, and each in turn is opened wide: something must be said every time."""
    unnoticed = []
    with cast_database.stage() as connection:
        policies = every_policy(connection)
        for table, name, roles, verb in policies:
            opened = f"FOR {verb} TO {roles[0]}" + (" USING (1 = 1)" if verb != "INSERT" else "")
            opened += " WITH CHECK (1 = 1)" if verb in ("INSERT", "UPDATE") else ""
            for deed in (
                f"DROP POLICY {name} ON gas.{table}",
                f"CREATE POLICY planted ON gas.{table} {opened}",
            ):
                with connection.begin_nested() as savepoint:
                    connection.exec_driver_sql(deed)
                    if not catalogue.policy_findings(connection):
                        unnoticed.append(deed)
                    savepoint.rollback()
    assert len(policies) > 150
    assert unnoticed == []
