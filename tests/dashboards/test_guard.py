"""Nobody but an authority is told anything, and an authority nothing but its own district, whatever the callback is sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from dashboards.pages import PAGES
from portal.guard import permission_of
from tenants.permissions import Permission
from tenants.rules.states import Role
from tests.cast import INSPECTOR_OF_BOTH, REGULATOR_OF_A, REGULATOR_OF_BOTH, A, B
from tests.dashboards.conftest import ask, question, told
from tests.portal.conftest import Browser

SignIn = Callable[[str], Browser]
CALLBACK = "/dashboards/_dash-update-component"
NINE = B.district + B.enterprise


def test_every_address_is_guarded(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/dashboards")]
    assert len(rules) > len(PAGES)
    assert {permission_of(app, rule.endpoint) for rule in rules} == {Permission.DASHBOARDS_READ}
    assert not [rule.rule for rule in rules if "mcp" in rule.rule or "ws" in rule.rule.split("/")]


def test_every_server_callback_names_its_permission(app: Flask) -> None:
    view = app.view_functions[CALLBACK]
    cells = dict(
        zip(view.__code__.co_freevars, (cell.cell_contents for cell in view.__closure__), strict=True)
    )
    callbacks = [one["callback"] for one in cells["framed"].callback_map.values() if one.get("callback")]
    assert callbacks
    assert all(getattr(one, "permission", None) is Permission.DASHBOARDS_READ for one in callbacks)


def test_a_stranger_is_sent_to_sign_in_and_a_strange_callback_is_refused(app: Flask) -> None:
    browser = app.test_client()
    for path in (
        "",
        "overview",
        "_dash-layout",
        "_dash-dependencies",
        "geo/370502.json",
        "assets/dashboards.js",
    ):
        answer = browser.get(f"/dashboards/{path}")
        assert (answer.status_code, "/login" in answer.headers["Location"]) == (303, True), path
    assert browser.post(CALLBACK, json=question("overview")).status_code == 401


@pytest.mark.parametrize("username", [A.username(Role.ADMIN), INSPECTOR_OF_BOTH.username])
def test_other_roles_stay_outside(signed_in: SignIn, username: str) -> None:
    browser = signed_in(username)
    for path in ("overview", "_dash-layout", "geo/370502.json", "_dash-component-suites/dash/deps/x.js"):
        assert browser.get(f"/dashboards/{path}").status_code == 403, path
    token = browser.token("/account")
    answer = browser.post(CALLBACK, json=question("overview"), headers={"X-CSRFToken": token})
    assert answer.status_code == 403


def test_a_callback_without_the_token_is_refused(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    assert browser.post(CALLBACK, json=question("overview")).status_code == 400
    assert ask(browser, "overview").status_code == 200


@pytest.mark.parametrize("page", [page.key for page in PAGES])
@pytest.mark.parametrize(
    "search", ["", f"?d={B.district}", f"?d={NINE}", "?d=37", "?d=%00", "?days=x&m='--&p=-1"]
)
def test_an_authority_sees_its_own_district_alone(signed_in: SignIn, page: str, search: str) -> None:
    said = told(ask(signed_in(REGULATOR_OF_A.username), page, search))
    assert not [mark for mark in B.marks if mark in said]


def test_the_city_sees_both_and_can_narrow(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_BOTH.username)
    everything = told(ask(browser, "enterprises"))
    assert A.mark in everything
    assert B.mark in everything
    assert "113" in told(ask(browser, "fills"))
    for district in (A.district, A.district + A.enterprise):
        narrowed = told(ask(browser, "enterprises", f"?d={district}"))
        assert A.mark in narrowed
        assert B.mark not in narrowed


def test_the_shapes_of_another_district_are_nowhere(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    assert browser.get("/dashboards/geo/370502.json").get_json()["features"][0]["id"] == "370502"
    for other in ("370503", "999999", "37050x", "370500"):
        assert browser.get(f"/dashboards/geo/{other}.json").status_code == 404
    city = signed_in(REGULATOR_OF_BOTH.username).get("/dashboards/geo/370500.json")
    assert [one["id"] for one in city.get_json()["features"]] == ["370502", "370503"]
    assert "private" in city.headers["Cache-Control"]


def broken(**changes: Any) -> dict[str, Any]:
    return {**question("overview"), **changes}


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        broken(output="nothing.children"),
        broken(output=None),
        broken(inputs=[]),
        broken(inputs=[{"id": "asked"}]),
        broken(inputs=[7]),
        broken(outputs=[]),
        broken(outputs={"id": "asked", "property": "data"}),
        broken(state=[{"id": "x", "property": "y"}]),
        broken(changedPropIds=["other.data"]),
        broken(inputs=[{"id": "asked", "property": "data", "value": "no"}]),
        broken(inputs=[{"id": "asked", "property": "data", "value": {"path": "/dashboards/none"}}]),
    ],
)  # fmt: skip
def test_what_no_browser_would_send_is_a_bad_request(signed_in: SignIn, body: Any) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    browser.get("/dashboards/overview")
    token = browser.get_cookie("_csrf_token", path="/dashboards/")
    assert token is not None
    answer = browser.post(CALLBACK, json=body, headers={"X-CSRFToken": token.value})
    assert answer.status_code == 400


def test_unknown_pages_and_files_are_not_found(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    for path in (
        "nothing",
        "overview/x",
        "assets/none.js",
        "_dash-component-suites/os/path.js",
        "_dash-component-suites/dash/../x.js",
    ):
        assert browser.get(f"/dashboards/{path}").status_code == 404, path
    assert browser.get("/dashboards/").headers["Location"] == "/dashboards/overview"


def test_the_policy_is_wider_here_and_nowhere_else(signed_in: SignIn) -> None:
    browser = signed_in(REGULATOR_OF_A.username)
    here = browser.get("/dashboards/overview").headers["Content-Security-Policy"]
    assert "'sha256-" in here
    assert "script-src 'self' 'unsafe-inline'" not in here
    assert "unsafe-eval" not in here
    assert "unsafe-inline" not in browser.get("/authority").headers["Content-Security-Policy"]


def test_the_layout_says_nothing_about_anybody(signed_in: SignIn) -> None:
    one = signed_in(REGULATOR_OF_A.username).get("/dashboards/_dash-layout").data
    assert one == signed_in(REGULATOR_OF_BOTH.username).get("/dashboards/_dash-layout").data
