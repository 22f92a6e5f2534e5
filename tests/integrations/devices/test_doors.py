"""Who may call, how often, and what an error looks like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from integrations.devices import api
from integrations.devices.budget import Budget
from integrations.devices.problems import Problem
from tenants import scope
from tenants.permissions import Actor
from tenants.rules.states import Role
from tenants.services.devices import issue_token, revoke_device
from tests.cast import A
from tests.databases import Database
from tests.integrations.devices.gateway import Gateway, event

LIBRARIAN = Actor(role=Role.ADMIN, tenant_id=A.tenant_id, username="za-admin")
CALLS: list[Callable[[Gateway], Any]] = [
    lambda g: g.post("/verdicts", {"label": A.code("good")}),
    lambda g: g.post("/events", {"events": [event()]}),
    lambda g: g.get(f"/uploads/{A.uuid(90)}"),
]


def without_number(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request_id"}


@pytest.mark.parametrize("call", CALLS)
def test_no_token_an_unknown_one_and_a_revoked_one_look_the_same(
    app: Flask, call: Callable[[Gateway], Any]
) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        issued = issue_token(session, LIBRARIAN, Role.FILLER)
        revoke_device(session, LIBRARIAN, issued.device_id)
    answers = [
        call(Gateway(app.test_client(), token))
        for token in ("", "never-was-a-token", issued.token, "x", "ü" * 20, "a b c d e f g")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {'Bearer realm="devices"'}
    assert all(answer.mimetype == "application/problem+json" for answer in answers)
    assert [without_number(answer.get_json()) for answer in answers] == [
        {
            "type": "about:blank",
            "title": "The token is missing, unknown or revoked",
            "status": 401,
            "code": "bad_token",
        }
    ] * len(answers)


def test_a_token_in_another_scheme_or_twice_is_no_token(app: Flask) -> None:
    client = app.test_client()
    for header in (
        f"Basic {A.token}",
        A.token,
        f"Bearer {A.token}, Bearer {A.token}",
        "Bearer",
        f"Bearer\t{A.token}",
    ):
        answer = client.post("/api/devices/v1/verdicts", json={}, headers={"Authorization": header})
        assert answer.status_code == 401, header


def test_a_role_without_the_right_is_told_so(app: Flask) -> None:
    with scope.tenant_scope(A.tenant_id) as session:
        driver = Gateway(app.test_client(), issue_token(session, LIBRARIAN, Role.DRIVER).token)
    answer = driver.post("/verdicts", {"label": A.code("good")})
    assert (answer.status_code, answer.get_json()["code"]) == (403, "not_allowed")
    assert driver.upload(event())["accepted"] == 1


def test_problems_are_in_the_language_asked_for(stranger: Gateway) -> None:
    chinese = stranger.get("/uploads/1", **{"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.1"})
    assert chinese.get_json()["title"] == "缺少令牌，或令牌无效、已吊销"
    assert chinese.headers["Content-Language"] == "zh"
    assert stranger.get("/uploads/1", **{"Accept-Language": "fr"}).headers["Content-Language"] == "zh"


def test_every_answer_is_kept_by_nobody(gateway: Gateway) -> None:
    assert gateway.get("/uploads/1").headers["Cache-Control"] == "no-store"
    assert gateway.post("/verdicts", {"label": A.code("good")}).headers["Cache-Control"] == "no-store"


def test_more_calls_than_the_limit_come_back_later_and_lose_nothing(
    app: Flask, gateway: Gateway, other: Gateway
) -> None:
    whole = app.extensions["device_budget"]
    app.extensions["device_budget"] = Budget(app.config["SETTINGS"].redis_url, per_second=1)
    try:
        kept = [event(seq=number) for number in range(15)]
        answers = [gateway.post("/events", {"events": [one]}) for one in kept]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert 1 <= len(refused) <= 5
        assert all(1 <= int(answer.headers["Retry-After"]) <= 10 for answer in refused)
        assert {answer.get_json()["code"] for answer in refused} == {"too_many"}
        assert (
            gateway.post("/verdicts", {"label": A.code("good")}).status_code == 200
        )  # has a budget of its own
        assert other.upload(event())["accepted"] == 1  # so has the other enterprise
    finally:
        app.extensions["device_budget"] = whole
    again = gateway.upload(*kept)
    assert (again["accepted"], again["duplicates"]) == (len(refused), 15 - len(refused))


def test_calls_are_counted_while_redis_is_away() -> None:
    budget = Budget("unix:///nowhere/redis.sock", per_second=1)
    turned_away = 0
    for _ in range(21):  # at most two windows of ten
        try:
            budget.spend(1, "uploads")
        except Problem:
            turned_away += 1
    assert turned_away >= 1
    budget.spend(2, "uploads")


@pytest.mark.parametrize("call", CALLS)
def test_without_the_database_nothing_is_accepted(
    app: Flask, gateway: Gateway, monkeypatch: pytest.MonkeyPatch, call: Callable[[Gateway], Any]
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("SELECT 1", {}, Exception("could not extend file: No space left on device"))

    monkeypatch.setattr("integrations.devices.auth.find_caller", away)
    answer = call(gateway)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "space" not in answer.text


def test_a_disk_that_fills_up_at_the_last_moment_is_no_202(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    sent = event()
    monkeypatch.setattr(api, "crash_point", full)
    assert gateway.post("/events", {"events": [sent]}).status_code == 503
    monkeypatch.undo()
    assert gateway.upload(sent)["accepted"] == 1  # nothing was there


def seen(stage: Database) -> Any:
    with stage.stage() as connection:
        return connection.scalar(
            text("SELECT last_seen_at FROM gas.device WHERE id = :id"), {"id": A.uuid(40)}
        )


def test_a_device_is_seen_at_most_once_a_minute(
    gateway: Gateway, stage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.devices.auth._seen", {})
    with stage.as_admin() as connection:
        connection.execute(text("UPDATE gas.device SET last_seen_at = NULL"))
    gateway.verdict(label=A.code("good"))
    first = seen(stage)
    assert first is not None
    gateway.verdict(label=A.code("good"))
    assert seen(stage) == first


def test_being_seen_never_holds_a_call_up(
    gateway: Gateway, stage: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.devices.auth._seen", {})
    with stage.as_admin() as connection:
        connection.execute(text("UPDATE gas.device SET last_seen_at = NULL"))
    with stage.stage() as holding:
        holding.execute(text("SELECT 1 FROM gas.device WHERE id = :id FOR UPDATE"), {"id": A.uuid(40)})
        assert gateway.verdict(label=A.code("good"))["verdict"] == "block"


def test_the_clock_needs_no_token(stranger: Gateway) -> None:
    assert stranger.get("/time").get_json()["server_time"].endswith("Z")


def test_a_wrong_method_or_address_is_a_problem_too(gateway: Gateway) -> None:
    assert gateway.get("/verdicts").status_code == 405
    assert gateway.get("/nothing").status_code == 404
    for path in ("/verdicts", "/nothing"):
        assert gateway.get(path).mimetype == "application/problem+json"
