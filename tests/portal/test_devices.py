"""The manager's page of devices: enrol by a code shown once, rename, revoke, see what is missing, decide what a revoked one sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tenants.models import Device
from tenants.queries.device_lines import state_of
from tests.cast import A, B
from tests.databases import Database
from tests.portal.conftest import Browser

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # in Shanghai
NIGHT = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seen", "revoked", "now", "state"),
    [
        (None, None, NOON, "never_seen"),
        (NOON - timedelta(hours=1), None, NOON, "active"),
        (NOON - timedelta(hours=5), None, NOON, "silent"),
        (NIGHT - timedelta(hours=5), None, NIGHT, "active"),
        (NOON, NOON, NOON, "revoked"),
    ],
)
def test_a_device_is_silent_in_working_time_only(
    seen: datetime | None, revoked: datetime | None, now: datetime, state: str
) -> None:
    assert state_of(Device(last_seen_at=seen, revoked_at=revoked), now) == state


def test_a_token_is_shown_once_as_a_picture(own_admin: Browser) -> None:
    shown = own_admin.submit(
        "/enterprise/devices/enrol", "/enterprise/devices/enrol", role="driver", name="PDA-1"
    )
    assert shown.status_code == 200
    assert shown.headers["Cache-Control"] == "no-store"
    assert "data:image/svg+xml;base64," in shown.text
    assert re.search(r"/handheld/#enrol=[\w-]{22}", shown.text)
    assert "#enrol=" not in own_admin.get("/enterprise/devices").text
    wrong = own_admin.submit("/enterprise/devices/enrol", "/enterprise/devices/enrol", role="regulator")
    assert wrong.status_code == 400


def test_a_device_is_listed_renamed_and_revoked_with_a_reason(own_admin: Browser) -> None:
    row = str(A.uuid(40))
    page = "/enterprise/devices"
    assert A.mark in own_admin.get(page).text
    asked = f"{page}/do/rename?id={row}"
    assert own_admin.submit(f"{page}/do/rename", asked, id=row, name="PDA-17").status_code == 303
    assert "PDA-17" in own_admin.get(page).text
    assert (
        own_admin.submit(f"{page}/do/revoke", f"{page}/do/revoke?id={row}", id=row, reason="遗失").status_code
        == 303
    )
    assert "遗失" in own_admin.get(page).text
    assert own_admin.get(f"{page}/do/revoke?id={B.uuid(40)}").status_code == 404


def test_what_a_revoked_device_sent_is_decided_with_a_reason(
    own_admin: Browser, own_database: Database
) -> None:
    with own_database.as_admin() as connection:
        connection.execute(text("UPDATE gas.device SET revoked_at = now()"))
        connection.execute(text("UPDATE gas.device_event SET state = 'pending', code = 'device_revoked'"))
    assert "待决定" in own_admin.get("/enterprise/devices").text
    to, page = "/enterprise/devices/held", "/enterprise/devices"
    mine, others = str(A.uuid(91)), str(B.uuid(91))
    assert own_admin.submit(to, page, id=mine, decision="accept", reason="").status_code == 400
    assert own_admin.submit(to, page, id="x", decision="accept", reason="x").status_code == 400
    assert own_admin.submit(to, page, id=others, decision="accept", reason="x").status_code == 404
    assert own_admin.submit(to, page, id=mine, decision="decline", reason="不是本单位").status_code == 303
    with own_database.as_admin() as connection:
        states = connection.execute(text("SELECT tenant_id, state, code FROM gas.device_event")).all()
    assert {(A.tenant_id, "rejected", "declined"), (B.tenant_id, "pending", "device_revoked")} <= {
        tuple(row) for row in states
    }
