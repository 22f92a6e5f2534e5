"""Keep imports: the file, its rows and what became of them; and the only way in which a cylinder can be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import SHARDED, grants, own, policy, wall
from tenants.planes import Plane

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gas.import_run (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  mode TEXT NOT NULL,
  file_name TEXT NOT NULL,
  file_bytes INTEGER NOT NULL,
  file_hash TEXT NOT NULL,
  head JSONB NOT NULL,
  notices JSONB NOT NULL,
  problem JSONB NOT NULL,
  rows_total INTEGER NOT NULL,
  rows_done INTEGER NOT NULL,
  rows_good INTEGER NOT NULL,
  rows_warned INTEGER NOT NULL,
  rows_bad INTEGER NOT NULL,
  rows_written INTEGER NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  created_by TEXT NOT NULL,
  decided_by TEXT NOT NULL,
  role TEXT NOT NULL,
  phase_at TIMESTAMP WITH TIME ZONE,
  done_at TIMESTAMP WITH TIME ZONE,
  cancel_at TIMESTAMP WITH TIME ZONE,
  swept_at TIMESTAMP WITH TIME ZONE,
  attempts INTEGER NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_import_run PRIMARY KEY (tenant_id, id),
  CONSTRAINT ck_import_run_state CHECK (state IN ('queued', 'checked', 'approved', 'applied', 'undoing', 'undone', 'cancelled',
    'refused', 'failed')),
  CONSTRAINT ck_import_run_mode CHECK (mode IN ('all', 'good'))
)
;;
CREATE INDEX ix_import_run_created ON gas.import_run (tenant_id, created_at)
;;
CREATE INDEX ix_import_run_hash ON gas.import_run (tenant_id, file_hash)
;;
CREATE INDEX ix_import_run_due ON gas.import_run (due_at) WHERE state IN ('queued', 'approved', 'undoing')
;;
CREATE TABLE gas.import_file (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  content BYTEA NOT NULL,
  CONSTRAINT pk_import_file PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_import_file_tenant_id_id FOREIGN KEY (tenant_id, id) REFERENCES gas.import_run (tenant_id, id)
)
;;
ALTER TABLE gas.import_file ALTER COLUMN content SET STORAGE EXTERNAL
;;
CREATE TABLE gas.import_row (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  run_id UUID NOT NULL,
  row_no INTEGER NOT NULL,
  state TEXT NOT NULL,
  values JSONB,
  cells JSONB NOT NULL,
  problems JSONB NOT NULL,
  target_id UUID NOT NULL,
  CONSTRAINT pk_import_row PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_import_row_tenant_id_run_id FOREIGN KEY (tenant_id, run_id) REFERENCES gas.import_run (tenant_id, id),
  CONSTRAINT ck_import_row_state CHECK (state IN ('good', 'warned', 'bad', 'written')),
  CONSTRAINT ck_import_row_row_no CHECK (row_no > 0)
)
;;
CREATE UNIQUE INDEX uq_import_row_run ON gas.import_row (tenant_id, run_id, row_no)
;;
CREATE INDEX ix_import_row_target ON gas.import_row (tenant_id, target_id)
"""

# An import that is taken back leaves the issue record behind: the record outlives the cylinder, and says that the label came back.
ISSUES = """
ALTER TABLE gas.label_issue DROP CONSTRAINT fk_label_issue_tenant_id_cylinder_id
;;
ALTER TABLE gas.label_issue DROP CONSTRAINT ck_label_issue_action
;;
ALTER TABLE gas.label_issue ADD CONSTRAINT ck_label_issue_action
  CHECK (action IN ('issue', 'bind', 'replace', 'lose', 'void', 'dispute', 'release')) NOT VALID
;;
ALTER TABLE gas.label_issue VALIDATE CONSTRAINT ck_label_issue_action
"""


def walls() -> Iterator[str]:
    """People send, choose and read; workers read the file and write the rows; the relay plane sees that there is work."""
    yield from wall(
        "import_run",
        tenant="SI U(state,mode,decided_by,cancel_at,problem,attempts,due_at,phase_at,rows_done)",
        worker="SU",
        relay="S(tenant_id,id,state,attempts,due_at,created_at,swept_at) U(attempts,due_at,phase_at)",
    )
    yield from wall("import_file", tenant="I", worker="SD")
    yield from wall("import_row", tenant="S", worker="SIUD")
    yield from grants("cylinder", Plane.WORKER.role, "D")
    yield from policy("cylinder", Plane.WORKER.role, "D", f"{own()} AND {untouched()}")


def untouched() -> str:
    """A cylinder that an import brought and that nobody has filled, checked, moved or edited since."""
    fresh = (
        "row_version = 1 AND stage = 'new' AND filled_at IS NULL AND checked_at IS NULL AND seen_at IS NULL"
    )
    brought = (
        "EXISTS (SELECT 1 FROM gas.import_row r"
        " WHERE r.tenant_id = cylinder.tenant_id AND r.target_id = cylinder.id AND r.state = 'written')"
    )
    return fresh if SHARDED else f"{fresh} AND {brought}"


def upgrade() -> None:
    """The tables, their walls, and the issue record's new step."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run(TABLES.split(";;"))
    run(ISSUES.split(";;"))
    run(walls())


def downgrade() -> None:
    """The tables go; issue records keep the step «release», which older code shows as it is."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP POLICY gas_worker_delete ON gas.cylinder")
    op.execute("REVOKE DELETE ON gas.cylinder FROM gas_worker")
    for table in ("import_row", "import_file", "import_run"):
        op.execute(f"DROP TABLE gas.{table}")
