"""Hand out cards: what a citizen may be told of many codes at once, and which codes changed, so that a machine can keep them at hand.

`public_cylinder` is put together from the same functions, so that there is one answer however it is asked for.
"""

from __future__ import annotations

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import reader
from tenants.planes import LOOKUP, OWNER

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# Everything a citizen may be shown of a code but its enterprise and its medium, which many share; nothing about customers or workers.
# A code that stands under several enterprises is answered for the one where it is bound, and among those for the one whose number
# the code begins with.
CARDS = """
CREATE FUNCTION gas.public_cards(wanted char(17)[])
RETURNS TABLE (code char(17), tenant_id int, medium_code char(2), medium_id text, batch text, told jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
  SELECT DISTINCT ON (l.code) l.code, l.tenant_id, l.medium_code, c.medium_id::text, f.batch::text, jsonb_build_object(
    'label', jsonb_build_object('code', l.code, 'kind', l.kind, 'state', l.state, 'disputed', l.disputed_at IS NOT NULL),
    'cylinder', CASE WHEN c.id IS NULL THEN NULL ELSE jsonb_build_object(
      'serial_no', c.serial_no, 'maker', c.maker,
      'kind_code', c.kind_code, 'medium_id', c.medium_id, 'registered', c.registration_no <> '', 'ownership', c.ownership,
      'made_on', c.made_on, 'made_precision', c.made_precision,
      'last_inspection_on', c.last_inspection_on, 'last_inspection_precision', c.last_inspection_precision,
      'next_inspection_on', c.next_inspection_on, 'next_inspection_precision', c.next_inspection_precision,
      'end_of_life_on', c.end_of_life_on, 'end_of_life_precision', c.end_of_life_precision,
      'valve_end_of_life_on', c.valve_end_of_life_on, 'valve_end_of_life_precision', c.valve_end_of_life_precision,
      'tare_kg', c.tare_kg, 'stopped', c.stopped_at IS NOT NULL, 'status', c.status, 'stage', c.stage) END,
    'last_fill', CASE WHEN f.at IS NULL THEN NULL ELSE jsonb_build_object('at', f.at, 'net_kg', f.net_kg, 'batch', f.batch) END)
  FROM gas.label l JOIN gas.tenant t ON t.id = l.tenant_id
  LEFT JOIN gas.cylinder c ON c.tenant_id = l.tenant_id AND c.id = l.cylinder_id
  LEFT JOIN LATERAL (SELECT f.at, f.net_kg, f.batch FROM gas.fill f
    WHERE f.tenant_id = c.tenant_id AND f.cylinder_id = c.id ORDER BY f.at DESC LIMIT 1) f ON true
  WHERE l.code = ANY (wanted)
  ORDER BY l.code, (l.state = 'bound') DESC, (left(l.code, 9) = t.district || t.enterprise) DESC, l.created_at DESC;
END $$
"""
ENTERPRISES = """
CREATE FUNCTION gas.public_enterprises(only_this int DEFAULT NULL) RETURNS TABLE (tenant_id int, told jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id, jsonb_build_object('name', t.name, 'phone', t.phone, 'licence_no', (SELECT number FROM gas.licence li
    WHERE li.tenant_id = t.id ORDER BY li.recorded_at DESC LIMIT 1))
  FROM gas.tenant t WHERE only_this IS NULL OR t.id = only_this
$$
"""
MEDIA = """
CREATE FUNCTION gas.public_media() RETURNS TABLE (key text, told jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT m.key, jsonb_build_object('code', m.key, 'name_zh', m.name_zh, 'name_en', m.name_en, 'family', m.family)
  FROM gas.medium m WHERE m.valid_to IS NULL
$$
"""
MEDIUM_CODES = """
CREATE FUNCTION gas.public_medium_codes() RETURNS TABLE (tenant_id int, code char(2), medium_id text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT tenant_id, code, medium_id FROM gas.medium_code
$$
"""
# The latest assay of each batch that was entered by transaction `since` or a later one.
ASSAYS = """
CREATE FUNCTION gas.public_assays(since bigint) RETURNS TABLE (tenant_id int, medium_id text, batch text, told jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT DISTINCT ON (a.tenant_id, a.medium_id, a.batch) a.tenant_id, a.medium_id, a.batch,
    jsonb_build_object('passed', a.passed, 'assayed_on', a.assayed_on)
  FROM gas.assay a JOIN (SELECT DISTINCT tenant_id, medium_id, batch FROM gas.assay WHERE changed >= since AND batch IS NOT NULL) n
    ON (n.tenant_id, n.medium_id, n.batch) = (a.tenant_id, a.medium_id, a.batch)
  ORDER BY a.tenant_id, a.medium_id, a.batch, a.assayed_on DESC, a.recorded_at DESC
$$
"""
# Every label that transaction `since` or a later one wrote, or whose cylinder it wrote, with the numbers of both last writers.
CHANGED = """
CREATE FUNCTION gas.changed_codes(since bigint) RETURNS TABLE (code char(17), of_label bigint, of_cylinder bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
  SELECT l.code, l.changed, coalesce(c.changed, 0) FROM gas.label l
  LEFT JOIN gas.cylinder c ON c.tenant_id = l.tenant_id AND c.id = l.cylinder_id WHERE l.changed >= since
  UNION SELECT l.code, l.changed, c.changed FROM gas.cylinder c
  JOIN gas.label l ON l.tenant_id = c.tenant_id AND l.cylinder_id = c.id WHERE c.changed >= since;
END $$
"""
CODES = """
CREATE FUNCTION gas.codes_after(last char(17), most int) RETURNS TABLE (code char(17))
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN RETURN QUERY SELECT l.code FROM gas.label l WHERE l.code > last ORDER BY l.code LIMIT most; END $$
"""
ONE = """
CREATE OR REPLACE FUNCTION gas.public_cylinder(wanted char(17)) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
BEGIN RETURN (
  SELECT k.told || jsonb_build_object(
    'medium', (SELECT m.told FROM gas.public_media() m WHERE m.key = coalesce(k.medium_id,
      (SELECT mc.medium_id FROM gas.medium_code mc WHERE mc.tenant_id = k.tenant_id AND mc.code = k.medium_code))),
    'enterprise', (SELECT e.told FROM gas.public_enterprises(k.tenant_id) e),
    'assay', (SELECT jsonb_build_object('passed', a.passed, 'assayed_on', a.assayed_on) FROM gas.assay a
      WHERE a.tenant_id = k.tenant_id AND a.medium_id = k.medium_id AND a.batch = k.batch
      ORDER BY a.assayed_on DESC, a.recorded_at DESC LIMIT 1))
  FROM gas.public_cards(ARRAY[wanted]) k);
END $$
"""
FOR_KEEPER = {
    "public_cards(char[])": CARDS,
    "public_enterprises(int)": ENTERPRISES,
    "public_media()": MEDIA,
    "public_medium_codes()": MEDIUM_CODES,
    "public_assays(bigint)": ASSAYS,
    "changed_codes(bigint)": CHANGED,
    "codes_after(char,int)": CODES,
}


def upgrade() -> None:
    """The functions, what they read, who may call them, and indexes by which a change is found at once."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE gas.assay ADD COLUMN changed BIGINT NOT NULL DEFAULT 0")
    op.execute(
        "CREATE TRIGGER assay_mark_change BEFORE INSERT OR UPDATE ON gas.assay"
        " FOR EACH ROW EXECUTE FUNCTION gas.mark_change()"
    )
    run(
        f"CREATE INDEX ix_{table}_changed ON gas.{table} (changed)"
        for table in ("label", "cylinder", "assay")
    )
    run(reader("assay", LOOKUP))
    # the functions are made as the role that owns them, because CREATE OR REPLACE must not change an owner
    run((f"GRANT CREATE ON SCHEMA gas TO {LOOKUP}", f"SET LOCAL ROLE {LOOKUP}"))
    run(FOR_KEEPER.values())
    run((ONE,))
    for function in FOR_KEEPER:
        run(
            (
                f"REVOKE EXECUTE ON FUNCTION gas.{function} FROM PUBLIC",
                f"GRANT EXECUTE ON FUNCTION gas.{function} TO gas_relay",
            )
        )
    run((f"SET LOCAL ROLE {OWNER}", f"REVOKE CREATE ON SCHEMA gas FROM {LOOKUP}"))


def downgrade() -> None:
    """The doors belong to the walls; restore a backup instead."""
