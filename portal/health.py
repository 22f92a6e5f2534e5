"""Is it alive, is it ready, how much does it do: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable
from functools import cache
from ipaddress import ip_address

import redis
from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from sqlalchemy import text

from portal.inbox_metrics import INBOX
from tenants.cards.file import CardFile
from tenants.database import alembic_config
from tenants.errors import NotAllowed
from tenants.permissions import Permission, needs
from tenants.scope import relay_scope
from tenants.settings import Settings

bp = Blueprint("health", __name__)
REQUESTS = Counter("portal_requests", "Requests answered", ["endpoint", "method", "status"])
SECONDS = Histogram("portal_request_seconds", "Time to answer", ["endpoint"],
                    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10))  # fmt: skip
SECOND = 1.0


@bp.get("/healthz")
@needs(Permission.OPEN)
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
@needs(Permission.OPEN)
def ready() -> ResponseReturnValue:
    """200 when database, schema, Redis and the queue's workers are there; 503 and which one isn't otherwise."""
    found = {name: _holds(check) for name, check in CHECKS.items()}
    fine = all(found.values())
    response = jsonify(
        status="ok" if fine else "not_ready", **{name: "ok" if ok else "away" for name, ok in found.items()}
    )
    response.status_code = 200 if fine else 503
    if not fine:
        response.headers["Retry-After"] = "5"
    return response


@bp.get("/metrics")
@needs(Permission.METRICS_READ)
def metrics() -> ResponseReturnValue:
    """Prometheus text, for this machine or for whoever has the token."""
    settings: Settings = current_app.extensions["settings"]
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), metrics_token(settings).encode()) and not _from_here():
        raise NotAllowed
    figures = generate_latest(_registry()) + generate_latest(INBOX) + _cards(settings)
    return Response(figures, content_type=CONTENT_TYPE_LATEST)


def _cards(settings: Settings) -> bytes:
    """How old the citizens' card file is, opened anew because another may lie there; nothing where there is none."""
    cards, registry = CardFile(settings.cards_path), CollectorRegistry()
    age = cards.age()
    cards.close()
    if age is not None:
        Gauge("public_cards_age_seconds", "Since the card file was confirmed", registry=registry).set(age)
    return generate_latest(registry)


def metrics_token(settings: Settings) -> str:
    """The token that opens /metrics from elsewhere."""
    return settings.derived_secret("metrics")


def _registry() -> CollectorRegistry:
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    return registry


def _from_here() -> bool:
    try:
        return ip_address(request.remote_addr or "").is_loopback and "X-Forwarded-For" not in request.headers
    except ValueError:
        return False


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:
        return False


def _database() -> bool:
    with relay_scope() as session:
        return session.scalar(text("SELECT 1")) == 1


def _schema() -> bool:
    with relay_scope() as session:
        return session.scalar(text("SELECT version_num FROM gas.alembic_version")) == _head()


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(alembic_config()).get_current_head()


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=SECOND, socket_connect_timeout=SECOND)


def _redis() -> bool:
    return bool(_client(current_app.extensions["settings"].redis_url).ping())


def _queue() -> bool:
    """At least one worker is registered and its sign of life hasn't run out."""
    client = _client(current_app.extensions["settings"].redis_url)
    return any(client.exists(key) for key in client.smembers("rq:workers"))


CHECKS = {"database": _database, "schema": _schema, "redis": _redis, "queue": _queue}


def set_up(app: Flask) -> None:
    """Count and time every answer."""
    app.register_blueprint(bp)
    app.after_request(_count)


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method if request.endpoint else "-", response.status_code).inc()
    if "began" in g:
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.began)
    return response
