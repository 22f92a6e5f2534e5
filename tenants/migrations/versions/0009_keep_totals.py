"""Keep totals by triggers: every change is noted in its own transaction, and folded by and by into totals of several grains.

A note is only ever added, so that no two transactions wait for each other at a number; `total_of_tenant` and `total_of_district` add
what is noted to what is folded, so that they are exact at every moment. `counted` is the same numbers counted anew.
"""

# ruff: noqa: S608 - put together from constants of this file
from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import grants, in_district_range, policy, reader, wall
from tenants.planes import OWNER, Plane

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBERS = "day date NOT NULL, metric text NOT NULL, key text NOT NULL, medium_id text NOT NULL, value numeric(16,3) NOT NULL"
TABLES = (
    f"""CREATE TABLE gas.total_change (tenant_id int DEFAULT gas.current_tenant() NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY,
        {NUMBERS}, CONSTRAINT pk_total_change PRIMARY KEY (tenant_id, id))
        WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_threshold = 5000)""",
    f"""CREATE TABLE gas.tenant_total (tenant_id int NOT NULL, district char(6) COLLATE "C" NOT NULL, grain text NOT NULL, {NUMBERS},
        CONSTRAINT pk_tenant_total PRIMARY KEY (tenant_id, grain, metric, medium_id, day, key),
        CONSTRAINT ck_tenant_total_grain CHECK (grain IN ('day', 'week', 'month', 'ever')))""",
    "CREATE INDEX ix_tenant_total_district ON gas.tenant_total (grain, metric, medium_id, day, district) INCLUDE (tenant_id, key, value)",
    f"""CREATE TABLE gas.district_total (district char(6) COLLATE "C" NOT NULL, grain text NOT NULL, {NUMBERS},
        CONSTRAINT pk_district_total PRIMARY KEY (grain, metric, medium_id, district, day, key),
        CONSTRAINT ck_district_total_grain CHECK (grain IN ('day', 'week', 'month', 'ever')))""",
    """CREATE TABLE gas.total_check (tenant_id int DEFAULT gas.current_tenant() NOT NULL, id uuid NOT NULL,
        at timestamptz DEFAULT now() NOT NULL, wrong int NOT NULL, detail jsonb NOT NULL,
        CONSTRAINT pk_total_check PRIMARY KEY (tenant_id, id))""",
    "CREATE INDEX ix_total_check_at ON gas.total_check (tenant_id, at)",
)

# One number is kept under its medium and under '*' for all of them; in the grains that somebody asks for and no others. A place is
# the district of registration, or the first four or two of its digits for all that lies in the prefecture or province.
SPREAD = """
  SELECT c.tenant_id, {place} AS district, g.grain, g.day, c.metric, c.key, m.medium_id, c.value
  FROM {source} c JOIN gas.tenant t ON t.id = c.tenant_id {places}
  CROSS JOIN LATERAL (VALUES (c.medium_id), ('*')) m(medium_id)
  CROSS JOIN LATERAL (VALUES ('day', c.day), ('week', c.day - extract(isodow FROM c.day)::int + 1),
    ('month', c.day - extract(day FROM c.day)::int + 1), ('ever', date '0001-01-01')) g(grain, day)
  WHERE {kept}
"""
WORK = "g.grain IN ('week', 'month') AND c.metric IN ('fills', 'net_kg', 'refused_fills')"
OF_TENANT = f"(g.grain = 'day' OR {WORK} OR g.grain = 'ever' AND c.metric IN ('cylinders', 'events'))"
OF_DISTRICT = (
    f"(g.grain = 'day' AND c.metric <> 'events' OR {WORK} OR g.grain = 'ever' AND c.metric = 'cylinders')"
)
PLACES = """CROSS JOIN LATERAL (VALUES (t.district), (left(t.district, 4)::char(6)), (left(t.district, 2)::char(6))) p(code)"""


def spread(source: str, kept: str) -> str:
    """Changes as the rows of the grains that they belong to."""
    if kept is OF_TENANT:
        return SPREAD.format(source=source, kept=kept, place="t.district", places="")
    return SPREAD.format(source=source, kept=kept, place="p.code", places=PLACES)


VIEWS = (
    f"""CREATE VIEW gas.total_of_tenant WITH (security_invoker = true) AS
        SELECT tenant_id, district, grain, day, metric, key, medium_id, value FROM gas.tenant_total
        UNION ALL {spread("gas.total_change", OF_TENANT)}""",
    f"""CREATE VIEW gas.total_of_district WITH (security_invoker = true) AS
        SELECT district, grain, day, metric, key, medium_id, value FROM gas.district_total
        UNION ALL SELECT district, grain, day, metric, key, medium_id, value FROM ({spread("gas.total_change", OF_DISTRICT)}) s
        WHERE district >= (SELECT gas.current_jurisdiction())::bpchar""",
)
FOLD = f"""
CREATE FUNCTION gas.fold_totals(most int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE folded int;
BEGIN
  IF NOT pg_try_advisory_xact_lock(1734439713) THEN RETURN 0; END IF;
  WITH gone AS (
    DELETE FROM gas.total_change d USING (SELECT tenant_id, id FROM gas.total_change LIMIT most) w
    WHERE d.tenant_id = w.tenant_id AND d.id = w.id RETURNING d.tenant_id, d.day, d.metric, d.key, d.medium_id, d.value
  ), by_tenant AS (
    INSERT INTO gas.tenant_total AS kept (tenant_id, district, grain, day, metric, key, medium_id, value)
    SELECT tenant_id, district, grain, day, metric, key, medium_id, sum(value) FROM ({spread("gone", OF_TENANT)}) s
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (tenant_id, grain, metric, medium_id, day, key) DO UPDATE SET value = kept.value + excluded.value
  ), by_district AS (
    INSERT INTO gas.district_total AS kept (district, grain, day, metric, key, medium_id, value)
    SELECT district, grain, day, metric, key, medium_id, sum(value) FROM ({spread("gone", OF_DISTRICT)}) s
    GROUP BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (grain, metric, medium_id, district, day, key) DO UPDATE SET value = kept.value + excluded.value
  ) SELECT count(*) INTO folded FROM gone;
  RETURN folded;
END $$
"""
# Everything but the days of the enterprises, medium by medium, follows from them. Each step adds up what the one before has made.
BASIS = "grain = 'day' AND medium_id <> '*'"
KIND = "metric, key, medium_id"
ROUND = "CASE g.grain WHEN 'week' THEN day - extract(isodow FROM day)::int + 1 WHEN 'month' THEN day - extract(day FROM day)::int + 1"
EXPECTED = f"""
  basis AS (SELECT tenant_id, district, day, {KIND}, value FROM gas.tenant_total WHERE {BASIS}),
  all_media AS (
    SELECT tenant_id, district, day, metric, key, '*'::text AS medium_id, sum(value) AS value FROM basis GROUP BY 1, 2, 3, 4, 5),
  days AS MATERIALIZED (SELECT * FROM basis UNION ALL SELECT * FROM all_media),
  tenants AS (
    SELECT tenant_id, district, 'day'::text AS grain, day, {KIND}, value FROM all_media
    UNION ALL SELECT tenant_id, district, g.grain, {ROUND} ELSE date '0001-01-01' END AS day, {KIND}, sum(value)
    FROM days c CROSS JOIN (VALUES ('week'), ('month'), ('ever')) g(grain)
    WHERE {OF_TENANT} GROUP BY 1, 2, 3, 4, 5, 6, 7),
  counties AS MATERIALIZED (SELECT district, day, {KIND}, sum(value) AS value FROM days GROUP BY 1, 2, 3, 4, 5),
  place_days AS MATERIALIZED (
    SELECT p.code AS district, day, {KIND}, sum(value) AS value FROM counties t {PLACES} GROUP BY 1, 2, 3, 4, 5),
  places AS (
    SELECT district, g.grain, {ROUND} WHEN 'day' THEN day ELSE date '0001-01-01' END AS day, {KIND}, sum(value) AS value
    FROM place_days c CROSS JOIN (VALUES ('day'), ('week'), ('month'), ('ever')) g(grain)
    WHERE {OF_DISTRICT} GROUP BY 1, 2, 3, 4, 5, 6)"""
REBUILD = f"""
CREATE FUNCTION gas.rebuild_totals() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1734439713);
  DELETE FROM gas.tenant_total WHERE NOT ({BASIS});
  DELETE FROM gas.district_total;
  WITH {EXPECTED}, filled AS (
    INSERT INTO gas.district_total (district, grain, day, {KIND}, value) SELECT district, grain, day, {KIND}, value FROM places)
  INSERT INTO gas.tenant_total (tenant_id, district, grain, day, {KIND}, value)
    SELECT tenant_id, district, grain, day, {KIND}, value FROM tenants;
END $$
"""
# Numbers of the folded tables that their own days of the enterprises don't bear out.
ASTRAY = f"""
CREATE FUNCTION gas.totals_astray() RETURNS bigint LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  WITH {EXPECTED},
  of_tenants AS (
    SELECT 1 FROM tenants b
    FULL JOIN (SELECT * FROM gas.tenant_total WHERE NOT ({BASIS})) k USING (tenant_id, grain, metric, medium_id, day, key)
    WHERE coalesce(b.value, 0) <> coalesce(k.value, 0)),
  of_places AS (
    SELECT 1 FROM places b FULL JOIN gas.district_total k USING (district, grain, metric, medium_id, day, key)
    WHERE coalesce(b.value, 0) <> coalesce(k.value, 0))
  SELECT (SELECT count(*) FROM of_tenants) + (SELECT count(*) FROM of_places)
$$
"""
CHINA = "AT TIME ZONE 'Asia/Shanghai')::date"
LAST_DAY = """CASE WHEN {c}.next_inspection_precision = 'day' THEN {c}.next_inspection_on
              ELSE (date_trunc('month', {c}.next_inspection_on::timestamp) + interval '1 month - 1 day')::date END"""


def cylinder_numbers(source: str, sign: str = "") -> str:
    """What cylinders count for: their state since the day it changed, and the last day of their inspection while in use."""
    c = "x"
    since = f"(coalesce({c}.status_changed_at, {c}.created_at) {CHINA}"
    return f"""
      SELECT {c}.tenant_id, {since} AS day, 'cylinders' AS metric, {c}.status AS key, {c}.medium_id, {sign}1 AS value FROM {source} {c}
      UNION ALL SELECT {c}.tenant_id, {LAST_DAY.format(c=c)}, 'due', '', {c}.medium_id, {sign}1 FROM {source} {c}
      WHERE {c}.status = 'in_use' AND {c}.next_inspection_on IS NOT NULL"""


FILLS = f"""
  SELECT x.tenant_id, (x.at {CHINA} AS day, v.metric, '' AS key, x.medium_id, v.value FROM {{source}} x
  CROSS JOIN LATERAL (VALUES ('fills', 1::numeric), ('net_kg', x.net_kg)) v(metric, value) WHERE v.value <> 0"""
REFUSED = f"""
  SELECT x.tenant_id, (x.at {CHINA} AS day, v.metric, v.key, coalesce(x.medium_id, '') AS medium_id, 1 AS value FROM {{source}} x
  CROSS JOIN LATERAL (SELECT 'refused_fills', '' UNION ALL SELECT 'refusals', jsonb_array_elements_text(x.refusals)) v(metric, key)
  WHERE x.kind = 'fill'"""
CHECKS = f"""
  SELECT x.tenant_id, (x.at {CHINA} AS day, 'checks' AS metric, CASE WHEN x.passed THEN 'passed' ELSE 'failed' END AS key,
         '' AS medium_id, 1 AS value FROM {{source}} x"""
LABELS = f"""
  SELECT x.tenant_id, (x.at {CHINA} AS day, 'labels' AS metric, x.action AS key, coalesce(r.medium_id, '') AS medium_id, 1 AS value
  FROM {{source}} x LEFT JOIN gas.label l ON l.tenant_id = x.tenant_id AND l.id = x.label_id
  LEFT JOIN gas.label_run r ON r.tenant_id = l.tenant_id AND r.id = l.run_id"""
EVENTS = f"""
  SELECT x.tenant_id, (x.received_at {CHINA} AS day, 'events' AS metric, x.state AS key, '' AS medium_id, {{sign}}1 AS value
  FROM {{source}} x WHERE x.state <> 'pending'"""
SUMMED = """INSERT INTO gas.total_change (tenant_id, day, metric, key, medium_id, value)
  SELECT tenant_id, day, metric, key, medium_id, sum(value) FROM ({numbers}) n GROUP BY 1, 2, 3, 4, 5 HAVING sum(value) <> 0"""


def noted(table: str, verb: str, numbers: str, tables: str, if_any: str = "") -> Iterator[str]:
    """A trigger that notes, once a statement, what the rows count for."""
    name = f"note_{table}_{verb.lower()}"
    body = SUMMED.format(numbers=numbers)
    if if_any:
        body = f"IF EXISTS (SELECT 1 FROM added WHERE {if_any}) THEN {body}; END IF"
    yield (
        f"CREATE FUNCTION gas.{name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS"
        f" $$ BEGIN {body}; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name} AFTER {verb} ON gas.{table} REFERENCING {tables}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION gas.{name}()"
    )


# An update is looked at row by row, because few updates of a cylinder change what it counts for. The state it leaves ends today.
UPDATED = f"""
CREATE FUNCTION gas.note_cylinder_update() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE today date := (coalesce(NEW.status_changed_at, now()) {CHINA};
BEGIN
  IF NEW.status = OLD.status THEN today := (now() {CHINA}; END IF;
  INSERT INTO gas.total_change (tenant_id, day, metric, key, medium_id, value)
    SELECT v.* FROM (VALUES (OLD.tenant_id, today, 'cylinders', OLD.status, OLD.medium_id, -1),
                            (NEW.tenant_id, today, 'cylinders', NEW.status, NEW.medium_id, 1)) v
    WHERE (OLD.status, OLD.medium_id) <> (NEW.status, NEW.medium_id)
    UNION ALL SELECT OLD.tenant_id, {LAST_DAY.format(c="OLD")}, 'due', '', OLD.medium_id, -1
    WHERE OLD.status = 'in_use' AND OLD.next_inspection_on IS NOT NULL
    UNION ALL SELECT NEW.tenant_id, {LAST_DAY.format(c="NEW")}, 'due', '', NEW.medium_id, 1
    WHERE NEW.status = 'in_use' AND NEW.next_inspection_on IS NOT NULL;
  RETURN NULL;
END $$
"""
ON_UPDATE = """
CREATE TRIGGER note_cylinder_update AFTER UPDATE OF status, medium_id, next_inspection_on, next_inspection_precision ON gas.cylinder
FOR EACH ROW WHEN ((OLD.status, OLD.medium_id) IS DISTINCT FROM (NEW.status, NEW.medium_id)
  OR (OLD.next_inspection_on, OLD.next_inspection_precision) IS DISTINCT FROM (NEW.next_inspection_on, NEW.next_inspection_precision))
EXECUTE FUNCTION gas.note_cylinder_update()
"""


def triggers() -> Iterator[str]:
    """Every place where something that is counted can change."""
    added, gone = "NEW TABLE AS added", "OLD TABLE AS gone"
    yield from noted("fill", "INSERT", FILLS.format(source="added"), added)
    yield from noted("violation", "INSERT", REFUSED.format(source="added"), added)
    yield from noted("fill_check", "INSERT", CHECKS.format(source="added"), added)
    yield from noted("label_issue", "INSERT", LABELS.format(source="added"), added)
    yield from noted("cylinder", "INSERT", cylinder_numbers("added"), added)
    yield from noted("cylinder", "DELETE", cylinder_numbers("gone", "-"), gone)
    yield from (UPDATED, ON_UPDATE)
    became = EVENTS.format(source="added", sign="")
    yield from noted("device_event", "INSERT", became, added, if_any="state <> 'pending'")
    yield from noted(
        "device_event",
        "UPDATE",
        f"{became} UNION ALL {EVENTS.format(source='gone', sign='-')}",
        f"{gone} {added}",
    )


def counted() -> str:
    """Every number counted from the rows; where rows can change or go (cylinders), only the sum over all days must agree."""
    parts = (
        FILLS.format(source="gas.fill"), REFUSED.format(source="gas.violation"), CHECKS.format(source="gas.fill_check"),
        LABELS.format(source="gas.label_issue"), EVENTS.format(source="gas.device_event", sign=""), cylinder_numbers("gas.cylinder"),
    )  # fmt: skip
    summed = " UNION ALL ".join(
        f"(SELECT tenant_id, day, metric, key, medium_id, sum(value) AS value FROM ({part}) n GROUP BY 1, 2, 3, 4, 5)"
        for part in parts
    )
    return f"CREATE VIEW gas.counted WITH (security_invoker = true) AS {summed}"


COUNTED_FROM = (
    "fill",
    "violation",
    "fill_check",
    "label_issue",
    "label",
    "label_run",
    "device_event",
    "cylinder",
    "total_change",
)
EVENT_FIGURES = """
CREATE OR REPLACE FUNCTION gas.event_figures() RETURNS TABLE (state text, events bigint) LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
  SELECT key, sum(value)::bigint FROM gas.{source} GROUP BY key
$$
"""


def walls() -> Iterator[str]:
    """Enterprises note and read their own, authorities read their district's, and only the folding function writes totals."""
    yield from wall(
        "total_change", tenant="SI", worker="SI", regulator="S", inspector="S", relay="S(tenant_id,id)"
    )
    yield from policy("total_change", OWNER, "SD", "true")
    yield from wall("tenant_total", tenant="S", worker="S")
    yield from wall("district_total")
    yield from wall("total_check", worker="SI", platform="S", relay="S(tenant_id,id,at,wrong)")
    for table in ("tenant_total", "district_total"):
        for plane in (Plane.REGULATOR, Plane.INSPECTOR):
            yield from grants(table, plane.role, "S")
            yield from policy(table, plane.role, "S", in_district_range("district"))
        yield from policy(table, OWNER, "SIUD", "true")
    planes = "gas_tenant, gas_worker, gas_regulator, gas_inspector"
    yield f"GRANT SELECT ON gas.total_of_tenant TO {planes}"
    yield "GRANT SELECT ON gas.total_of_district TO gas_regulator, gas_inspector"
    yield "GRANT SELECT ON gas.counted TO gas_tenant, gas_worker"
    yield "GRANT EXECUTE ON FUNCTION gas.fold_totals(int) TO gas_relay, gas_platform"
    yield "GRANT EXECUTE ON FUNCTION gas.rebuild_totals(), gas.totals_astray() TO gas_relay, gas_platform"


def upgrade() -> None:
    """Tables, views, triggers, functions and walls; then everything that is there is counted once."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run((*TABLES, *VIEWS, counted(), FOLD, REBUILD, ASTRAY, *triggers(), *walls()))
    run(
        (
            EVENT_FIGURES.format(
                source="total_of_tenant WHERE metric = 'events' AND grain = 'ever' AND medium_id = '*'"
            ),
        )
    )
    for table in COUNTED_FROM:  # the owner sees no rows behind a forced wall
        op.execute(f"ALTER TABLE gas.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute(
        "INSERT INTO gas.total_change (tenant_id, day, metric, key, medium_id, value) SELECT * FROM gas.counted"
    )
    for table in COUNTED_FROM:
        op.execute(f"ALTER TABLE gas.{table} FORCE ROW LEVEL SECURITY")
    op.execute("SELECT gas.fold_totals(2000000000)")
    op.execute("DROP TABLE gas.daily_total")


def downgrade() -> None:
    """Back to one total by day, made from the new ones."""
    run((
        'CREATE TABLE gas.daily_total (tenant_id int DEFAULT gas.current_tenant() NOT NULL, day date NOT NULL, metric text NOT NULL,'
        ' key text NOT NULL, value numeric(16,3) NOT NULL, CONSTRAINT pk_daily_total PRIMARY KEY (tenant_id, day, metric, key))',
        "CREATE INDEX ix_daily_total_day ON gas.daily_total (day, tenant_id)",
        "INSERT INTO gas.daily_total SELECT tenant_id, day, metric, CASE WHEN metric IN ('fills', 'net_kg') THEN medium_id ELSE key END,"
        " sum(value) FROM gas.total_of_tenant WHERE grain = 'day' AND medium_id <> '*'"
        " AND metric IN ('fills', 'net_kg', 'refused_fills', 'refusals', 'events', 'checks') GROUP BY 1, 2, 3, 4",
        *wall("daily_total", tenant="SIU", worker="SIU", regulator="S", inspector="S"),
        *reader("daily_total"),
        EVENT_FIGURES.format(source="daily_total WHERE metric = 'events'"),
    ))  # fmt: skip
    for table, verb in (
        ("fill", "insert"), ("violation", "insert"), ("fill_check", "insert"), ("label_issue", "insert"), ("cylinder", "insert"),
        ("cylinder", "delete"), ("cylinder", "update"), ("device_event", "insert"), ("device_event", "update"),
    ):  # fmt: skip
        op.execute(f"DROP TRIGGER note_{table}_{verb} ON gas.{table}")
        op.execute(f"DROP FUNCTION gas.note_{table}_{verb}()")
    for name in ("fold_totals(int)", "rebuild_totals()", "totals_astray()"):
        op.execute(f"DROP FUNCTION gas.{name}")
    for name in ("counted", "total_of_district", "total_of_tenant"):
        op.execute(f"DROP VIEW gas.{name}")
    for name in ("total_check", "district_total", "tenant_total", "total_change"):
        op.execute(f"DROP TABLE gas.{name}")
