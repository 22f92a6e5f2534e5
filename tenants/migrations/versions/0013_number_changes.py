"""Number changes: each cylinder and label says which transaction touched it last, so that a device can be sent what changed since."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The number of the writing transaction. Whoever asks for everything from the oldest transaction still running (pg_snapshot_xmin) on
# misses nothing, in whatever order transactions commit.
MARK = """
CREATE FUNCTION gas.mark_change() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN NEW.changed := pg_current_xact_id()::text::bigint; RETURN NEW; END $$
"""
TABLES = ("cylinder", "label")


def upgrade() -> None:
    """A column and a trigger each; rows that are there count as unchanged for ever."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run((MARK,))
    for table in TABLES:
        op.execute(f"ALTER TABLE gas.{table} ADD COLUMN changed BIGINT NOT NULL DEFAULT 0")
        op.execute(
            f"CREATE TRIGGER {table}_mark_change BEFORE INSERT OR UPDATE ON gas.{table}"
            " FOR EACH ROW EXECUTE FUNCTION gas.mark_change()"
        )


def downgrade() -> None:
    """Take both away."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER {table}_mark_change ON gas.{table}")
        op.execute(f"ALTER TABLE gas.{table} DROP COLUMN changed")
    op.execute("DROP FUNCTION gas.mark_change()")
