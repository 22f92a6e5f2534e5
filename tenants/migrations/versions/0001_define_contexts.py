"""Define who may see the schema and the functions that read a transaction's context; a missing context is an error, never an empty page."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run
from tenants.planes import LOOKUP, Plane

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CURRENT_TENANT = """
CREATE FUNCTION gas.current_tenant() RETURNS int LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE v text := current_setting('app.tenant', true);
BEGIN
  IF coalesce(v, '') = '' THEN RAISE EXCEPTION 'no tenant context' USING ERRCODE = '42501'; END IF;
  RETURN v::int;
END $$
"""

# An unset setting reads as '' after its first use in a connection, and '' is a prefix of everything: so the shape is checked.
VISIBLE_TENANTS = """
CREATE FUNCTION gas.visible_tenants() RETURNS int[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE d text := gas.current_jurisdiction(); r int[];
BEGIN
  SELECT coalesce(array_agg(id), '{}') INTO r FROM gas.tenant WHERE district >= d AND district < d || ':';
  RETURN r;
END $$
"""

CURRENT_JURISDICTION = """
CREATE FUNCTION gas.current_jurisdiction() RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE d text := current_setting('app.district', true);
BEGIN
  IF d IS NULL OR d !~ '^[0-9]{2}([0-9]{2}){0,2}$' THEN
    RAISE EXCEPTION 'no jurisdiction context' USING ERRCODE = '42501';
  END IF;
  RETURN d;
END $$
"""

REFUSE_CHANGE = """
CREATE FUNCTION gas.refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'history in % is never changed; add a correction that points at it', TG_TABLE_NAME USING ERRCODE = '42501';
END $$
"""


def upgrade() -> None:
    """Schema usage, the three context functions, and the trigger function of append-only tables."""
    roles = ", ".join((LOOKUP, *(plane.role for plane in Plane), "gas_backup"))
    op.execute(f"GRANT USAGE ON SCHEMA gas TO {roles}")
    run((CURRENT_TENANT, CURRENT_JURISDICTION, VISIBLE_TENANTS, REFUSE_CHANGE))
    # Without «IN SCHEMA»: a schema's default privileges can only add to the general ones, so they can't take EXECUTE from PUBLIC.
    op.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA gas FROM PUBLIC")
    for things in ("TABLES", "SEQUENCES"):  # and Alembic's own table, which is there already
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA gas GRANT SELECT ON {things} TO gas_backup")
        op.execute(f"GRANT SELECT ON ALL {things} IN SCHEMA gas TO gas_backup")
    own = ", ".join(plane.role for plane in (Plane.TENANT, Plane.DEVICE, Plane.WORKER))
    district = ", ".join(plane.role for plane in (Plane.REGULATOR, Plane.INSPECTOR))
    op.execute(f"GRANT EXECUTE ON FUNCTION gas.current_tenant() TO {own}")
    op.execute(f"GRANT EXECUTE ON FUNCTION gas.visible_tenants(), gas.current_jurisdiction() TO {district}")


def downgrade() -> None:
    """Take the functions away again."""
    for name in ("refuse_change()", "visible_tenants()", "current_jurisdiction()", "current_tenant()"):
        op.execute(f"DROP FUNCTION gas.{name}")
