"""Make labels: the making of a run's artwork and its files, what was spoilt, and the key that signs the address on a label."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import reader, wall

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gas.label_making (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  run_id UUID NOT NULL,
  part SMALLINT NOT NULL,
  first_serial INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  state TEXT NOT NULL,
  name TEXT NOT NULL,
  kid INTEGER,
  labels_made INTEGER NOT NULL,
  file_bytes INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  created_by TEXT NOT NULL,
  phase_at TIMESTAMP WITH TIME ZONE,
  done_at TIMESTAMP WITH TIME ZONE,
  cancel_at TIMESTAMP WITH TIME ZONE,
  fetched INTEGER NOT NULL,
  fetched_at TIMESTAMP WITH TIME ZONE,
  swept_at TIMESTAMP WITH TIME ZONE,
  attempts INTEGER NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_label_making PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_label_making_tenant_id_run_id FOREIGN KEY (tenant_id, run_id) REFERENCES gas.label_run (tenant_id, id),
  CONSTRAINT ck_label_making_state CHECK (state IN ('queued', 'done', 'cancelled', 'failed')),
  CONSTRAINT ck_label_making_part CHECK (part BETWEEN 1 AND 10),
  CONSTRAINT ck_label_making_quantity CHECK (quantity BETWEEN 1 AND 10000)
)
;;
CREATE INDEX ix_label_making_run ON gas.label_making (tenant_id, run_id)
;;
CREATE UNIQUE INDEX uq_label_making_part ON gas.label_making (tenant_id, run_id, part) WHERE state IN ('queued', 'done')
;;
CREATE INDEX ix_label_making_due ON gas.label_making (due_at) WHERE state = 'queued'
;;
CREATE TABLE gas.label_file (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  making_id UUID NOT NULL,
  piece INTEGER NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_label_file PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_label_file_tenant_id_making_id FOREIGN KEY (tenant_id, making_id) REFERENCES gas.label_making (tenant_id, id)
)
;;
CREATE UNIQUE INDEX uq_label_file_piece ON gas.label_file (tenant_id, making_id, piece)
;;
CREATE INDEX ix_label_run ON gas.label (tenant_id, run_id)
;;
ALTER TABLE gas.label_issue DROP CONSTRAINT ck_label_issue_action
;;
ALTER TABLE gas.label_issue ADD CONSTRAINT ck_label_issue_action
  CHECK (action IN ('issue', 'bind', 'replace', 'lose', 'void', 'dispute', 'release', 'spoil')) NOT VALID
;;
ALTER TABLE gas.label_issue VALIDATE CONSTRAINT ck_label_issue_action
;;
ALTER TABLE gas.platform_key DROP CONSTRAINT ck_platform_key_purpose
;;
ALTER TABLE gas.platform_key ADD CONSTRAINT ck_platform_key_purpose CHECK (purpose IN ('ring', 'tag', 'snapshot', 'label'))
"""

# The citizen's plane checks signatures: it is given the keys that are believed, sealed as they lie in the table.
KEYS = """
CREATE FUNCTION gas.label_keys() RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN (
  SELECT coalesce(jsonb_agg(jsonb_build_object('kid', kid, 'sealed', encode(sealed, 'hex')) ORDER BY kid DESC), '[]')
  FROM gas.platform_key WHERE purpose = 'label' AND revoked_at IS NULL AND (not_after IS NULL OR not_after > now())
); END $$
"""


def walls() -> Iterator[str]:
    """People ask for files and fetch them; workers make and forget them; the relay plane sees that there is work."""
    yield from wall(
        "label_making",
        tenant="SI U(state,cancel_at,fetched,fetched_at)",
        worker="SU",
        relay="S(tenant_id,id,state,attempts,due_at,created_at,swept_at) U(attempts,due_at,phase_at)",
    )
    yield from wall("label_file", tenant="S", worker="SID")
    yield from reader("platform_key")
    yield "REVOKE EXECUTE ON FUNCTION gas.label_keys() FROM PUBLIC"
    yield "GRANT EXECUTE ON FUNCTION gas.label_keys() TO gas_public"


def upgrade() -> None:
    """The tables, their walls, the issue record's new step and the new purpose."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run(TABLES.split(";;"))
    run((KEYS,))
    run(walls())


def downgrade() -> None:
    """Labels that bear a signature can't be taken back; restore a backup instead."""
    raise RuntimeError("labels that bear a signature can't be taken back; restore a backup instead")
