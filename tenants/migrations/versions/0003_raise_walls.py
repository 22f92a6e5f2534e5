"""Raise the walls: forced row-level security on every table, and for each plane just the grants that its work needs."""

from __future__ import annotations

from collections.abc import Iterator

from tenants.migrations.sql import run
from tenants.migrations.walls import SHARED, append_only, grants, policy, reader, wall
from tenants.planes import Plane

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

READ_BY_ALL = (
    "medium",
    "inspection_cycle",
    "violation_kind",
    "filling_limit",
    "district",
    "map_source",
)
DRAWN_ANEW = ("map_line", "district_alias")  # a load of the districts replaces them
READERS = ("tenant", "regulator", "inspector", "device", "worker")
HISTORY = ("fill", "fill_check", "violation", "trace_event", "label_issue", "audit")
ACCOUNT_OPEN = (
    "id,username,role,display_name,tenant_id,authority_id,staff_code,locale,"
    "locked_until,password_changed_at,disabled_at,created_at"
)


def walls() -> Iterator[str]:
    """Every wall of the first schema, table by table."""
    for table in READ_BY_ALL:
        yield from wall(table, SHARED, **dict.fromkeys(READERS, "S"), platform="SIU")
    for table in DRAWN_ANEW:
        yield from wall(table, SHARED, **dict.fromkeys(READERS, "S"), platform="SIUD")
    yield from _platform_tables()
    yield from _people()
    yield from _cylinders()
    yield from _records()
    yield from _traffic()
    for table in HISTORY:
        yield from append_only(table)


def _platform_tables() -> Iterator[str]:
    yield from wall(
        "tenant", "id", tenant="SU", device="S", worker="SU", regulator="S", inspector="S", platform="SIU"
    )
    yield from reader("tenant")
    yield from wall("authority", platform="SIU")
    for plane in (Plane.REGULATOR, Plane.INSPECTOR):
        yield from grants("authority", plane.role, "S")
        yield from policy("authority", plane.role, "S", "jurisdiction = (SELECT gas.current_jurisdiction())")
    for table in ("licence", "medium_code"):
        yield from wall(
            table, tenant="SIU", device="S", worker="SIU", regulator="S", inspector="S", platform="SIU"
        )


def _people() -> Iterator[str]:
    yield from wall("account", tenant=f"S({ACCOUNT_OPEN})", platform="SIU")
    yield from reader("account")
    yield from wall("web_session")
    yield from reader("web_session")
    yield from wall("staff", tenant="SIU", worker="SIU", device="S(tenant_id,id,code,kinds,left_on)",
                    regulator="S(tenant_id,id,code,name,kinds,left_on)", inspector="S(tenant_id,id,code,name,kinds,left_on)")  # fmt: skip
    yield from wall("certificate", tenant="SIU", worker="SIU", device="S", regulator="S", inspector="S")


def _cylinders() -> Iterator[str]:
    yield from wall("cylinder", tenant="SIU", worker="SIU", device="S", regulator="S", inspector="S")
    for table in ("label", "label_run"):
        yield from wall(table, tenant="SIU", worker="SIU", device="S", regulator="S", inspector="S")
    yield from wall("label_issue", tenant="SI", worker="SI", regulator="S", inspector="S")
    yield from wall("assay", tenant="SI", worker="SI", device="S", regulator="S", inspector="S")
    yield from wall("device", tenant="SIU", worker="SU", device="S(tenant_id,id,name,role,revoked_at) U(last_seen_at)",
                    regulator="S(tenant_id,id,name,role,created_at,last_seen_at,revoked_at)",
                    inspector="S(tenant_id,id,name,role,created_at,last_seen_at,revoked_at)")  # fmt: skip
    yield from reader("device")


def _records() -> Iterator[str]:
    for table in ("fill", "fill_check", "violation", "trace_event"):
        yield from wall(table, tenant="SI", worker="SI", device="S", regulator="S", inspector="S")
    yield from wall("daily_total", tenant="SIU", worker="SIU", regulator="S", inspector="S")
    yield from wall(
        "audit", tenant="SI", worker="SI", device="I", regulator="I", inspector="I", platform="SI"
    )
    yield from reader("audit")


def _traffic() -> Iterator[str]:
    yield from wall("upload", tenant="S", device="SI", worker="S U(state,due_at,done_at,problem)",
                    relay="S(tenant_id,id,state,due_at,attempts,received_at) U(state,due_at,attempts)")  # fmt: skip
    yield from wall("device_event", tenant="S", device="SI", worker="SU")
    yield from wall("outbox", tenant="I", device="I", worker="I", platform="I",
                    relay="S(tenant_id,id,kind,subject_id,created_at,relayed_at) U(relayed_at) D")  # fmt: skip
    yield from reader("outbox")
    yield from wall("cache_epoch", SHARED, device="S", worker="S", tenant="S", platform="SU", relay="SIU")


def upgrade() -> None:
    """Raise them all."""
    run(walls())


def downgrade() -> None:
    """There is no way back to a schema without walls."""
    raise RuntimeError("the walls stay; restore a backup instead")
