"""Keep keys: the platform's own with sealed private halves, the public ones of devices, and one-time tokens to enrol by."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import SHARED, grants, policy, reader, wall
from tenants.planes import Plane

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gas.platform_key (
  kid INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  public_key BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  signs_from TIMESTAMP WITH TIME ZONE NOT NULL,
  not_after TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  revoked_reason TEXT NOT NULL,
  CONSTRAINT pk_platform_key PRIMARY KEY (kid),
  CONSTRAINT ck_platform_key_purpose CHECK (purpose IN ('ring', 'tag', 'snapshot')),
  CONSTRAINT ck_platform_key_kid CHECK (kid BETWEEN 32768 AND 33791),
  CONSTRAINT ck_platform_key_public_key CHECK (length(public_key) = 32)
)
;;
CREATE TABLE gas.device_key (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  device_id UUID NOT NULL,
  kid INTEGER NOT NULL,
  public_key BYTEA NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk_device_key PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_device_key_tenant_id_device_id FOREIGN KEY (tenant_id, device_id) REFERENCES gas.device (tenant_id, id),
  CONSTRAINT uq_device_key_tenant_id_kid UNIQUE (tenant_id, kid),
  CONSTRAINT uq_device_key_tenant_id_public_key UNIQUE (tenant_id, public_key),
  CONSTRAINT ck_device_key_kid CHECK (kid BETWEEN 1 AND 32767),
  CONSTRAINT ck_device_key_public_key CHECK (length(public_key) = 32)
)
;;
CREATE INDEX ix_device_key_id ON gas.device_key (id)
;;
CREATE INDEX ix_device_key_device ON gas.device_key (tenant_id, device_id)
;;
CREATE TABLE gas.enrolment (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  token_hash TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  created_by TEXT NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  device_id UUID,
  CONSTRAINT pk_enrolment PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_enrolment_tenant_id_device_id FOREIGN KEY (tenant_id, device_id) REFERENCES gas.device (tenant_id, id)
)
;;
CREATE INDEX ix_enrolment_token ON gas.enrolment (token_hash)
;;
ALTER TABLE gas.device ADD COLUMN model TEXT NOT NULL DEFAULT ''
"""

# Known by the key it signs with: the same look as by a token. A revoked device is found too, so that it can be told so.
BY_KEY = """
CREATE FUNCTION gas.device_by_key(wanted uuid) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN (
  SELECT jsonb_build_object(
    'device_id', d.id, 'tenant_id', d.tenant_id, 'role', d.role, 'name', d.name, 'last_seen_at', d.last_seen_at,
    'public_key', encode(k.public_key, 'hex'), 'revoked_at', d.revoked_at,
    'epoch', (SELECT epoch FROM gas.cache_epoch),
    'waiting', (SELECT CASE WHEN count(*) > 200 THEN '["all"]' ELSE coalesce(jsonb_agg(coalesce(w.subject_id::text, 'all')), '[]') END
        FROM (SELECT subject_id FROM gas.outbox WHERE tenant_id = d.tenant_id AND relayed_at IS NULL
              AND kind NOT IN ('upload_received', 'fill_refused') LIMIT 201) w))
  FROM gas.device_key k JOIN gas.device d ON d.tenant_id = k.tenant_id AND d.id = k.device_id
  WHERE k.id = wanted
); END $$
"""

BY_ENROLMENT = """
CREATE FUNCTION gas.tenant_by_enrolment(wanted text) RETURNS int LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN (SELECT tenant_id FROM gas.enrolment WHERE token_hash = wanted); END $$
"""


def upgrade() -> None:
    """Tables, walls and the two doors."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run(TABLES.split(";;"))
    run((BY_KEY, BY_ENROLMENT))
    run(walls())


def walls() -> Iterator[str]:
    """Who reaches what."""
    readers = dict.fromkeys(("tenant", "device", "worker", "inspector"), "S")
    yield from wall("platform_key", SHARED, **readers, platform="SIU")
    yield from wall("device_key", tenant="S", worker="S", device="SI", regulator="S", inspector="S")
    yield from wall("enrolment", tenant="SIU", device="S U(used_at,device_id)")
    yield from reader("device_key")
    yield from reader("enrolment")
    device = Plane.DEVICE.role
    yield from grants("device", device, "I(id,name,role,model,created_by)")
    yield from policy("device", device, "I", "tenant_id = (SELECT gas.current_tenant())")
    yield "GRANT SELECT (model) ON gas.device TO gas_regulator, gas_inspector, gas_device"
    yield "GRANT EXECUTE ON FUNCTION gas.device_by_key(uuid), gas.tenant_by_enrolment(text) TO gas_device"


def downgrade() -> None:
    """Keys that signed something can't be taken back; restore a backup instead."""
    raise RuntimeError("keys stay; restore a backup instead")
