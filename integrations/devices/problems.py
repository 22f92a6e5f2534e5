"""Errors as devices see them: RFC 9457 problem details with a stable `code`, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Blueprint, Response, g, request
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException

from integrations.devices.words import PROBLEMS, language
from tenants.errors import NotAllowed, NotFound, SignInNeeded, Unavailable

RETRY_SECONDS = 5
AWAY = (OperationalError, InterfaceError, InternalError, NoConnection, Unavailable)
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="devices"'}
_OF_STATUS = {400: "bad_request", 404: "not_found", 413: "too_large", 415: "unsupported_media_type"}

log = structlog.get_logger(__name__)


class Problem(Exception):
    """The call can't be answered; `code` is a key of words.PROBLEMS."""

    def __init__(self, code: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(code)
        self.code, self.headers, self.more = code, headers or {}, more


def problem(code: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> Response:
    """The problem details of a code; `more` are further members."""
    status, said = PROBLEMS[code]
    members = {"type": "about:blank", "title": said.in_(language(request)), "status": status, "code": code}
    body = {**members, "request_id": g.get("request_id", ""), **more}
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    response.headers.update(CHALLENGE if status == 401 else {})
    response.headers.update(headers or {})
    return response


def set_up(bp: Blueprint) -> None:
    """Every accident of this API has its answer; what nobody foresaw is the portal's business (500)."""
    bp.register_error_handler(Problem, lambda error: problem(error.code, headers=error.headers, **error.more))
    bp.register_error_handler(SignInNeeded, lambda _: problem("bad_token"))
    bp.register_error_handler(NotAllowed, lambda _: problem("not_allowed"))
    bp.register_error_handler(NotFound, lambda _: problem("not_found"))
    bp.register_error_handler(HTTPException, _http)
    for away in AWAY:
        bp.register_error_handler(away, _away)


def _http(error: HTTPException) -> Response | HTTPException:
    code = _OF_STATUS.get(error.code or 500)
    return error if code is None else problem(code)


def _away(error: Exception) -> Response:
    """The database is away, full or read-only: nothing was accepted, and the device keeps what it has."""
    log.error("device_call_failed", error=type(error).__name__)
    return problem("unavailable", headers={"Retry-After": str(RETRY_SECONDS)})
