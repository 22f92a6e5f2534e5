"""Keep fills and trace events in monthly partitions that make themselves, with a default for clocks that are far off."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Partitions get no grants but the backup's: everybody else reaches them through their parent, whose policies apply.
KEEP = """
CREATE FUNCTION gas.keep_partitions(back int, ahead int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE parent text; m date; made int := 0; part text; first date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
BEGIN
  IF back NOT BETWEEN 0 AND 240 OR ahead NOT BETWEEN 0 AND 60 THEN RAISE EXCEPTION 'months out of range'; END IF;
  PERFORM pg_advisory_xact_lock(1734439792);
  FOREACH parent IN ARRAY ARRAY['fill', 'trace_event'] LOOP
    FOR i IN -back .. ahead LOOP
      m := (first + make_interval(months => i))::date;
      part := parent || '_' || to_char(m, 'YYYYMM');
      IF to_regclass('gas.' || part) IS NULL THEN
        EXECUTE 'CREATE TABLE gas.' || quote_ident(part) || ' PARTITION OF gas.' || quote_ident(parent)
          || ' FOR VALUES FROM (' || quote_literal(m || ' 00:00:00+00') || ') TO ('
          || quote_literal((m + interval '1 month')::date || ' 00:00:00+00') || ')';
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$
"""


def upgrade() -> None:
    """The default partitions, the function, and the months around now."""
    for parent in ("fill", "trace_event"):
        op.execute(f"CREATE TABLE gas.{parent}_default PARTITION OF gas.{parent} DEFAULT")
    run((KEEP,))
    op.execute("REVOKE EXECUTE ON FUNCTION gas.keep_partitions(int, int) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION gas.keep_partitions(int, int) TO gas_relay, gas_platform")
    op.execute("SELECT gas.keep_partitions(14, 3)")


def downgrade() -> None:
    """Drop the function; partitions stay, they hold history."""
    op.execute("DROP FUNCTION gas.keep_partitions(int, int)")
