"""What is going on, one JSON line an event on stderr, without names, addresses or codes. Every answer carries its request's number."""

from __future__ import annotations

import secrets
import time

import structlog
from flask import Flask, Response, g, request

from tenants.logs import configure

__all__ = ["configure", "set_up"]

log = structlog.get_logger("portal.requests")
QUIET = frozenset({"static", "health.alive", "health.ready", "health.metrics"})


def set_up(app: Flask) -> None:
    """Number and time every request."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id, g.began = secrets.token_hex(8), time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers["X-Request-ID"] = g.request_id
    if request.endpoint not in QUIET:
        actor = g.get("actor")
        log.info("request", method=request.method, endpoint=request.endpoint, status=response.status_code,
                 ms=round((time.perf_counter() - g.began) * 1000, 1), role=actor.role.value if actor else None,
                 tenant=actor.tenant_id if actor else None)  # fmt: skip
    return response
