"""The PIN by which a worker signs in on devices: his own from the account page, anybody's by the manager, nobody's across the wall."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from tenants.rules.states import Role
from tenants.services import passwords
from tests.cast import A, B
from tests.databases import Database
from tests.portal.conftest import Browser

PIN = "2580"


def pin_of(database: Database, staff_code: str) -> str | None:
    with database.as_admin() as connection:
        found: str | None = connection.scalar(
            text(
                "SELECT pin_hash FROM gas.staff_pin p JOIN gas.staff s ON s.tenant_id = p.tenant_id AND s.id = p.id"
                " WHERE s.code = :code"
            ),
            {"code": staff_code},
        )
    return found


def test_a_worker_sets_and_changes_the_own_pin(own_client: Browser, own_database: Database) -> None:
    own_client.sign_in(A.username(Role.FILLER))
    for pin in (PIN, "97531"):
        assert own_client.submit("/account/pin", "/account", pin=pin, pin_repeated=pin).status_code == 303
        assert passwords.matches(pin_of(own_database, f"{A.mark}filler"), pin)


@pytest.mark.parametrize(
    ("pin", "repeated", "said"),
    [(PIN, "2581", "不一致"), ("1234", "1234", "连续"), ("25a0", "25a0", "4 至 8 位")],
)
def test_a_pin_that_is_no_good_is_said_so(
    own_client: Browser, own_database: Database, pin: str, repeated: str, said: str
) -> None:
    own_client.sign_in(A.username(Role.FILLER))
    own_client.submit("/account/pin", "/account", pin=pin, pin_repeated=repeated)
    assert said in own_client.get("/account").text
    assert pin_of(own_database, f"{A.mark}filler") is None


def test_the_manager_sees_who_has_a_pin_and_resets_one(own_admin: Browser, own_database: Database) -> None:
    row, page = str(A.uuid(11)), "/enterprise/staff"
    assert "未设置" in own_admin.get(page).text
    assert B.mark not in own_admin.get(page).text
    asked = f"{page}/do/pin?id={row}"
    assert own_admin.submit(f"{page}/do/pin", asked, id=row, pin="1111").status_code == 400
    assert own_admin.submit(f"{page}/do/pin", asked, id=row, pin=PIN).status_code == 303
    assert "已设置" in own_admin.get(f"{page}?pin=set").text
    with own_database.as_admin() as connection:
        hashed = connection.scalar(text("SELECT pin_hash FROM gas.staff_pin WHERE id = :id"), {"id": row})
    assert passwords.matches(hashed, PIN)


def test_nobody_resets_a_pin_across_the_wall(own_admin: Browser, own_database: Database) -> None:
    page, others = "/enterprise/staff", str(B.uuid(11))
    assert own_admin.get(f"{page}/do/pin?id={others}").status_code == 404
    sent = own_admin.submit(f"{page}/do/pin", f"{page}/do/pin?id={A.uuid(11)}", id=others, pin=PIN)
    assert sent.status_code == 404
    with own_database.as_admin() as connection:
        assert (
            connection.scalar(text("SELECT count(*) FROM gas.staff_pin WHERE id = :id"), {"id": others}) == 0
        )


NEW = {
    "code": "F77",
    "name": "新来的",
    "kinds": "充装、检查",
    "certificate_no": "T-77",
    "certified_until": "2031-05-12",
}


def test_the_manager_enters_a_worker_who_leaves_and_comes_back(
    own_admin: Browser, own_database: Database
) -> None:
    page = "/enterprise/staff"
    refused = own_admin.submit(f"{page}/new", f"{page}/new", **{**NEW, "certified_until": "2031-05"})
    assert refused.status_code == 400
    assert "填到日" in refused.text
    assert own_admin.submit(f"{page}/new", f"{page}/new", **NEW).status_code == 303
    assert own_admin.submit(f"{page}/new", f"{page}/new", **NEW).status_code in (400, 409)
    with own_database.as_admin() as connection:
        person = connection.execute(
            text(
                "SELECT s.id, s.kinds, s.tenant_id, c.item, c.expires_on::text FROM gas.staff s JOIN gas.certificate c"
                " ON c.tenant_id = s.tenant_id AND c.staff_id = s.id WHERE s.code = 'F77'"
            )
        ).one()
    assert tuple(person)[1:] == (["充装", "检查"], A.tenant_id, "P", "2031-05-12")
    for deed, gone in (("leave", True), ("return", False)):
        asked = f"{page}/do/{deed}?id={person.id}"
        assert own_admin.submit(f"{page}/do/{deed}", asked, id=str(person.id)).status_code == 303
        with own_database.as_admin() as connection:
            left = connection.scalar(text("SELECT left_on FROM gas.staff WHERE code = 'F77'"))
        assert (left is not None) is gone


def test_nobody_sends_away_a_worker_across_the_wall(own_admin: Browser, own_database: Database) -> None:
    page, others = "/enterprise/staff", str(B.uuid(11))
    sent = own_admin.submit(f"{page}/do/leave", f"{page}/do/leave?id={A.uuid(11)}", id=others)
    assert sent.status_code == 404
    with own_database.as_admin() as connection:
        assert connection.scalar(text("SELECT left_on FROM gas.staff WHERE id = :id"), {"id": others}) is None


def test_only_the_manager_opens_the_page_of_workers(own_client: Browser) -> None:
    own_client.sign_in(A.username(Role.FILLER))
    assert own_client.get("/enterprise/staff").status_code == 403
