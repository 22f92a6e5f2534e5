"""Take reports: what citizens reported and what was done about it.

A citizen's plane reads and writes no row: it files a report through one function and follows it through another, by the ticket.
"""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from tenants.migrations.sql import run
from tenants.migrations.walls import (
    append_only,
    grants,
    in_district,
    in_district_range,
    own,
    policy,
    reader,
    wall,
)
from tenants.planes import OWNER, Plane

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE gas.report (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  district CHAR(6) COLLATE "C" NOT NULL,
  about INTEGER,
  number CHAR(14) COLLATE "C" NOT NULL,
  ticket_hash CHAR(64) COLLATE "C" NOT NULL,
  label_code CHAR(17) COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  matter TEXT NOT NULL,
  words TEXT NOT NULL,
  phone BYTEA,
  photo BYTEA,
  received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  state TEXT NOT NULL,
  officer TEXT,
  accepted_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_report PRIMARY KEY (tenant_id, id),
  CONSTRAINT uq_report_tenant_id_id_district UNIQUE (tenant_id, id, district),
  CONSTRAINT uq_report_tenant_id_number UNIQUE (tenant_id, number),
  CONSTRAINT ck_report_kind CHECK (kind IN ('complaint', 'tip')),
  CONSTRAINT ck_report_matter CHECK (matter IN ('leak', 'overdue', 'label', 'illegal_fill', 'short', 'service', 'other')),
  CONSTRAINT ck_report_state CHECK (state IN ('received', 'accepted', 'declined', 'answered', 'closed')),
  CONSTRAINT ck_report_words CHECK (length(words) <= 1000)
)
;;
CREATE INDEX ix_report_ticket ON gas.report (ticket_hash)
;;
CREATE INDEX ix_report_received ON gas.report (tenant_id, received_at)
;;
CREATE INDEX ix_report_district ON gas.report (district, received_at)
;;
CREATE TABLE gas.report_answer (
  tenant_id INTEGER DEFAULT gas.current_tenant() NOT NULL,
  id UUID NOT NULL,
  report_id UUID NOT NULL,
  district CHAR(6) COLLATE "C" NOT NULL,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  act TEXT NOT NULL,
  by TEXT NOT NULL,
  words TEXT DEFAULT '' NOT NULL,
  client_ref UUID NOT NULL,
  CONSTRAINT pk_report_answer PRIMARY KEY (tenant_id, id),
  CONSTRAINT fk_report_answer_tenant_id FOREIGN KEY (tenant_id, report_id, district)
    REFERENCES gas.report (tenant_id, id, district),
  CONSTRAINT uq_report_answer_tenant_id_client_ref UNIQUE (tenant_id, client_ref),
  CONSTRAINT ck_report_answer_act
    CHECK (act IN ('taken', 'accepted', 'declined', 'answered', 'closed', 'replied', 'phone_read')),
  CONSTRAINT ck_report_answer_words CHECK (length(words) <= 1000)
)
;;
CREATE INDEX ix_report_answer_report ON gas.report_answer (tenant_id, report_id, at)
"""

# The same ticket again is the same report. A code that stands under several enterprises concerns the one that the citizen's page names.
FILE = """
CREATE FUNCTION gas.file_report(ticket char(64), said_number char(14), code char(17), said_kind text, said_matter text, said_words text,
  sealed_phone bytea, picture bytea, from_enterprise boolean) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE enterprise int; place char(6);
BEGIN
  IF EXISTS (SELECT 1 FROM gas.report r WHERE r.ticket_hash = ticket) THEN
    RETURN;
  END IF;
  SELECT t.id, t.district INTO enterprise, place FROM gas.label l JOIN gas.tenant t ON t.id = l.tenant_id WHERE l.code = file_report.code
  ORDER BY (l.state = 'bound') DESC, (left(l.code, 9) = t.district || t.enterprise) DESC, l.created_at DESC LIMIT 1;
  INSERT INTO gas.report (tenant_id, id, district, about, number, ticket_hash, label_code, kind, matter, words, phone, photo, state)
  VALUES (CASE WHEN from_enterprise THEN 0 ELSE coalesce(enterprise, 0) END, gen_random_uuid(), coalesce(place, left(code, 6)::char(6)),
    enterprise, said_number, ticket, code, said_kind, said_matter, said_words, sealed_phone, picture, 'received');
END $$
"""
FOLLOW = """
CREATE FUNCTION gas.report_progress(ticket char(64)) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN (
  SELECT jsonb_build_object('number', r.number, 'code', r.label_code, 'kind', r.kind, 'matter', r.matter, 'state', r.state,
    'received_at', r.received_at, 'accepted_at', r.accepted_at,
    'answers', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', a.at, 'act', a.act, 'words', a.words) ORDER BY a.at, a.id), '[]')
      FROM gas.report_answer a WHERE a.tenant_id = r.tenant_id AND a.report_id = r.id AND a.act NOT IN ('taken', 'phone_read')))
  FROM gas.report r WHERE r.ticket_hash = ticket LIMIT 1
); END $$
"""
SIGNATURES = (
    "file_report(char, char, char, text, text, text, bytea, bytea, boolean)",
    "report_progress(char)",
)
OF_ENTERPRISE = "tenant_id,id,district,about,number,label_code,kind,matter,words,photo,received_at,state,accepted_at,ended_at"


def walls() -> Iterator[str]:
    """An enterprise reads its own but for the phone, an authority those of its district; a citizen calls two functions."""
    yield from wall("report")
    yield from wall("report_answer", tenant="SI")
    yield from grants("report", Plane.TENANT.role, f"S({OF_ENTERPRISE})")
    yield from policy("report", Plane.TENANT.role, "S", own())
    near = in_district_range()
    for plane in (Plane.REGULATOR, Plane.INSPECTOR):
        yield from grants("report", plane.role, "S U(state,officer,accepted_at,ended_at)")
        yield from policy("report", plane.role, "SU", near)
        yield from grants("report_answer", plane.role, "SI")
        yield from policy("report_answer", plane.role, "SI", near)
        platform_too = (
            f"tenant_id = 0 OR {in_district()}"  # whoever read a phone number stands in the platform's chain
        )
        yield f"ALTER POLICY {plane.role}_insert ON gas.audit WITH CHECK ({platform_too})"
    for table in ("label", "report", "report_answer"):
        yield from reader(table)
    yield f"CREATE POLICY {OWNER}_files ON gas.report FOR INSERT TO {OWNER} WITH CHECK (true)"
    for signature in SIGNATURES:
        yield f"REVOKE EXECUTE ON FUNCTION gas.{signature} FROM PUBLIC"
        yield f"GRANT EXECUTE ON FUNCTION gas.{signature} TO {Plane.PUBLIC.role}"


def upgrade() -> None:
    """The tables, the two functions, and their walls."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    run(TABLES.split(";;"))
    run((FILE, FOLLOW))
    run(walls())
    run(append_only("report_answer"))


def downgrade() -> None:
    """What citizens said can't be taken back; restore a backup instead."""
    raise RuntimeError("what citizens reported can't be taken back; restore a backup instead")
