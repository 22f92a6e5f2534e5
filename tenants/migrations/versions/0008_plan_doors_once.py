"""Plan the doors once a connection: the citizen's and the device's function keep their text, in a language whose plans are kept.

A function in plain SQL is planned anew at every call, and the last fill is looked for in every month's partition: planning took longer
than answering.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from tenants.migrations.sql import run
from tenants.planes import LOOKUP, OWNER

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DOORS = {"public_cylinder(char)": LOOKUP, "device_by_token(text)": OWNER}


def upgrade() -> None:
    """The same bodies as PL/pgSQL; owners and grants stay."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for door in DOORS:
        _replace(door, "plpgsql", "BEGIN RETURN (", "); END")


def downgrade() -> None:
    """Back to plain SQL."""
    for door in DOORS:
        _replace(door, "sql", "", "", strip=("BEGIN RETURN (", "); END"))


def _replace(door: str, language: str, before: str, after: str, strip: tuple[str, str] = ("", "")) -> None:
    asked = "SELECT prosrc, pg_get_function_arguments(oid) FROM pg_proc WHERE oid = to_regprocedure(:door)"
    body, arguments = op.get_bind().execute(text(asked), {"door": f"gas.{door}"}).one()
    body = body.strip().removeprefix(strip[0]).removesuffix(strip[1])
    owner = DOORS[door]
    run(
        (
            f"GRANT CREATE ON SCHEMA gas TO {LOOKUP}",
            f"SET LOCAL ROLE {owner}",
            f"CREATE OR REPLACE FUNCTION gas.{door.partition('(')[0]}({arguments}) RETURNS jsonb LANGUAGE {language} STABLE"
            f" SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ {before}{body}{after} $$",
            f"SET LOCAL ROLE {OWNER}",
            f"REVOKE CREATE ON SCHEMA gas FROM {LOOKUP}",
        )
    )
