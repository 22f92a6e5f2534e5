"""Alive, ready, measured; files from our own origin; the client's address behind a proxy."""

from __future__ import annotations

import dataclasses
import gzip

import pytest
import redis
from flask import Flask
from sqlalchemy import text

from portal import assets, create_app, health, limits
from tests import cast
from tests.databases import Database
from tests.portal.conftest import Browser


def test_alive_asks_nobody(own_app: Flask, own_database: Database) -> None:
    assert own_app.test_client().get("/healthz").json == {"status": "ok"}


def test_ready_means_database_schema_redis_and_a_worker(own_app: Flask, own_database: Database) -> None:
    browser = own_app.test_client()
    queue = redis.Redis.from_url(own_database.settings.redis_url)
    queue.delete("rq:workers")
    assert browser.get("/readyz").json == {
        "status": "not_ready",
        "database": "ok",
        "schema": "ok",
        "redis": "ok",
        "queue": "away",
    }
    queue.sadd("rq:workers", "rq:worker:w1")
    queue.set("rq:worker:w1", "1", ex=60)
    assert browser.get("/readyz").status_code == 200
    with own_database.as_admin() as connection:
        connection.execute(text("UPDATE gas.alembic_version SET version_num = '0001'"))
    late = browser.get("/readyz")
    assert late.status_code == 503
    assert late.json["schema"] == "away"
    queue.delete("rq:workers", "rq:worker:w1")


def test_a_worker_that_died_is_no_worker(own_app: Flask, own_database: Database) -> None:
    queue = redis.Redis.from_url(own_database.settings.redis_url)
    queue.delete("rq:workers")
    queue.sadd("rq:workers", "rq:worker:dead")
    assert own_app.test_client().get("/readyz").json["queue"] == "away"
    queue.delete("rq:workers")


@pytest.mark.parametrize(
    ("address", "token", "status"),
    [
        ("127.0.0.1", "", 200),
        ("203.0.113.9", "", 403),
        ("203.0.113.9", "wrong", 403),
        ("203.0.113.9", "right", 200),
    ],
)
def test_figures_are_for_this_machine_or_for_the_token(
    app: Flask, cast_database: Database, address: str, token: str, status: int
) -> None:
    given = health.metrics_token(cast_database.settings) if token == "right" else token
    answer = app.test_client().get(
        "/metrics", environ_base={"REMOTE_ADDR": address}, headers={"Authorization": f"Bearer {given}"}
    )
    assert answer.status_code == status
    assert ("portal_requests_total" in answer.text) == (status == 200)
    assert ("inbox_uploads_waiting 0.0" in answer.text) == (status == 200)


@pytest.mark.parametrize(
    "name",
    [
        *(f"vendor/{name}" for name in assets.VENDOR),
        "portal.css",
        "tokens.css",
        "portal.js",
        "theme.js",
        "favicon.svg",
    ],
)
def test_every_file_is_there_compressed_and_kept(client: Browser, app: Flask, name: str) -> None:
    with app.test_request_context():
        address = assets.asset(name)
    plain = client.get(address)
    squeezed = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert "immutable" in plain.headers["Cache-Control"]
    assert gzip.decompress(squeezed.data) == plain.data
    assert client.get(address, headers={"If-None-Match": plain.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "name",
    ["../factory.py", "vendor/../../package.json", "vendor/package.json", "%2e%2e/wsgi.py", "none.css", ""],
)
def test_no_other_file_is(client: Browser, name: str) -> None:
    assert client.get(f"/static/{name}").status_code in (403, 404)


def test_a_limit_counts_the_client_behind_the_proxy_that_is_trusted(
    own_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(dataclasses.replace(own_database.settings, trusted_proxies=1))
    for given, counted in (
        ("9.9.9.9, 203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
    ):
        seen = []
        monkeypatch.setattr(health, "_from_here", lambda seen=seen: seen.append(limits.client()) or True)
        app.test_client().get("/metrics", headers={"X-Forwarded-For": given})
        assert seen == [counted]


def test_too_many_tries_to_sign_in_are_told_to_wait(own_app: Flask) -> None:
    limits.limiter.enabled = True
    limits.limiter.reset()
    try:
        browser = own_app.test_client()
        token = browser.token()
        for _ in range(20):
            browser.post("/login", data={"csrf_token": token, "username": "", "password": ""})
        answer = browser.post(
            "/login", data={"csrf_token": token, "username": cast.OPERATOR, "password": cast.PASSWORD}
        )
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        limits.limiter.reset()
        limits.limiter.enabled = False


def test_https_asks_for_https_ever_after(own_database: Database) -> None:
    app = create_app(dataclasses.replace(own_database.settings, public_origin="https://q.example"))
    answer = app.test_client().get("/login", base_url="https://q.example")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
