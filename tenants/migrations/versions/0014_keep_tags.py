"""Keep tags: what was signed for each chip, so that a torn tag can be restored and one that was set back is found out."""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import wall

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE gas.tag (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  uid TEXT NOT NULL,
  label_id UUID NOT NULL,
  profile TEXT NOT NULL,
  base_seq INTEGER NOT NULL,
  kid INTEGER NOT NULL,
  says TEXT NOT NULL,
  image BYTEA NOT NULL,
  signed_at TIMESTAMP WITH TIME ZONE NOT NULL,
  seen_base_seq INTEGER NOT NULL,
  seen_fill_seq INTEGER NOT NULL,
  seen_finding_seq INTEGER NOT NULL,
  seen_digest TEXT NOT NULL,
  seen_counter INTEGER,
  seen_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_tag PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_tag_tenant_id_label_id FOREIGN KEY (tenant_id, label_id) REFERENCES gas.label (tenant_id, id),
  CONSTRAINT uq_tag_tenant_id_uid UNIQUE (tenant_id, uid),
  CONSTRAINT ck_tag_uid CHECK (uid ~ '^([0-9A-F]{2}){4,16}$'),
  CONSTRAINT ck_tag_image CHECK (length(image) <= 2048),
  CONSTRAINT ck_tag_base_seq CHECK (base_seq BETWEEN 1 AND 65535)
)
"""


def upgrade() -> None:
    """The table and its wall."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run((TABLE, "CREATE INDEX ix_tag_label ON gas.tag (tenant_id, label_id)"))
    run(wall("tag", tenant="S", worker="S", device="SIU", regulator="S", inspector="S"))


def downgrade() -> None:
    """Without the images a torn tag is signed anew."""
    op.execute("DROP TABLE gas.tag")
