"""Sign in on devices: PINs of workers, failed tries, what a device says of itself; and events that wait for a manager's decision."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import grants, policy, wall

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gas.staff_pin (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  pin_hash TEXT NOT NULL,
  set_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  set_by TEXT NOT NULL,
  CONSTRAINT pk_staff_pin PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_staff_pin_tenant_id_id FOREIGN KEY (tenant_id, id) REFERENCES gas.staff (tenant_id, id)
)
;;
CREATE TABLE gas.pin_try (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  device_id UUID NOT NULL,
  staff_id UUID NOT NULL,
  failed_count INTEGER NOT NULL,
  locked_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_pin_try PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_pin_try_tenant_id_device_id FOREIGN KEY (tenant_id, device_id) REFERENCES gas.device (tenant_id, id),
  CONSTRAINT fk_pin_try_tenant_id_staff_id FOREIGN KEY (tenant_id, staff_id) REFERENCES gas.staff (tenant_id, id),
  CONSTRAINT uq_pin_try_tenant_id_device_id_staff_id UNIQUE (tenant_id, device_id, staff_id)
)
;;
ALTER TABLE gas.device ADD COLUMN app_version TEXT NOT NULL DEFAULT '', ADD COLUMN battery INTEGER,
  ADD COLUMN revoked_reason TEXT NOT NULL DEFAULT '', ADD CONSTRAINT ck_device_battery CHECK (battery BETWEEN 0 AND 100)
;;
CREATE INDEX ix_device_event_seq ON gas.device_event (tenant_id, device_id, seq)
"""


def upgrade() -> None:
    """Tables, columns, walls."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run(TABLES.split(";;"))
    run(walls())


def walls() -> Iterator[str]:
    """Who reaches what: a device compares a PIN and counts tries; a manager decides about what a revoked device sent."""
    yield from wall("staff_pin", tenant="S(tenant_id,id,set_at) I U", device="S")
    yield from wall("pin_try", tenant="S U", device="SIU")
    yield "GRANT SELECT (app_version, battery) ON gas.device TO gas_regulator, gas_inspector"
    yield "GRANT UPDATE (app_version, battery) ON gas.device TO gas_device"
    own = "tenant_id = (SELECT gas.current_tenant())"
    for table, letters in (("upload", "U(state,due_at,attempts)"), ("device_event", "U(state,code,message)")):
        yield from grants(table, "gas_tenant", letters)
        yield from policy(table, "gas_tenant", letters, own)


def downgrade() -> None:
    """What was decided can't be taken back; restore a backup instead."""
    raise RuntimeError("restore a backup instead")
