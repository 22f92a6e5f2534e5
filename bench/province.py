"""A province in the tables: a thousand enterprises over all its counties, a year of fills, put in by bulk inserts past the triggers.

The totals are then made from a recount of everything that is there, and compared with it as the nightly job does.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, text

from bench.world import BenchWorld
from tenants import scope
from tenants.database import admin_engine
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.geo import load_districts
from tenants.services.totals import check_one
from tests.cast import REGULATOR_OF_BOTH

ENTERPRISES, CYLINDERS, DAYS = 1000, 100, 365
FIRST_ID = 100_000
PROVINCE = "37"

_TENANTS = """
INSERT INTO gas.tenant (id, district, enterprise, name, short_name, credit_code, phone, address, status, check_valid_hours, facts_version,
                        position)
SELECT :first + n, c.code, lpad((100 + n / :counties)::text, 3, '0'), '充装单位 ' || n, n::text, '', '', '', 'active', 24, 1, c.label_point
FROM generate_series(0, :number - 1) n
JOIN (SELECT code, label_point, row_number() OVER (ORDER BY code) - 1 AS place FROM gas.district
      WHERE level = 3 AND valid_to IS NULL AND code LIKE '37%') c ON c.place = n % :counties
"""
# A cylinder's id is made of its enterprise's and its number, so that a fill finds it without a join.
_CYLINDERS = """
INSERT INTO gas.cylinder (tenant_id, id, serial_no, maker, kind_code, medium_id, registration_no, ownership, made_precision,
  last_inspection_precision, next_inspection_on, next_inspection_precision, end_of_life_precision, valve_end_of_life_precision, status,
  status_reason, stage, place, district, note, facts_version, row_version, created_at)
SELECT t.id, md5(t.id || '.' || k)::uuid, k::text, 'B', 'LPG_WELDED', (ARRAY['LPG', 'O2', 'N2'])[1 + k % 3], 'R', 'own', 'month', 'month',
  current_date - 200 + (k * 37 + t.id * 11) % 1500, (ARRAY['month', 'day'])[1 + k % 2], 'month', 'month',
  CASE WHEN k % 29 = 0 THEN 'scrapped' ELSE 'in_use' END, '', 'new', '', t.district, '', 1, 1, now() - interval '400 days'
FROM gas.tenant t, generate_series(1, :each) k WHERE t.id >= :first
"""
# Few enterprises have many fills; more in winter than in summer; between seven and seven.
_FILLS = """
INSERT INTO gas.fill (tenant_id, id, at, cylinder_id, label_code, medium_id, net_kg, district, time_trust, received_at)
SELECT t.id, gen_random_uuid(), p.at, md5(t.id || '.' || p.k)::uuid, t.district || t.enterprise || '01000001',
  (ARRAY['LPG', 'O2', 'N2'])[1 + p.k % 3], 14.5, t.district, 'good', p.at
FROM (SELECT :first + floor(power(random(), 2) * :number)::int AS tenant_id, 1 + floor(random() * :each)::int AS k,
             ((current_date - :day) + time '07:00' + random() * interval '12 hours') AT TIME ZONE 'Asia/Shanghai' AS at
      FROM generate_series(1, (:fills * (1 + 0.3 * cos(:day * 2 * pi() / 365)))::int)) p
JOIN gas.tenant t ON t.id = p.tenant_id
"""
_VIOLATIONS = """
INSERT INTO gas.violation (tenant_id, id, at, kind, scanned, refusal, refusals, severity, medium_id, detail, district, time_trust)
SELECT f.tenant_id, gen_random_uuid(), f.at, 'fill', '', r.code, jsonb_build_array(r.code), 'major', f.medium_id, '{}', f.district, 'good'
FROM gas.fill f, LATERAL (SELECT (ARRAY['inspection_overdue', 'condemned', 'unknown_label', 'no_check'])[1 + abs(hashtext(f.id::text)) % 4]
                          AS code) r
WHERE f.tenant_id >= :first AND abs(hashtext(f.id::text)) % 200 = 0
"""
_RECOUNT = """
INSERT INTO gas.tenant_total (tenant_id, district, grain, day, metric, key, medium_id, value)
SELECT c.tenant_id, t.district, 'day', c.day, c.metric, c.key, c.medium_id, sum(c.value)
FROM gas.counted c JOIN gas.tenant t ON t.id = c.tenant_id GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


def settle(world: BenchWorld) -> None:
    """Districts, enterprises and cylinders; the regulator of the cast becomes the province's."""
    with scope.platform_scope() as session:
        load_districts(session, Actor(role=Role.OPERATOR))
    with world.database.as_admin() as connection:
        connection.execute(
            text("UPDATE gas.authority SET jurisdiction = :p WHERE jurisdiction = :j"),
            {"p": PROVINCE, "j": REGULATOR_OF_BOTH.jurisdiction},
        )
        counted = "SELECT count(*) FROM gas.district WHERE level = 3 AND valid_to IS NULL AND code LIKE '37%'"
        counties = connection.scalar(text(counted))
        connection.execute(text(_TENANTS), {"first": FIRST_ID, "number": ENTERPRISES, "counties": counties})
        connection.execute(text(_CYLINDERS), {"first": FIRST_ID, "each": CYLINDERS})


def fill(world: BenchWorld, fills: int) -> float:
    """So many fills more, spread over a year, and what was refused meanwhile; seconds that counting all of it anew took."""
    with world.database.as_admin() as connection:
        _past_triggers(connection)
        connection.execute(text("DELETE FROM gas.violation WHERE tenant_id >= :first"), {"first": FIRST_ID})
        told = {"first": FIRST_ID, "number": ENTERPRISES, "each": CYLINDERS, "fills": fills / DAYS}
        for day in range(DAYS):
            connection.execute(text(_FILLS), {**told, "day": day})
        connection.execute(text(_VIOLATIONS), {"first": FIRST_ID})
    with world.database.as_admin() as connection:
        connection.execute(text("ANALYZE gas.fill, gas.violation, gas.cylinder"))
    began = time.perf_counter()
    with world.database.as_admin() as connection:
        connection.execute(text("DELETE FROM gas.total_change"))
        connection.execute(text("DELETE FROM gas.tenant_total"))
        connection.execute(text(_RECOUNT))
        connection.execute(text("SELECT gas.rebuild_totals()"))
    took = time.perf_counter() - began
    if check_one(FIRST_ID):
        raise RuntimeError("the totals are not what was counted")
    _vacuum(world)
    return took


def _past_triggers(connection: Connection) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))


def _vacuum(world: BenchWorld) -> None:
    """What the server does by itself sooner or later."""
    with (
        admin_engine(world.database.url)
        .execution_options(isolation_level="AUTOCOMMIT")
        .connect() as connection
    ):
        connection.execute(
            text("VACUUM (ANALYZE) gas.tenant_total, gas.district_total, gas.total_change, gas.fill")
        )
