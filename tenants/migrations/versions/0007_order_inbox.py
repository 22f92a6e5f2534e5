"""Order the inbox: an index by which each enterprise's oldest waiting upload is found at once, and what monitoring may know of it."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import reader

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Sums over all enterprises and nothing else: monitoring learns how much work is done, not whose.
FIGURES = """
CREATE FUNCTION gas.event_figures() RETURNS TABLE (state text, events bigint) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT key, sum(value)::bigint FROM gas.daily_total WHERE metric = 'events' GROUP BY key
$$
"""


def upgrade() -> None:
    """The index, the function, and who may call it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("CREATE INDEX ix_upload_waiting ON gas.upload (tenant_id, received_at) WHERE state <> 'done'")
    run((FIGURES, *reader("daily_total")))
    op.execute("GRANT EXECUTE ON FUNCTION gas.event_figures() TO gas_relay")


def downgrade() -> None:
    """Take both away again."""
    op.execute("DROP FUNCTION gas.event_figures()")
    op.execute("DROP POLICY gas_owner_reads ON gas.daily_total")
    op.execute("DROP INDEX gas.ix_upload_waiting")
