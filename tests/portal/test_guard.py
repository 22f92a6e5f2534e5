"""Who may enter: asked of every view that the running portal has."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from portal import guard
from tenants.permissions import GRANTS, OPEN, Permission, needs
from tenants.planes import Plane
from tenants.rules.states import Role
from tests import cast
from tests.portal.conftest import Browser

SOME = {"row_id": cast.A.cylinder_id("good"), "cylinder_id": cast.A.cylinder_id("good"), "action": "suspend", "kind": "csv",
        "filename": "portal.css"}  # fmt: skip
STAFF = [cast.A.username(role) for role in cast.STAFF_ROLES]
EVERYBODY = [*STAFF, cast.REGULATOR_OF_BOTH.username, cast.INSPECTOR_OF_BOTH.username, cast.OPERATOR]


def rules(app: Flask, method: str) -> list[tuple[str, Permission]]:
    """Address and permission of every page of the portal itself that takes the method."""
    found = []
    for rule in app.url_map.iter_rules():
        permission = guard.permission_of(app, rule.endpoint)
        if (
            permission is None
            or GRANTS[permission].plane in (Plane.DEVICE, Plane.PUBLIC)
            or method not in rule.methods
        ):
            continue
        if set(rule.arguments) <= set(SOME):
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: SOME[name] for name in rule.arguments})
            found.append((address.removeprefix("http://localhost"), permission))
    return found


def test_every_view_names_a_permission(app: Flask) -> None:
    unnamed = [
        rule.endpoint for rule in app.url_map.iter_rules() if guard.permission_of(app, rule.endpoint) is None
    ]
    assert unnamed == []


def test_a_view_without_a_permission_is_shut(own_app: Flask) -> None:
    own_app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = own_app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_an_anonymous_visitor_is_sent_to_sign_in_from_every_closed_page(app: Flask) -> None:
    for address, permission in rules(app, "GET"):
        answer = app.test_client().get(address)
        if permission not in OPEN:
            assert answer.status_code == 303, address
            assert answer.headers["Location"].startswith("/login"), address


@pytest.mark.parametrize("username", EVERYBODY)
def test_a_role_sees_exactly_its_own_pages(
    app: Flask, signed_in: Callable[[str], Browser], username: str
) -> None:
    browser = signed_in(username)
    role = next((role for role in cast.STAFF_ROLES if username == cast.A.username(role)), None) or {
        cast.REGULATOR_OF_BOTH.username: Role.REGULATOR, cast.INSPECTOR_OF_BOTH.username: Role.INSPECTOR, cast.OPERATOR: Role.OPERATOR,
    }[username]  # fmt: skip
    for address, permission in rules(app, "GET"):
        if permission in OPEN:
            continue
        status = browser.get(address).status_code
        assert (status == 403) == (role not in GRANTS[permission].roles), f"{username} {address}: {status}"


def test_no_form_is_taken_without_its_token(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    taken = rules(app, "POST")
    assert len(taken) >= 9
    for address, permission in taken:
        roles = GRANTS[permission].roles
        username = next(
            (
                name
                for name in EVERYBODY
                if permission in OPEN
                or any(name.endswith(role.value) for role in roles)
                or (Role.REGULATOR in roles and name == cast.REGULATOR_OF_BOTH.username)
                or (Role.INSPECTOR in roles and name == cast.INSPECTOR_OF_BOTH.username)
            ),
            ADMIN,
        )
        browser = signed_in(username)
        for sent in ({}, {"csrf_token": "made-up"}):
            answer = browser.post(address, data=sent)
            assert answer.status_code == 400, address
            assert "页面停留过久" in answer.text, address


ADMIN = cast.A.username(Role.ADMIN)


def test_a_token_of_another_session_is_not_taken(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    one, two = signed_in(ADMIN), signed_in(ADMIN)
    answer = two.post("/preferences", data={"csrf_token": one.token("/account"), "locale": "en"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "address",
    ["/enterprise/cylinders/{id}", "/enterprise/cylinders/{id}/edit", "/enterprise/cylinders/do/suspend?id={id}",
     "/enterprise/labels/do/void?id={id}"],
)  # fmt: skip
def test_another_enterprise_s_things_look_like_none(
    signed_in: Callable[[str], Browser], address: str
) -> None:
    browser = signed_in(ADMIN)
    other = cast.B.label_id("good") if "labels" in address else cast.B.cylinder_id("good")
    theirs, nothing = (browser.get(address.format(id=wanted)) for wanted in (other, uuid4()))
    assert theirs.status_code == nothing.status_code == 404
    assert theirs.text == nothing.text


def test_another_enterprise_s_cylinder_can_t_be_changed(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in(ADMIN)
    other = cast.B.cylinder_id("good")
    assert (
        browser.submit("/enterprise/cylinders/do/scrap", "/account", id=other, reason="x").status_code == 404
    )
    assert (
        browser.submit(
            f"/enterprise/cylinders/{other}/edit", "/account", row_version=1, serial_no="x"
        ).status_code
        == 404
    )


def test_no_mark_of_the_other_enterprise_is_on_any_page(
    app: Flask, signed_in: Callable[[str], Browser]
) -> None:
    browser = signed_in(ADMIN)
    for address, permission in rules(app, "GET"):
        if permission in OPEN or Role.ADMIN not in GRANTS[permission].roles:
            continue
        page = browser.get(address).text
        for mark in cast.B.marks:
            assert mark not in page, f"{mark} on {address}"


def test_a_view_that_raises_leaves_nothing_behind_and_tells_nothing(own_app: Flask) -> None:
    from flask import g

    from tenants.services.accounts import set_locale

    @needs(Permission.OWN_ACCOUNT)
    def broken() -> str:
        set_locale(g.session, g.actor, "en")
        raise RuntimeError("the secret of the house")

    own_app.add_url_rule("/broken", "broken", broken)
    browser = own_app.test_client()
    browser.sign_in(ADMIN)
    answer = browser.get("/broken")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert 'lang="zh-CN"' in browser.get("/account").text


def test_a_database_that_is_away_is_a_503_that_says_when_to_come_back(own_app: Flask) -> None:
    @needs(Permission.OPEN)
    def away() -> str:
        raise OperationalError("SELECT secret", {}, Exception("host=10.0.0.1"))

    own_app.add_url_rule("/away", "away", away)
    answer = own_app.test_client().get("/away")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "10.0.0.1" not in answer.text
    problem = own_app.test_client().get("/away", headers={"Accept": "application/json"})
    assert problem.mimetype == "application/problem+json"
    assert problem.json["code"] == "unavailable"
    assert problem.json["status"] == 503


@pytest.mark.parametrize("path", ["/account?x=%00", "/enterprise/cylinders?q=%00", "/login?next=%00"])
def test_a_nul_in_an_address_is_a_bad_request(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 400


def test_every_answer_carries_the_headers_of_the_house(client: Browser) -> None:
    for path in ("/login", "/nowhere", "/healthz", "/static/portal.css"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "Strict-Transport-Security" not in headers


def test_a_page_has_no_script_or_style_inside(app: Flask, signed_in: Callable[[str], Browser]) -> None:
    import re

    for username in (ADMIN, cast.REGULATOR_OF_BOTH.username, cast.OPERATOR):
        browser = signed_in(username)
        for address, _ in rules(app, "GET"):
            page = browser.get(address)
            if page.mimetype == "text/html" and not address.startswith("/api/"):
                allowed = set(re.findall(r"'sha256-([^']+)'", page.headers["Content-Security-Policy"]))
                own = re.sub(
                    r"<(script|style)([^>]*)>(.*?)</\1>",
                    lambda inline, allowed=allowed: (
                        "" if is_let_be(*inline.groups()[1:], allowed) else inline[0]
                    ),
                    page.text,
                    flags=re.DOTALL,
                )
                assert not re.search(
                    r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", own
                ), address


def is_let_be(attributes: str, content: str, allowed: set[str]) -> bool:
    """Data that nobody runs, or one of the few scripts and styles that the page's policy names by their hash."""
    hashed = b64encode(sha256(content.encode()).digest()).decode()
    return 'type="application/json"' in attributes or hashed in allowed
