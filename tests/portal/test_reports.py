"""Reports in the portal: the officer takes, decides and answers; the enterprise replies; the phone is the officer's alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from tenants.rules.reports import phone_name
from tenants.rules.states import Role
from tenants.vault import Vault
from tests.cast import INSPECTOR_OF_A, INSPECTOR_OF_BOTH, REGULATOR_OF_A, REGULATOR_OF_BOTH, A, B
from tests.databases import Database
from tests.portal.conftest import Browser

Enter = Callable[[str], Browser]
HERS, THEIRS, HIDDEN = A.uuid(88), B.uuid(88), UUID(int=7)
PHONE = "13800000000"


@pytest.fixture
def enter(own_app: Flask, own_database: Database) -> Enter:
    vault = Vault.of(own_database.settings)
    with own_database.as_admin() as connection:
        for e in (A, B):
            sealed = vault.seal(phone_name(e.ticket[:14]), PHONE.encode())
            connection.execute(
                text("UPDATE gas.report SET phone = :sealed, photo = '\\xffd8' WHERE id = :id"),
                {"sealed": sealed, "id": e.uuid(88)},
            )
        connection.execute(
            text(
                "INSERT INTO gas.report (tenant_id, id, district, about, number, ticket_hash, label_code, kind, matter, words, state,"
                " received_at) VALUES (0, :id, :district, :about, '26010199999999', repeat('f', 64), :code, 'tip', 'illegal_fill',"
                " '夜里倒气', 'received', now() - interval '40 days')"
            ),
            {"id": HIDDEN, "district": A.district, "about": A.tenant_id, "code": A.code("good")},
        )

    def sign_in(username: str) -> Browser:
        browser: Browser = own_app.test_client()  # type: ignore[assignment]
        assert browser.sign_in(username).status_code == 303
        return browser

    return sign_in


def do(browser: Browser, desk: str, report: object, deed: str, **fields: Any) -> Any:
    sent = {"client_ref": uuid4(), **fields}
    return browser.submit(f"/{desk}/reports/{report}/{deed}", "/account", **sent)


@pytest.mark.parametrize(("desk", "who"), [("authority", REGULATOR_OF_A), ("inspector", INSPECTOR_OF_A)])
def test_an_officer_takes_decides_and_answers(enter: Enter, desk: str, who: Any) -> None:
    officer, citizen = enter(who.username), enter(B.username(Role.ADMIN))
    assert do(officer, desk, HERS, "decide", act="accepted", words="受理").status_code == 403
    assert do(officer, desk, HERS, "take").status_code == 303
    assert do(officer, desk, HERS, "decide", act="closed", words="不行").status_code == 409
    wrong = do(officer, desk, HERS, "decide", act="accepted", words="")
    assert (wrong.status_code, "必填" in wrong.text) == (400, True)
    for act, words in (
        ("accepted", "已受理，将上门核查"),
        ("answered", "已责令补足重量"),
        ("closed", "已办结"),
    ):
        assert do(officer, desk, HERS, "decide", act=act, words=words).status_code == 303
    told = citizen.get(f"/report/{A.ticket}").text
    for said in ("已办结", "已受理，将上门核查", "已责令补足重量", f"{A.mark} reply"):
        assert said in told
    assert "接手" not in told
    assert who.username not in told
    assert do(officer, desk, HERS, "decide", act="answered", words="再说").status_code == 409


def test_said_twice_it_is_done_once(enter: Enter) -> None:
    officer, ref = enter(REGULATOR_OF_A.username), uuid4()
    do(officer, "authority", HERS, "take")
    for _ in range(2):
        assert (
            do(
                officer, "authority", HERS, "decide", act="accepted", words="受理了", client_ref=ref
            ).status_code
            == 303
        )
    assert officer.get(f"/authority/reports/{HERS}").text.count("受理了") == 1


def test_the_phone_is_for_whoever_took_it_and_is_noted(enter: Enter, own_database: Database) -> None:
    officer, colleague = enter(REGULATOR_OF_A.username), enter(REGULATOR_OF_BOTH.username)
    assert do(officer, "authority", HERS, "phone").status_code == 403
    assert do(officer, "authority", HERS, "take").status_code == 303
    assert PHONE not in officer.get(f"/authority/reports/{HERS}").text
    assert PHONE in do(officer, "authority", HERS, "phone").text
    assert do(colleague, "authority", HERS, "phone").status_code == 403
    assert "查看电话" in colleague.get(f"/authority/reports/{HERS}").text
    with own_database.as_admin() as connection:
        noted = connection.execute(
            text("SELECT actor, subject FROM gas.audit WHERE action = 'report_phone_read'")
        ).all()
    assert noted == [(REGULATOR_OF_A.username, A.ticket[:14])]
    assert do(colleague, "authority", HERS, "take").status_code == 303
    assert do(officer, "authority", HERS, "phone").status_code == 403
    assert PHONE in do(colleague, "authority", HERS, "phone").text


def test_the_enterprise_replies_and_sees_no_phone(enter: Enter) -> None:
    manager = enter(A.username(Role.ADMIN))
    page = manager.get(f"/enterprise/reports/{HERS}")
    assert f"{A.mark} report" in page.text
    assert PHONE not in page.text
    assert "查看电话" not in page.text
    assert manager.get(f"/enterprise/reports/{HERS}/photo").headers["Content-Type"] == "image/jpeg"
    assert do(manager, "enterprise", HERS, "reply", words="已换瓶并致歉").status_code == 303
    assert "已换瓶并致歉" in enter(REGULATOR_OF_A.username).get(f"/authority/reports/{HERS}").text
    assert do(manager, "enterprise", HERS, "reply", words="长" * 1001).status_code == 400
    for deed in ("take", "decide", "phone"):
        assert do(manager, "authority", HERS, deed).status_code == 403
    assert enter(A.username(Role.FILLER)).get("/enterprise/reports").status_code == 403


def test_the_other_side_sees_nothing(enter: Enter) -> None:
    manager = enter(A.username(Role.ADMIN))
    assert manager.get(f"/enterprise/reports/{THEIRS}").status_code == 404
    assert do(manager, "enterprise", THEIRS, "reply", words="不是我们的").status_code == 404
    assert manager.get(f"/enterprise/reports/{HIDDEN}").status_code == 404
    assert "夜里倒气" not in manager.get("/enterprise/reports").text
    for desk, who in (("authority", REGULATOR_OF_A), ("inspector", INSPECTOR_OF_A)):
        near = enter(who.username)
        for path in ("", "/photo"):
            assert near.get(f"/{desk}/reports/{THEIRS}{path}").status_code == 404
        for deed in ("take", "decide", "phone"):
            assert do(near, desk, THEIRS, deed, act="accepted", words="x").status_code == 404
        assert B.mark not in near.get(f"/{desk}/reports").text
        assert "夜里倒气" in near.get(f"/{desk}/reports").text


def test_a_hidden_report_is_handled_too(enter: Enter) -> None:
    officer = enter(INSPECTOR_OF_BOTH.username)
    assert do(officer, "inspector", HIDDEN, "take").status_code == 303
    assert do(officer, "inspector", HIDDEN, "decide", act="declined", words="不在本辖区").status_code == 303
    assert "夜里倒气" in officer.get("/inspector/reports?state=declined").text


def test_filters_and_files(enter: Enter) -> None:
    both = enter(REGULATOR_OF_BOTH.username)
    for query, shown, others in (
        ("clock=late", "夜里倒气", f"{A.mark} report"),
        ("kind=complaint", f"{A.mark} report", "夜里倒气"),
        (f"district={B.district}", f"{B.mark} report", f"{A.mark} report"),
        (f"enterprise={A.tenant_id}", f"{A.mark} report", f"{B.mark} report"),
        (f"q={A.ticket[:14]}", f"{A.mark} report", f"{B.mark} report"),
        (f"q={B.code('good')}", f"{B.mark} report", f"{A.mark} report"),
        ("matter=short&state=received", f"{B.mark} report", "夜里倒气"),
    ):
        page = both.get(f"/authority/reports?{query}").text
        assert shown in page, query
        assert others not in page, query
    lines = both.get("/authority/reports/export.csv").data.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 4
    assert PHONE not in "".join(lines)
