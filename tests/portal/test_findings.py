"""An inspector stops a cylinder and lets it go again; its enterprise is told and lifts nothing; nobody else knows of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert

from tenants.models import TraceEvent
from tenants.rules.states import Role
from tests.cast import (
    INSPECTOR_OF_A,
    INSPECTOR_OF_BOTH,
    REGULATOR_OF_A,
    REGULATOR_OF_BOTH,
    A,
    B,
)
from tests.databases import Database
from tests.portal.conftest import Browser

Enter = Callable[[str], Browser]
HERS, THEIRS = A.cylinder_id("never_filled"), B.cylinder_id("never_filled")
FORBIDDEN = "监察员已责令停止充装"
LINK = re.compile(r'href="(/[a-z]+/findings/[0-9a-f-]{36})"')


def page(cylinder: object, desk: str = "inspector") -> str:
    return f"/{desk}/cylinders/{cylinder}"


def decide(browser: Browser, cylinder: object, **fields: object) -> int:
    """Enter a finding, usually an order to stop."""
    to = f"{page(cylinder)}/findings"
    sent = {"hazard": "1", "disposition": "stop", "words": "检验标记模糊", "client_ref": uuid4(), **fields}
    return browser.submit(to, "/account", **sent).status_code


def lift(browser: Browser, cylinder: object, words: str = "复查合格") -> int:
    return browser.submit(f"{page(cylinder)}/lift", "/account", words=words, client_ref=uuid4()).status_code


@pytest.fixture
def enter(own_app: Flask, own_database: Database) -> Enter:
    def sign_in(username: str) -> Browser:
        browser: Browser = own_app.test_client()  # type: ignore[assignment]
        assert browser.sign_in(username).status_code == 303
        return browser

    return sign_in


def test_what_was_found_is_seen_by_whom_it_concerns(enter: Enter) -> None:
    inspector = enter(INSPECTOR_OF_BOTH.username)
    assert decide(inspector, HERS) == 303
    assert FORBIDDEN in inspector.get(page(HERS)).text
    manager, regulator = enter(A.username(Role.ADMIN)), enter(REGULATOR_OF_A.username)
    for browser, archive, desk in (
        (manager, f"/enterprise/cylinders/{HERS}", "enterprise"),
        (regulator, page(HERS, "authority"), "authority"),
    ):
        shown = browser.get(archive).text
        assert FORBIDDEN in shown
        assert "责令停用" in shown
        assert "检验标记模糊" in browser.get(f"/{desk}/findings?standing=stands").text
        one = LINK.search(shown)
        assert one is not None
        assert "检验标记模糊" in browser.get(one[1]).text
    assert "请勿使用" in manager.get(f"/L?id={A.code('never_filled')}").text
    stranger = enter(B.username(Role.ADMIN))
    assert "检验标记模糊" not in stranger.get("/enterprise/findings").text
    assert (
        stranger.get(LINK.search(manager.get("/enterprise/findings?standing=stands").text)[1]).status_code
        == 404
    )


def test_what_stands_is_lifted_with_a_reason_and_by_its_own_office(enter: Enter) -> None:
    both, below = enter(INSPECTOR_OF_BOTH.username), enter(INSPECTOR_OF_A.username)
    assert decide(both, HERS) == 303
    assert lift(below, HERS) == 403
    assert "只能由该机关或其上级解除" in below.get(page(HERS)).text
    assert lift(both, HERS, words="") == 400
    assert FORBIDDEN in both.get(page(HERS)).text
    assert lift(both, HERS) == 303
    assert FORBIDDEN not in both.get(page(HERS)).text
    assert "复查合格" in both.get(page(HERS)).text
    assert lift(both, HERS) == 409
    assert "复查合格" in both.get("/inspector/findings?standing=lifting").text
    assert "检验标记模糊" in both.get("/inspector/findings?standing=ended").text
    assert "检验标记模糊" not in both.get("/inspector/findings?standing=stands").text


def test_said_twice_it_is_kept_once(enter: Enter) -> None:
    inspector, ref = enter(INSPECTOR_OF_BOTH.username), uuid4()
    assert [decide(inspector, HERS, client_ref=ref) for _ in range(2)] == [303, 303]
    told = inspector.get("/inspector/findings/export.csv?standing=stands").data.decode("utf-8-sig")
    assert len(told.strip().splitlines()) == 2


def test_a_form_that_is_no_good_says_so_and_loses_nothing(enter: Enter) -> None:
    inspector = enter(INSPECTOR_OF_BOTH.username)
    to = f"{page(HERS)}/findings"
    for fields, said in (
        ({"words": "长" * 501}, "不能超过 500 个字"),
        ({"hazard": "250"}, "请从列表中选择"),
        ({"hazard": ""}, "必填"),
        ({"disposition": "lifted"}, "请从列表中选择"),
    ):
        sent = {"hazard": "1", "disposition": "stop", "words": "底座锈穿", "client_ref": uuid4(), **fields}
        answer = inspector.submit(to, "/account", **sent)
        assert answer.status_code == 400, fields
        assert said in answer.text
        assert sent["words"] in answer.text
    assert FORBIDDEN not in inspector.get(page(HERS)).text
    assert inspector.submit(to, "/account", hazard="1", disposition="stop", client_ref="x").status_code == 400


def test_another_district_is_another_world(enter: Enter) -> None:
    near, regulator = enter(INSPECTOR_OF_A.username), enter(REGULATOR_OF_A.username)
    assert decide(near, THEIRS) == 404
    assert lift(near, THEIRS) == 404
    assert near.get(page(THEIRS)).status_code == 404
    assert regulator.get(page(THEIRS, "authority")).status_code == 404
    assert B.mark not in regulator.get("/authority/findings").text
    assert B.mark in enter(REGULATOR_OF_BOTH.username).get("/authority/findings").text
    sought = near.get(f"/inspector/cylinders?q={B.code('good')}")
    assert "辖区内没有这只气瓶" in sought.text


def test_only_an_inspector_decides(enter: Enter) -> None:
    for username in (REGULATOR_OF_BOTH.username, A.username(Role.ADMIN)):
        browser = enter(username)
        assert decide(browser, HERS) == 403
        assert lift(browser, HERS) == 403


def test_a_cylinder_is_found_by_its_label_and_by_its_number(enter: Enter) -> None:
    inspector = enter(INSPECTOR_OF_BOTH.username)
    straight = inspector.get(f"/inspector/cylinders?q={A.code('good')}")
    assert straight.location.endswith(page(A.cylinder_id("good")))
    several = inspector.get(f"/inspector/cylinders?q={A.mark}-S").text
    assert several.count("/inspector/cylinders/") >= 10


def test_filters_narrow_the_list(enter: Enter) -> None:
    both = enter(REGULATOR_OF_BOTH.username)
    for query, own, others in (
        ("district=370502", True, False),
        (f"enterprise={B.tenant_id}", False, True),
        ("hazard=7&days=7&disposition=noted", True, True),
        ("hazard=8", False, False),
        ("standing=stands", False, False),
        (f"q={A.code('good')}", True, False),
    ):
        shown = both.get(f"/authority/findings?{query}", headers={"HX-Target": "list"}).text
        assert (f"{A.mark} finding" in shown, f"{B.mark} finding" in shown) == (own, others), query


def test_the_verdict_above_the_enterprise_is_the_enterprises_own(enter: Enter) -> None:
    """In a district with several licences, each cylinder is judged by its own enterprise's."""
    above, own = enter(REGULATOR_OF_BOTH.username), enter(A.username(Role.ADMIN))
    for name in ("good", "overdue", "unregistered", "suspended"):
        row = A.cylinder_id(name)
        seen, known = above.get(page(row, "authority")).text, own.get(f"/enterprise/cylinders/{row}").text
        boxes = [re.findall(r'<div class="verdict.*?</div></div>', text, re.S) for text in (seen, known)]
        assert boxes[0]
        assert boxes[0] == boxes[1]


def test_what_a_device_alone_says_is_no_finding(enter: Enter, own_database: Database) -> None:
    now, said = datetime.now(UTC), {"disposition": "lifted", "hazard": 1}
    with own_database.as_admin() as connection:
        connection.execute(
            insert(TraceEvent).inline(),
            [{"tenant_id": A.tenant_id, "event_id": uuid4(), "at": now, "received_at": now, "cylinder_id": HERS, "kind": "finding",
              "label_code": A.code("never_filled"), "from_stage": "full_stored", "to_stage": "full_stored", "detail": said}],
        )  # fmt: skip
    inspector = enter(INSPECTOR_OF_BOTH.username)
    shown = inspector.get(page(HERS)).text
    assert "监察机关没有记录" in shown
    assert "已解除" not in shown
    assert decide(inspector, HERS) == 303
    assert inspector.get(page(HERS)).text.count("监察机关没有记录") == 1
