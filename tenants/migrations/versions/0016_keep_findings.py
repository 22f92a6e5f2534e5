"""Keep findings: what inspectors found and decided, and on the cylinder since when one of them forbids filling.

The people and devices of an enterprise can't write either: the mark is refused to their planes by a trigger.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

from tenants.migrations.sql import run
from tenants.migrations.walls import append_only, grants, in_district, policy, wall
from tenants.planes import LOOKUP, OWNER

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE gas.finding (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  cylinder_id UUID NOT NULL,
  label_code CHAR(17) COLLATE "C" NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  authority_id INTEGER,
  jurisdiction TEXT NOT NULL,
  inspector TEXT NOT NULL,
  hazard INTEGER NOT NULL,
  disposition TEXT NOT NULL,
  words TEXT DEFAULT '' NOT NULL,
  client_ref UUID NOT NULL,
  CONSTRAINT pk_finding PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_finding_tenant_id_cylinder_id FOREIGN KEY (tenant_id, cylinder_id) REFERENCES gas.cylinder (tenant_id, id),
  CONSTRAINT uq_finding_tenant_id_client_ref UNIQUE (tenant_id, client_ref),
  CONSTRAINT ck_finding_disposition CHECK (disposition IN ('noted', 'rectify', 'stop', 'lifted')),
  CONSTRAINT ck_finding_hazard CHECK (hazard BETWEEN 1 AND 99),
  CONSTRAINT ck_finding_words CHECK (length(words) <= 500),
  CONSTRAINT ck_finding_jurisdiction CHECK (jurisdiction ~ '^[0-9]{2}([0-9]{2}){0,2}$')
)
"""
GUARD = """
CREATE FUNCTION gas.guard_stop() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF current_user IN ('gas_tenant', 'gas_device', 'gas_worker') AND
     (TG_OP = 'INSERT' AND NEW.stopped_at IS NOT NULL OR TG_OP = 'UPDATE' AND NEW.stopped_at IS DISTINCT FROM OLD.stopped_at) THEN
    RAISE insufficient_privilege USING MESSAGE = 'only an inspector stops a cylinder or lets it go';
  END IF;
  RETURN NEW;
END $$
"""
DOOR = "public_cylinder"
TOLD, AND_STOPPED = "'status', c.status,", "'stopped', c.stopped_at IS NOT NULL, 'status', c.status,"
MINE = in_district()


def upgrade() -> None:
    """The table, its wall, the mark, its guard, and what the citizen's page is told."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run((TABLE, "CREATE INDEX ix_finding_cylinder ON gas.finding (tenant_id, cylinder_id, at)"))
    run(("CREATE INDEX ix_finding_at ON gas.finding (tenant_id, at)",))
    run(wall("finding", tenant="S", worker="S", regulator="S", inspector="SI"))
    run(append_only("finding"))
    op.execute("ALTER TABLE gas.cylinder ADD COLUMN stopped_at TIMESTAMP WITH TIME ZONE")
    run((GUARD, "REVOKE EXECUTE ON FUNCTION gas.guard_stop() FROM PUBLIC"))
    op.execute(
        "CREATE TRIGGER cylinder_guard_stop BEFORE INSERT OR UPDATE OF stopped_at ON gas.cylinder"
        " FOR EACH ROW EXECUTE FUNCTION gas.guard_stop()"
    )
    marks = "U(stopped_at,seen_at,facts_version,updated_at)"
    run((*grants("cylinder", "gas_inspector", marks), *policy("cylinder", "gas_inspector", "U", MINE)))
    for table in ("trace_event", "outbox"):
        run((*grants(table, "gas_inspector", "I"), *policy(table, "gas_inspector", "I", MINE)))
    _tell(TOLD, AND_STOPPED)


def downgrade() -> None:
    """Without findings nothing is stopped."""
    _tell(AND_STOPPED, TOLD)
    for table in ("trace_event", "outbox"):
        op.execute(f"DROP POLICY gas_inspector_insert ON gas.{table}")
        op.execute(f"REVOKE INSERT ON gas.{table} FROM gas_inspector")
    op.execute("DROP POLICY gas_inspector_update ON gas.cylinder")
    op.execute("REVOKE UPDATE (seen_at,facts_version,updated_at) ON gas.cylinder FROM gas_inspector")
    op.execute("DROP TRIGGER cylinder_guard_stop ON gas.cylinder")
    op.execute("DROP FUNCTION gas.guard_stop()")
    op.execute("ALTER TABLE gas.cylinder DROP COLUMN stopped_at")
    op.execute("DROP TABLE gas.finding")


def _tell(old: str, new: str) -> None:
    """The citizen's function with one passage changed; its owner and its grants stay."""
    asked = "SELECT prosrc, pg_get_function_arguments(oid) FROM pg_proc WHERE oid = to_regprocedure(:door)"
    body, arguments = op.get_bind().execute(text(asked), {"door": f"gas.{DOOR}(char)"}).one()
    if body.count(old) != 1:
        raise RuntimeError("the citizen's function isn't the one that was expected")
    run(
        (
            f"GRANT CREATE ON SCHEMA gas TO {LOOKUP}",
            f"SET LOCAL ROLE {LOOKUP}",
            f"CREATE OR REPLACE FUNCTION gas.{DOOR}({arguments}) RETURNS jsonb LANGUAGE plpgsql STABLE"
            f" SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ {body.replace(old, new)} $$",
            f"SET LOCAL ROLE {OWNER}",
            f"REVOKE CREATE ON SCHEMA gas FROM {LOOKUP}",
        )
    )
