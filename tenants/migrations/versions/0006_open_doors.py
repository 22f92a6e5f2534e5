"""Open the doors: sign-in sees one account or session, a device is known by its token, a citizen may ask about one code."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.migrations.sql import run
from tenants.migrations.walls import grants, policy, reader
from tenants.planes import LOOKUP

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

AUTH_NAME = """
CREATE FUNCTION gas.auth_name() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
BEGIN
  IF coalesce(current_setting('app.username', true), '') = '' AND coalesce(current_setting('app.session', true), '') = '' THEN
    RAISE EXCEPTION 'no sign-in context' USING ERRCODE = '42501';
  END IF;
  RETURN current_setting('app.username', true);
END $$
"""

AUTH_SESSION = """
CREATE FUNCTION gas.auth_session() RETURNS text LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT nullif(current_setting('app.session', true), '')
$$
"""

AUTH_ACCOUNT = """
CREATE FUNCTION gas.auth_account() RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT account_id FROM gas.web_session WHERE token_hash = nullif(current_setting('app.session', true), '') AND expires_at > now()
$$
"""

AUTH_TENANT = """
CREATE FUNCTION gas.auth_tenant() RETURNS int LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_id FROM gas.account
  WHERE id = gas.auth_account() OR username = nullif(current_setting('app.username', true), '') LIMIT 1
$$
"""

# What a device's call needs to know before anything else, in one look: who calls, and which subjects of its enterprise have
# changed in a way that the relay hasn't carried on yet (at most 200 are named; more count as "all"). A suspended enterprise's devices
# are known too: what they did must not be lost, and the rule refuses their fills.
KNOW_DEVICE = """
CREATE FUNCTION gas.device_by_token(wanted text) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'device_id', d.id, 'tenant_id', d.tenant_id, 'role', d.role, 'name', d.name, 'last_seen_at', d.last_seen_at,
    'district', t.district, 'enterprise', t.enterprise,
    'epoch', (SELECT epoch FROM gas.cache_epoch),
    'waiting', (SELECT CASE WHEN count(*) > 200 THEN '["all"]' ELSE coalesce(jsonb_agg(coalesce(w.subject_id::text, 'all')), '[]') END
        FROM (SELECT subject_id FROM gas.outbox WHERE tenant_id = d.tenant_id AND relayed_at IS NULL
              AND kind NOT IN ('upload_received', 'fill_refused') LIMIT 201) w))
  FROM gas.device d JOIN gas.tenant t ON t.id = d.tenant_id
  WHERE d.token_hash = wanted AND d.revoked_at IS NULL
$$
"""

# Everything a citizen may be shown, and nothing about customers or workers. A code that stands under several enterprises
# is answered for the one where it is bound, and among those for the one whose number the code begins with.
PUBLIC_CYLINDER = """
CREATE FUNCTION gas.public_cylinder(wanted char(17)) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT jsonb_build_object(
    'label', jsonb_build_object('code', l.code, 'kind', l.kind, 'state', l.state, 'disputed', l.disputed_at IS NOT NULL),
    'cylinder', CASE WHEN c.id IS NULL THEN NULL ELSE jsonb_build_object(
      'serial_no', c.serial_no, 'maker', c.maker,
      'kind_code', c.kind_code, 'medium_id', c.medium_id, 'registered', c.registration_no <> '', 'ownership', c.ownership,
      'made_on', c.made_on, 'made_precision', c.made_precision,
      'last_inspection_on', c.last_inspection_on, 'last_inspection_precision', c.last_inspection_precision,
      'next_inspection_on', c.next_inspection_on, 'next_inspection_precision', c.next_inspection_precision,
      'end_of_life_on', c.end_of_life_on, 'end_of_life_precision', c.end_of_life_precision,
      'valve_end_of_life_on', c.valve_end_of_life_on, 'valve_end_of_life_precision', c.valve_end_of_life_precision,
      'status', c.status, 'stage', c.stage) END,
    'medium', (SELECT jsonb_build_object('code', m.key, 'name_zh', m.name_zh, 'name_en', m.name_en, 'family', m.family)
               FROM gas.medium m WHERE m.key = coalesce(c.medium_id, (SELECT mc.medium_id FROM gas.medium_code mc
                 WHERE mc.tenant_id = l.tenant_id AND mc.code = l.medium_code)) AND m.valid_to IS NULL),
    'enterprise', jsonb_build_object('name', t.name, 'phone', t.phone, 'licence_no', (SELECT number FROM gas.licence li
      WHERE li.tenant_id = t.id ORDER BY li.recorded_at DESC LIMIT 1)),
    'last_fill', (SELECT jsonb_build_object('at', f.at, 'net_kg', f.net_kg) FROM gas.fill f
      WHERE f.tenant_id = c.tenant_id AND f.cylinder_id = c.id ORDER BY f.at DESC LIMIT 1))
  FROM gas.label l JOIN gas.tenant t ON t.id = l.tenant_id
  LEFT JOIN gas.cylinder c ON c.tenant_id = l.tenant_id AND c.id = l.cylinder_id
  WHERE l.code = wanted
  ORDER BY (l.state = 'bound') DESC, (left(l.code, 9) = t.district || t.enterprise) DESC, l.created_at DESC LIMIT 1
$$
"""

LOOKED_UP = ("label", "cylinder", "tenant", "licence", "fill", "medium", "medium_code")


def upgrade() -> None:
    """Functions, who may call them, and the few rows that sign-in may touch."""
    run((AUTH_NAME, AUTH_SESSION, AUTH_ACCOUNT, AUTH_TENANT, KNOW_DEVICE, PUBLIC_CYLINDER))
    run((*_sign_in(), *_lookup(), *_sweeping()))


def _sign_in() -> Iterator[str]:
    yield "GRANT EXECUTE ON FUNCTION gas.auth_name(), gas.auth_session(), gas.auth_account(), gas.auth_tenant() TO gas_auth"
    mine = "username = (SELECT gas.auth_name()) OR id = (SELECT gas.auth_account())"
    letters = "S U(locale,failed_count,locked_until,password_hash,password_changed_at)"
    yield from grants("account", "gas_auth", letters)
    yield from policy("account", "gas_auth", letters, mine)
    session = "token_hash = (SELECT gas.auth_session()) OR account_id = (SELECT gas.auth_account())"
    only_this = "token_hash = (SELECT gas.auth_session())"
    yield from grants("web_session", "gas_auth", "SIUD")
    yield from policy("web_session", "gas_auth", "SD", session)
    yield from policy("web_session", "gas_auth", "IU", only_this)
    for table, column in (("tenant", "id"),):
        yield from grants(table, "gas_auth", "S(id,district,enterprise,name,short_name,status)")
        yield from policy(table, "gas_auth", "S", f"{column} = (SELECT gas.auth_tenant())")
    yield from grants("authority", "gas_auth", "S")
    yield from policy("authority", "gas_auth", "S", "true")
    yield from grants("audit", "gas_auth", "I")
    yield from policy("audit", "gas_auth", "I", "tenant_id = coalesce((SELECT gas.auth_tenant()), 0)")


def _lookup() -> Iterator[str]:
    yield "GRANT EXECUTE ON FUNCTION gas.public_cylinder(char) TO gas_public"
    yield f"GRANT CREATE ON SCHEMA gas TO {LOOKUP}"
    yield f"ALTER FUNCTION gas.public_cylinder(char) OWNER TO {LOOKUP}"
    yield f"REVOKE CREATE ON SCHEMA gas FROM {LOOKUP}"
    for table in LOOKED_UP:
        yield from reader(table, LOOKUP)
    yield from reader("cache_epoch")
    yield "GRANT EXECUTE ON FUNCTION gas.device_by_token(text) TO gas_device"


def _sweeping() -> Iterator[str]:
    yield "GRANT SELECT ON gas.alembic_version TO gas_relay"  # /readyz asks whether the schema is the program's
    yield from grants("web_session", "gas_relay", "S(expires_at) D")
    yield from policy("web_session", "gas_relay", "SD", "expires_at < now()")


def downgrade() -> None:
    """The doors belong to the walls; restore a backup instead."""
    raise RuntimeError("the doors belong to the walls; restore a backup instead")
